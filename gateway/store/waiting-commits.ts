/** The commits that wait for the disk: which go together, which are told what became of them, and which are kept because the disk refuses them. */

import type { GatewayError } from "../../device-drivers/contract/error.ts";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { toStoreError } from "./database.ts";
import { foldHeld, type HeldCommit } from "./held-commits.ts";
import type { PersonCommit } from "./store-port.ts";

export type Synchronous = "FULL" | "NORMAL";

interface Settled {
  readonly id: number;
  readonly error?: GatewayError;
}

interface Waiting extends HeldCommit {
  readonly id: number;
  isTold: boolean;
}

/** `write` takes a group as one transaction, or throws and has written nothing. */
export function createWaitingCommits(write: (commits: readonly PersonCommit[], synchronous: Synchronous) => void) {
  let waiting: Waiting[] = [];
  let settled: Settled[] = [];

  function settle(group: readonly Waiting[], error?: GatewayError): void {
    for (const entry of group) {
      if (!entry.isTold) settled.push(error === undefined ? { id: entry.id } : { id: entry.id, error });
      entry.isTold = true;
    }
  }

  /**
   * Writes what waits as one transaction. What the disk refuses is told and kept, and goes first next time; a group with something that can never
   * be written (a bug) is written commit by commit, and only that one is told and dropped.
   */
  function flush(synchronous: Synchronous): GatewayError | undefined {
    const error = tryWrite(waiting, synchronous);
    if (error?.kind !== "bug") {
      waiting = error === undefined ? [] : foldHeld(waiting);
      return error;
    }
    const group = waiting;
    waiting = [];
    let refused: GatewayError | undefined;
    for (const entry of group) {
      const own = refused === undefined ? tryWrite([entry], synchronous) : refused;
      if (own === undefined) continue;
      settle([entry], own);
      if (own.kind === "bug") continue;
      refused = own;
      waiting.push(entry);
    }
    waiting = foldHeld(waiting);
    return refused ?? error;
  }

  function tryWrite(group: readonly Waiting[], synchronous: Synchronous): GatewayError | undefined {
    try {
      write(
        group.map(({ commit }) => commit),
        synchronous,
      );
      settle(group);
      return undefined;
    } catch (thrown) {
      const error = toStoreError(thrown);
      if (error.kind !== "bug") settle(group, error);
      return error;
    }
  }

  /** Alerts that the disk has refused so far, as they are now: they are listed and acted on all the same. */
  function held(): ReadonlyMap<string, AlertRecord> {
    const refused = waiting.filter(({ isTold }) => isTold).flatMap(({ commit }) => commit.alerts ?? []);
    return new Map(refused.map((alert) => [alert.id, alert]));
  }

  return {
    add(id: number, commit: PersonCommit): void {
      waiting.push({ id, commit, isTold: false, count: 1 });
    },
    flush,
    held,
    count: () => waiting.length,
    /** Commits that somebody was told are refused so far. */
    refusedCount: () => waiting.reduce((sum, { isTold, count }) => (isTold ? sum + count : sum), 0),
    takeSettled(): Settled[] {
      const taken = settled;
      settled = [];
      return taken;
    },
  };
}
