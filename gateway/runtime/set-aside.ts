/** What is done with a file that can't be read: it is moved beside itself, never deleted, and a sentence tells it. */

import { existsSync, renameSync } from "node:fs";

/**
 * Renames `file` to `file.damaged`, or `.damaged-2`, … where that is taken.
 *
 * @param then what was done instead, and what the operator may do.
 * @returns the sentence that tells it.
 */
export function setAside(file: string, then: string): string {
  let aside = `${file}.damaged`;
  for (let n = 2; existsSync(aside); n++) aside = `${file}.damaged-${n}`;
  renameSync(file, aside);
  return `${file} was damaged and stands aside as ${aside}; ${then}`;
}
