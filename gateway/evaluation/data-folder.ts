/** Finds the recordings of a data set in the folders that people bring. Whatever stands there counts; nothing has to. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";

export interface DataRecord {
  /** Set and name as manifests write them: "mitdb/205". */
  readonly id: string;
  readonly name: string;
  readonly set: string;
  /** Path without extension. */
  readonly path: string;
  readonly files: ReadonlySet<string>;
}

/** The test half of MIT-BIH as de Chazal splits it, and the paced records (models.md §1.2); lists only intersect with what is there. */
export const ds2 = new Set("100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234".split(" "));
export const paced = new Set("102 104 107 217".split(" "));

/** Records of `set` (a folder such as "ecg/mitdb") over all `--data` folders, by name; a folder that is missing adds nothing. */
export async function recordsOf(dirs: readonly string[], set: string, only?: ReadonlySet<string>): Promise<DataRecord[]> {
  const found = new Map<string, DataRecord>();
  for (const dir of dirs) {
    const folder = join(dir, set);
    const files = await readdir(folder).catch(() => [] as string[]);
    for (const file of files) {
      if (!file.endsWith(".hea")) continue;
      const name = file.slice(0, -".hea".length);
      if (found.has(name) || (only !== undefined && !only.has(name))) continue;
      const extensions = new Set(files.filter((other) => other.startsWith(`${name}.`)).map((other) => other.slice(name.length + 1)));
      const short = set.split("/").at(-1) ?? set;
      found.set(name, { id: `${short}/${name}`, name, set: short, path: join(folder, name), files: extensions });
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
