/** Lines of a text file, plain or packed with gzip: neither the file nor what it unpacks to is ever whole in memory. */

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { GatewayError } from "../../device-drivers/contract/error.ts";

/** Bytes of text: an hour of a body at 120 frames a second is half of it. A small packed file may hold any number of them. */
const mostTextBytes = 2 ** 30;
/** Characters. A frame of a recording has some thousands. */
const longestLine = 1 << 20;

/**
 * As many lines at once as a piece of the file holds, the last of the file even where nothing ends it.
 * Throws `recording.not_found`, `recording.too_large` (operator), `recording.damaged` (world; what is packed breaks off or is no gzip); each names the file.
 */
export async function* textLines(path: string, mostBytes = mostTextBytes): AsyncGenerator<readonly string[]> {
  const fields = { file: path };
  const tooLarge = (what: string) => new GatewayError("recording.too_large", "operator", `${path}: ${what}`, { fields });
  const decoder = new TextDecoder();
  let bytes = 0;
  let rest = "";
  for await (const piece of pieces(path)) {
    bytes += piece.length;
    if (bytes > mostBytes) throw tooLarge(`more than ${mostBytes} bytes of text`);
    const lines = (rest + decoder.decode(piece, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? "";
    if (rest.length > longestLine) throw tooLarge(`a line of more than ${longestLine} characters`);
    yield lines;
  }
  yield [rest + decoder.decode()];
}

async function* pieces(path: string): AsyncGenerator<Uint8Array> {
  const file = await openFile(path);
  const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
  const isPacked = bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  const stored = file.createReadStream({ start: 0 });
  if (!isPacked) return yield* stored;
  const unpacked = createGunzip();
  stored.on("error", (error) => unpacked.destroy(error));
  try {
    yield* stored.pipe(unpacked);
  } catch (cause) {
    throw new GatewayError("recording.damaged", "world", `${path}: what is packed in it breaks off or is damaged`, {
      cause,
      fields: { file: path },
    });
  } finally {
    stored.destroy();
    unpacked.destroy();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    // A pipe would wait here for its other end for ever.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    throw new TypeError("not a file");
  } catch (cause) {
    throw new GatewayError("recording.not_found", "operator", `${path}: cannot be read`, { cause, fields: { file: path } });
  }
}
