/**
 * Who is to be erased: a file for each, written before anything is deleted and removed when nothing is owed any more. Whoever opens the home next goes on
 * with it, so that a kill at any moment only delays it.
 */

import { join } from "node:path";
import { openJsonFolder } from "./json-folder.ts";

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

/** Those of one data folder. */
export function openLeavings(dataDir: string): Leavings {
  const files = openJsonFolder<Leaving>(join(dataDir, "leaving"));
  return {
    all: () => files.all().sort((a, b) => a.decidedAt.localeCompare(b.decidedAt)),
    put: (leaving) => files.put(leaving.receipt, leaving),
    remove: files.remove,
  };
}
