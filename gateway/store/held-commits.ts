/** Keeps what a full disk refuses small in memory: it may stay full for days, and a person's river commits several times a second. */

import type { PersonEvent } from "../../device-drivers/contract/event.ts";
import type { PersonCommit } from "./store-port.ts";

export interface HeldCommit {
  commit: PersonCommit;
  /** Its commit has been answered: with the refusal. */
  readonly isTold: boolean;
  /** Commits that have become this one. */
  count: number;
}

/** One that can never be written is dropped as a whole: it takes no more than so many others along. */
const mostFolded = 1000;

/**
 * What remains of `waiting`, in order: refused commits that hold no more than events, mark and snapshot become one with the person's commit before, and
 * of all snapshots only each person's newest stays.
 */
export function foldHeld<T extends HeldCommit>(waiting: readonly T[]): T[] {
  const last = new Map<string, T>();
  const folded: T[] = [];
  for (const entry of waiting) {
    const { commit } = entry;
    const before = last.get(commit.person);
    if (before !== undefined && before.count < mostFolded && isPlain(before) && isPlain(entry)) {
      before.commit = together(before.commit, commit);
      before.count += entry.count;
      continue;
    }
    last.set(commit.person, entry);
    folded.push(entry);
  }
  keepNewestSnapshots(folded);
  return folded;
}

function isPlain({ isTold, commit }: HeldCommit): boolean {
  const { alerts = [], outbox = [], stripsDue = [], stripsDone = [], audit = [], values = [] } = commit;
  return isTold && [alerts, outbox, stripsDue, stripsDone, audit, values].every((rows) => rows.length === 0);
}

function together(before: PersonCommit, next: PersonCommit): PersonCommit {
  const mark = next.mark ?? before.mark;
  const snapshot = next.snapshot ?? before.snapshot;
  const events: readonly PersonEvent[] = [...(before.events ?? []), ...(next.events ?? [])];
  return { person: next.person, events, ...(mark === undefined ? {} : { mark }), ...(snapshot === undefined ? {} : { snapshot }) };
}

function keepNewestSnapshots(waiting: readonly HeldCommit[]): void {
  const seen = new Set<string>();
  for (const entry of waiting.toReversed()) {
    const { snapshot, ...rest } = entry.commit;
    if (snapshot !== undefined && seen.has(rest.person)) entry.commit = rest;
    if (snapshot !== undefined) seen.add(rest.person);
  }
}
