/** Deletes all that a store has of a person who has left. Alone with the file: while it runs nobody else has the store open. */

import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ErasedRows, LeavingPerson } from "./erase-rows.ts";
import { isSetAside } from "./open-file.ts";
import { openStoreCore } from "./store-core.ts";

/** Opens the store of `dir`, erases, and closes it. `damaged` has what was lost when it was opened. Throws as `openStore`; a second call finishes what a crash left of the first. */
export function erasePerson(dir: string, leaving: LeavingPerson): ErasedRows & { readonly damaged: readonly string[] } {
  const core = openStoreCore({
    dir,
    maxOutboxBytes: Number.POSITIVE_INFINITY,
    epochBytes: () => randomBytes(8),
    openedWallUs: leaving.wallUs,
  });
  try {
    const erased = core.erase(leaving);
    // Of a file that can't be read no part can be deleted.
    const aside = readdirSync(dir).filter(isSetAside);
    for (const name of aside) rmSync(join(dir, name));
    return { ...erased, damaged: core.opened.damaged, counts: { ...erased.counts, "damaged databases": aside.length } };
  } finally {
    core.calls.close();
  }
}
