/** A private folder with a JSON file for each record. */

import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writePrivateFile } from "../runtime/private-file.ts";

interface JsonFolder<T> {
  /** By name of the file. */
  all(): T[];
  /** The folder is made with the first. */
  put(name: string, record: T): void;
  remove(name: string): void;
}

/** @param indent spaces of each level, for files that people read */
export function openJsonFolder<T>(folder: string, indent?: number): JsonFolder<T> {
  const fileOf = (name: string) => join(folder, `${name}.json`);
  return {
    all: () =>
      namesIn(folder)
        .filter((name) => name.endsWith(".json"))
        .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as T),
    put(name, record) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writePrivateFile(fileOf(name), `${JSON.stringify(record, null, indent)}\n`);
    },
    remove: (name) => rmSync(fileOf(name), { force: true }),
  };
}

/** None where there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
