/** What stands behind a PATH of `hearth replay`: a record, a journal, a capture, or a device's bytes. */

import { open, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { loadConfig } from "../config/load.ts";
import { type DriverOf, loadDriver, loadDrivers } from "../ingest/load-drivers.ts";
import { readCapture, readJournalFolder } from "../journal/capture-file.ts";
import type { JournalRecord } from "../journal/journal-port.ts";
import { isMotionFile, readMotionFile } from "../recordings/motion-file.ts";
import { deviceBytes, keptChunks } from "../replay/chunk-source.ts";
import { type MotionOptions, motionSource } from "../replay/motion-source.ts";
import { type RecordOptions, recordSource } from "../replay/record-source.ts";
import type { ReplaySource } from "../replay/source.ts";

interface OpenOptions extends RecordOptions, Pick<MotionOptions, "placements"> {
  readonly driver?: string;
}

/** One source, or one per lane of a journal. Throws `recording.*`, `journal.*`, `config.*`, `use.driver`; each message names the path. */
export async function openSources(path: string, options: OpenOptions): Promise<ReplaySource[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return journalSources(path, options);
  if (found?.isFile() && (await isCapture(path))) return [await kept(nameOf(path), readCapture(path), options)];
  if (options.driver === undefined) {
    if (isMotionFile(path)) return [motionSource(nameOf(path), await readMotionFile(path), options)];
    if (found?.isFile() && !/\.(hea|dat|mat)$/i.test(path)) throw unsupported(path);
    return [await recordSource(path, options)];
  }
  const driver = await loadDriver(options.driver);
  const bytes = await readFile(path).catch((cause) => {
    throw new GatewayError("recording.not_found", "operator", `${path}: cannot be read`, { cause, fields: { file: path } });
  });
  return [deviceBytes({ name: nameOf(path), bytes, driver, span: options })];
}

function nameOf(path: string): string {
  return basename(path)
    .replace(/(?<=.)\.gz$/i, "")
    .replace(/(?<=.)\.[^.]+$/, "");
}

function unsupported(path: string): GatewayError {
  const read =
    "WFDB records (NAME.hea with NAME.dat or NAME.mat; formats 16, 24, 80, 212 and MATLAB v4) and folders of them, motion recordings (NAME.bvh, also packed as NAME.bvh.gz), journal folders, captures, and with --driver the bytes of a device";
  return new GatewayError("recording.unsupported", "operator", `${path}: no recording of a kind that is read. These are: ${read}.`, {
    fields: { file: path },
  });
}

/** The journal's own format (journal/segment-format.ts). */
const captureMagic = "HEARTHJ";

async function isCapture(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(captureMagic.length), 0, captureMagic.length, 0);
    return buffer.toString("latin1", 0, bytesRead) === captureMagic;
  } finally {
    await file.close();
  }
}

async function journalSources(path: string, options: OpenOptions): Promise<ReplaySource[]> {
  const dir = resolve(path);
  // Keys lie beside the journal: `…/journal` and `…/keys`; PATH may be one lane of it.
  const isLane = basename(dirname(dir)) === "journal" && basename(dir) !== "journal";
  const home = dirname(isLane ? dirname(dir) : dir);
  const settings = await settingsOf(home);
  const sources: ReplaySource[] = [];
  for (const { lane, read } of lanesOf(dir, join(home, "keys"))) sources.push(await kept(lane, read(), { ...options, settings }));
  return sources;
}

function lanesOf(dir: string, keysDir: string) {
  try {
    return readJournalFolder(dir, keysDir);
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError("journal.format", "operator", `${dir}: there are no records (NAME.hea) in it, and it is no journal folder`, {
      cause,
      fields: { dir },
    });
  }
}

/** Only the devices' drivers are wanted. Whatever a home has as a secret is replaced by something that passes for an address as well as for a token. */
const noSecret = "https://secret.invalid/not-read-for-a-replay";

async function settingsOf(home: string): Promise<DriverOf | undefined> {
  const file = join(home, "hearth.yaml");
  const isThere = await stat(file).catch(() => undefined);
  return isThere === undefined ? undefined : loadDrivers(loadConfig(file, { env: {}, secret: () => noSecret }).devices);
}

/** A device's driver is the one that the home's settings name; without settings `--driver` decodes byte streams, and messages are Hearth Stream. */
async function kept(
  name: string,
  records: AsyncIterable<JournalRecord>,
  { driver, settings, ...span }: OpenOptions & { settings?: DriverOf | undefined },
): Promise<ReplaySource> {
  const messages = await loadDriver("hearth-stream");
  const bytes = driver === undefined ? messages : await loadDriver(driver);
  const sendsBytes = new Set<string>();
  async function* chunks(): AsyncGenerator<Chunk> {
    for await (const { chunk } of records) {
      if (chunk.channel === "") sendsBytes.add(chunk.device);
      yield chunk;
    }
  }
  const driverOf: DriverOf = settings ?? ((device) => ({ driver: sendsBytes.has(device) ? bytes : messages, options: {} }));
  return keptChunks({ name, person: name, driverOf }, chunks(), span);
}
