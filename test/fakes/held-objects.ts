/** What a program holds, by kind of object, as V8's own snapshot of the heap has it. Compiled code is left out: more of it comes for hours, and it goes as well. */

import { readFileSync } from "node:fs";
import { writeHeapSnapshot } from "node:v8";
import { collectGarbage } from "./garbage.ts";

/** Into a file, and read only when both are there: what is known of the first must not be found in the second. */
export async function takeSnapshot(path: string): Promise<void> {
  await collectGarbage();
  writeHeapSnapshot(path);
}

/** Bytes by which objects grew between two snapshots; `most` names the kinds that grew most, one a line. */
export function grown(beforePath: string, afterPath: string): { readonly bytes: number; readonly most: string } {
  const before = bytesOfKinds(beforePath);
  const after = bytesOfKinds(afterPath);
  const kinds = [...new Set([...before.keys(), ...after.keys()])]
    .map((kind) => ({ kind, bytes: (after.get(kind) ?? 0) - (before.get(kind) ?? 0) }))
    .sort((a, b) => b.bytes - a.bytes);
  const most = kinds.slice(0, 10).map(({ kind, bytes }) => `${bytes} ${kind.slice(0, 80)}`);
  return { bytes: kinds.reduce((sum, { bytes }) => sum + bytes, 0), most: most.join("\n") };
}

/** The part of a snapshot that is read here. */
interface Snapshot {
  readonly snapshot: { readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly [readonly string[]] } };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

const leftOut = new Set(["code", "hidden", "object shape", "synthetic"]);
/** Their names are their contents. */
const values = new Set(["string", "concatenated string", "sliced string", "number", "bigint", "symbol"]);

function bytesOfKinds(path: string): Map<string, number> {
  const { snapshot, nodes, strings } = JSON.parse(readFileSync(path, "utf8")) as Snapshot;
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [typeAt, nameAt, sizeAt] = ["type", "name", "self_size"].map((field) => fields.indexOf(field)) as [number, number, number];
  const bytes = new Map<string, number>();
  for (let at = 0; at < nodes.length; at += fields.length) {
    const type = types[0][nodes[at + typeAt] ?? 0] ?? "";
    if (leftOut.has(type)) continue;
    const kind = values.has(type) ? type : `${type} ${strings[nodes[at + nameAt] ?? 0]}`;
    bytes.set(kind, (bytes.get(kind) ?? 0) + (nodes[at + sizeAt] ?? 0));
  }
  return bytes;
}
