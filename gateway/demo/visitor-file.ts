/** A recording that a visitor uploads: kept in a folder of the demo, read as any WFDB record, gone with the demo. */

import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import { readRecord, type WfdbRecord } from "../recordings/wfdb.ts";

export interface UploadedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Throws `demo.no_header` (operator) with the way out, and `recording.*` for what cannot be read. */
export async function readVisitorFile(files: readonly UploadedFile[], folder: string): Promise<WfdbRecord> {
  const header = files.find(({ name }) => name.toLowerCase().endsWith(".hea"));
  if (header === undefined)
    throw new GatewayError("demo.no_header", "operator", "Choose a WFDB record: its .hea file together with its .dat (or .mat) file.");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const { name, bytes } of files) await writeFile(join(folder, basename(name)), bytes, { mode: 0o600 });
  try {
    return await readRecord(join(folder, basename(header.name).replace(/\.hea$/i, "")));
  } catch (thrown) {
    const { message } = toGatewayError(thrown);
    throw new GatewayError("demo.bad_recording", "operator", message.replaceAll(`${folder}/`, ""));
  }
}
