/** The class that a data set gives each of its recordings as a whole: `REFERENCE.csv` beside them, a line `name,class` each (CinC 2017). */

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DataRecord } from "./data-folder.ts";

/** By id of the record; those without a class are not in it. */
export async function classesOf(records: readonly DataRecord[]): Promise<ReadonlyMap<string, string>> {
  const byFolder = new Map<string, ReadonlyMap<string, string>>();
  for (const folder of new Set(records.map(({ path }) => dirname(path)))) byFolder.set(folder, await readClasses(folder));
  return new Map(
    records.flatMap(({ id, name, path }) => {
      const own = byFolder.get(dirname(path))?.get(name);
      return own === undefined ? [] : [[id, own] as const];
    }),
  );
}

async function readClasses(folder: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(folder, "REFERENCE.csv"), "utf8").catch(() => "");
  const rows = text.split(/\r?\n/).map((line) => line.split(",").map((cell) => cell.trim()));
  return new Map(rows.flatMap(([name, own]) => (name && own ? [[name, own] as const] : [])));
}
