/** How what a person's river has decided gets into the store: rows and mark after each turn of the loop, the whole state from time to time. */

import type { OutboxItem } from "../../device-drivers/contract/event.ts";
import type { PersonCommit, Watermark } from "../store/store-port.ts";
import { type Decided, rowsOf } from "./decide.ts";
import type { PersonRun } from "./person-run.ts";
import type { PipelineOptions } from "./pipeline-options.ts";
import { type Reader, type RunState, toBytes } from "./snapshot.ts";

/** How often a person's whole state is kept. Recovery feeds at most this much of the journal again. */
const snapshotUs = 300_000_000;
/** How often it is kept while the journal refuses: no mark may run further ahead of what a restart can read. */
const unreadSnapshotUs = 10_000_000;

export interface Keeping {
  /** What is pending, as one transaction; an alert in it, or `urgent`, makes the store write at once. */
  commit(run: PersonRun, more?: { readonly outbox?: readonly OutboxItem[]; readonly urgent?: boolean }): Promise<void>;
  /** The state goes with the next commit. */
  keep(run: PersonRun): void;
  /** `isTurn`: the journal begins to refuse a channel of theirs, or takes it again. */
  keepWhenDue(run: PersonRun, nowUs: number, isUnread: boolean, isTurn: boolean): void;
  /** Resolves when the state is on the disk: what it makes dispensable may be dropped then. */
  keepNow(run: PersonRun): Promise<void>;
}

interface KeepingOptions extends Pick<PipelineOptions, "store" | "listener"> {
  readonly readerOf: (person: string) => Reader;
  /** Runs the work and tells what it throws. */
  readonly contained: (work: () => void) => void;
}

export function createKeeping({ store, listener, readerOf, contained }: KeepingOptions): Keeping {
  /** Everything settled in this turn of the loop is one commit; an alert in it makes the store write at once. */
  const commit = (run: PersonRun, more: { outbox?: OutboxItem[]; urgent?: boolean } = {}): Promise<void> => {
    const pending = run.pending;
    run.pending = [];
    const last = pending[pending.length - 1];
    const { snapshot } = run;
    run.snapshot = undefined;
    if (last === undefined && snapshot === undefined && more.outbox === undefined) return Promise.resolve();
    const present = pending.filter(({ isPast }) => isPast !== true);
    const changes = present.flatMap((decided) => decided.changes);
    const events = present.flatMap((decided) => decided.events);
    const rows = rowsOf(pending);
    const row: PersonCommit = {
      person: run.id,
      ...(last === undefined ? {} : { mark: markOf(run, last) }),
      ...(snapshot === undefined ? {} : { snapshot }),
      ...rows,
      outbox: [...rows.outbox, ...(more.outbox ?? [])],
    };
    if (events.length > 0) listener.onEvents(run.id, events);
    if (rows.stripsDue.length > 0) listener.onStripsDue(rows.stripsDue);
    const stored = store.commit(row, more.urgent ?? changes.length > 0);
    // The store keeps what the disk refused and tries it again first; the alarm does not wait for that.
    return stored.catch(listener.onStoreError).then(() => {
      if (changes.length > 0) listener.onAlert(changes);
    });
  };

  /** `done` is called whatever happens: a state that cannot be kept is told, and the one before stays. */
  const keep = (run: PersonRun, done?: () => void) => {
    let isUnderway = false;
    contained(() => {
      const drivers = run.drivers.state();
      const { position, takenUs, stamps } = run;
      run.river.checkpoint((person) => {
        contained(() => {
          const state: RunState = { takenUs, ...(stamps === undefined ? {} : { stamps }), person, decider: run.decider.state(), drivers };
          run.snapshot = { position, ordinal: person.ordinal, bytes: toBytes(state, readerOf(run.id)) };
          if (done === undefined && run.pending.length === 0) queueMicrotask(() => commit(run));
        });
        done?.();
      });
      isUnderway = true;
    });
    if (!isUnderway) done?.();
  };

  const keepWhenDue = (run: PersonRun, nowUs: number, isUnread: boolean, isTurn: boolean) => {
    const sinceUs = run.snapshotAtUs === 0 ? 0 : nowUs - run.snapshotAtUs;
    const isDue = isTurn || sinceUs >= (isUnread || run.hasUnread ? unreadSnapshotUs : snapshotUs);
    if (isDue) keep(run);
    if (isDue || run.snapshotAtUs === 0) run.snapshotAtUs = nowUs;
    run.hasUnread = isUnread || (run.hasUnread && !isDue);
  };

  return {
    commit,
    keep,
    keepWhenDue,
    keepNow: (run) => new Promise((resolve) => keep(run, () => resolve((async () => commit(run, { urgent: true }))()))),
  };
}

/** The newest record that came before the last decided item is what a restart need not feed again for it. */
function markOf(run: PersonRun, last: Pick<Decided, "ordinal" | "releasedUs">): Watermark {
  for (let next = run.taken[0]; next !== undefined && next.timeUs <= last.releasedUs; next = run.taken[0]) {
    run.markPosition = next.position;
    run.taken.shift();
  }
  return { ordinal: last.ordinal, timeUs: last.releasedUs, position: run.markPosition };
}
