/** The WFDB records in a folder and below it, as people have them: by their header files, with what lies beside each. */

import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

export interface FolderRecord {
  readonly name: string;
  /** Path without extension. */
  readonly path: string;
  /** Extensions of the files of its name beside it: "hea", "dat", "atr" … */
  readonly extensions: ReadonlySet<string>;
}

/** A folder of databases has some thousands; beyond this somebody has named a whole disk. */
const maxRecords = 20_000;

/** By path; none where the folder is not there. Folders whose name begins with a dot are passed over. */
export async function recordsBelow(dir: string): Promise<FolderRecord[]> {
  const names = await readdir(dir, { recursive: true }).catch(() => [] as string[]);
  const seen = names.filter((name) => !name.split("/").some((part) => part.startsWith(".")));
  const extensionsByPath = new Map<string, Set<string>>();
  for (const name of seen) {
    const at = basename(name).lastIndexOf(".");
    if (at <= 0) continue;
    const path = join(dir, dirname(name), basename(name).slice(0, at));
    const known = extensionsByPath.get(path) ?? new Set<string>();
    extensionsByPath.set(path, known.add(basename(name).slice(at + 1)));
  }
  return [...extensionsByPath]
    .filter(([, extensions]) => extensions.has("hea"))
    .slice(0, maxRecords)
    .map(([path, extensions]) => ({ name: basename(path), path, extensions }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
