/** Finds the recordings of a data set in the folders that people bring. Whatever stands there counts; nothing has to. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type FolderRecord, recordsBelow } from "../recordings/record-folder.ts";

export interface DataRecord {
  /** Set and name as manifests write them: "mitdb/205". */
  readonly id: string;
  readonly name: string;
  readonly set: string;
  /** Path without extension. */
  readonly path: string;
  readonly files: ReadonlySet<string>;
}

/** Folders of a data folder that is ordered by sets. */
const sections: ReadonlySet<string> = new Set(["ecg", "ppg", "motion"]);

/** The test half of MIT-BIH as de Chazal splits it, and the paced records (models.md §1.2); lists only intersect with what is there. */
export const ds2 = new Set("100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234".split(" "));
export const paced = new Set("102 104 107 217".split(" "));

/**
 * Records of `set` (a folder such as "ecg/mitdb") over all `--data` folders, by name; a folder that is missing adds nothing. A folder without that set
 * is taken as people have it, with its records anywhere below: whose they are is told by their names, as the models' lists of what they have learnt do.
 */
export async function recordsOf(dirs: readonly string[], set: string, only?: ReadonlySet<string>): Promise<DataRecord[]> {
  const found = new Map<string, DataRecord>();
  const short = set.split("/").at(-1) ?? set;
  for (const dir of dirs) {
    const ordered = await recordsBelow(join(dir, set));
    for (const { name, path, extensions } of ordered.length > 0 ? ordered : await loose(dir)) {
      if (found.has(name) || (only !== undefined && !only.has(name))) continue;
      found.set(name, { id: `${short}/${name}`, name, set: short, path, files: extensions });
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** None in a folder that is ordered by sets: what it has of another set is not wanted here. */
async function loose(dir: string): Promise<FolderRecord[]> {
  const isOrdered = (await readdir(dir).catch(() => [] as string[])).some((name) => sections.has(name));
  return isOrdered ? [] : recordsBelow(dir);
}
