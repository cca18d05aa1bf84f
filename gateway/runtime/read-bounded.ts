/** Reads a whole file whose size is looked at first: nothing of a file that is too large is ever in memory. */

import { constants } from "node:fs";
import { open } from "node:fs/promises";

/**
 * The bytes of a regular file of at most `maxBytes`, or how many it has where it is larger. It grows no further while it is read. Throws what the system
 * says where it can't be opened; a folder, a pipe or a device is "not a file".
 */
export async function readBounded(path: string | URL, maxBytes: number): Promise<Buffer | { readonly tooLargeBytes: number }> {
  // A pipe would wait here for its other end for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new TypeError("not a file");
    if (found.size > maxBytes) return { tooLargeBytes: found.size };
    const bytes = Buffer.alloc(found.size);
    for (let at = 0; at < found.size; ) {
      const { bytesRead } = await file.read(bytes, at, found.size - at, at);
      if (bytesRead === 0) return bytes.subarray(0, at);
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
