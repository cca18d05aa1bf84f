/**
 * Who is to be erased: a file for each, written before anything is deleted and removed when nothing is owed any more. Whoever opens the home next goes on
 * with it, so that a kill at any moment only delays it.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writePrivateFile } from "../runtime/private-file.ts";

export interface Leaving {
  /** Names the receipt; nothing of a person in it. */
  readonly receipt: string;
  readonly person: string;
  /** What people call them. */
  readonly name: string;
  /** ISO 8601. */
  readonly decidedAt: string;
  /** What has been found so far, by what it is: kept over a kill. */
  readonly found: Readonly<Record<string, number>>;
  /** The outbox row that asks the twin, once everything at home is erased. */
  readonly owed?: { readonly id: number; readonly epoch: string };
}

interface Leavings {
  /** The oldest first. */
  all(): Leaving[];
  put(leaving: Leaving): void;
  remove(receipt: string): void;
}

/** Those of one data folder. The folder is made with the first. */
export function openLeavings(dataDir: string): Leavings {
  const folder = join(dataDir, "leaving");
  const fileOf = (receipt: string) => join(folder, `${receipt}.json`);
  return {
    all() {
      const names = namesIn(folder).filter((name) => name.endsWith(".json"));
      return names
        .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Leaving)
        .sort((a, b) => a.decidedAt.localeCompare(b.decidedAt));
    },
    put(leaving) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writePrivateFile(fileOf(leaving.receipt), `${JSON.stringify(leaving)}\n`);
    },
    remove: (receipt) => rmSync(fileOf(receipt), { force: true }),
  };
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
