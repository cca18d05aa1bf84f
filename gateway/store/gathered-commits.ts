/**
 * Commits that wait for their group anyway go to the store's core together: a message between threads costs as much as what it carries. They keep their order,
 * and nothing overtakes them.
 */

import type { PersonCommit } from "./store-port.ts";

export interface NumberedCommit {
  readonly id: number;
  readonly commit: PersonCommit;
}

interface GatheredCommits {
  /** True where it may wait; otherwise it is to be sent, after those that wait. */
  add(entry: NumberedCommit, isUrgent: boolean): boolean;
  /** Those that wait, in order. */
  take(): NumberedCommit[];
}

/** `onReplaced`: the mark of the commit `before` was replaced by a newer one, and it is settled with the commit `by`. */
export function createGatheredCommits(onReplaced: (before: number, by: number) => void): GatheredCommits {
  let waiting: NumberedCommit[] = [];
  /** The newest of each person, where it holds no more than a mark: its place among `waiting`. */
  const markAt = new Map<string, number>();

  return {
    add(entry, isUrgent) {
      const { commit } = entry;
      if (isUrgent || !isPlain(commit)) return false;
      const at = markAt.get(commit.person);
      const before = at === undefined ? undefined : waiting[at];
      if (at !== undefined && before !== undefined && commit.mark !== undefined) {
        waiting[at] = entry;
        onReplaced(before.id, entry.id);
      } else waiting.push(entry);
      const isMark = commit.mark !== undefined && (commit.events?.length ?? 0) === 0;
      if (!isMark) markAt.delete(commit.person);
      else if (at === undefined || before === undefined) markAt.set(commit.person, waiting.length - 1);
      return true;
    },
    take() {
      const taken = waiting;
      waiting = [];
      markAt.clear();
      return taken;
    },
  };
}

const isEmpty = (rows: readonly unknown[] | undefined) => rows === undefined || rows.length === 0;

/** Nothing but events and a mark: nobody but a restart and the record asks for them. */
function isPlain({ snapshot, alerts, outbox, stripsDue, stripsDone, audit, values }: PersonCommit): boolean {
  return snapshot === undefined && [alerts, outbox, stripsDue, stripsDone, audit, values].every(isEmpty);
}
