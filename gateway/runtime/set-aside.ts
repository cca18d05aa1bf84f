/** What is done with a file that can't be read: it is moved beside itself, never deleted, and a sentence tells it. */

import { existsSync, renameSync } from "node:fs";

/**
 * Renames `file` to `file.damaged`, or `.damaged-2`, … where that is taken.
 *
 * @param then what was done instead, and what the operator may do.
 * @param move how it is renamed.
 * @returns the sentence that tells it.
 */
export function setAside(file: string, then: string, move: (from: string, to: string) => void = renameSync): string {
  let aside = `${file}.damaged`;
  for (let n = 2; existsSync(aside); n++) aside = `${file}.damaged-${n}`;
  move(file, aside);
  return `${file} was damaged and stands aside as ${aside}; ${then}`;
}
