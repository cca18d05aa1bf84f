/** A whole home in one file: paths and bytes, and beside them what was in it when it was packed. */

import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import type { Left } from "./what-is-left.ts";

export interface PackedHome extends Left {
  /** Of the devices' accounts. */
  readonly passwords: Readonly<Record<string, string>>;
}

export function packHome(files: ReadonlyMap<string, Uint8Array>, had: PackedHome): Uint8Array {
  return brotliCompressSync(serialize({ files, had }));
}

/** Writes the home into `folder` and returns what was in it. */
export function unpackHome(packed: Uint8Array, folder: string): PackedHome {
  const { files, had } = deserialize(brotliDecompressSync(packed)) as { files: Map<string, Uint8Array>; had: PackedHome };
  for (const [file, bytes] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, file), bytes, { mode: 0o600 });
  }
  ownOutbox(folder);
  return had;
}

/** To a gateway a copied `outbox.epoch` means a restored copy, which begins a new epoch; the folder of an upgrade is the one that it was. */
export function ownOutbox(folder: string): void {
  const file = join(folder, "store", "outbox.epoch");
  const lineage = readFileSync(file, "latin1");
  writeFileSync(file, lineage.replace(/ \d+:\d+\n$/, ` ${statSync(file).ino}:0\n`));
}
