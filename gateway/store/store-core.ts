/**
 * The store on SQLite, synchronous: commits wait in one group, and a group is one transaction. Runs in the worker, tested in-process.
 * Never commits a person's decisions out of order, and never a mark without what it marks.
 */

import { join } from "node:path";
import type { GatewayError } from "../../device-drivers/contract/error.ts";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { createAlertTable } from "./alert-table.ts";
import { createAuditTable } from "./audit-table.ts";
import { toStoreError } from "./database.ts";
import { createEventTable } from "./event-table.ts";
import { foldHeld, type HeldCommit } from "./held-commits.ts";
import { openFile, suspect } from "./open-file.ts";
import { type EpochKeeper, type EpochOptions, openEpoch } from "./outbox-epoch.ts";
import { createOutboxTable, toRow } from "./outbox-table.ts";
import { createRegistryTable } from "./registry-table.ts";
import { createStateTable } from "./state-table.ts";
import type { AlertQuery, Device, OutboxFigures, OutboxRow, Person, PersonCommit } from "./store-port.ts";
import { countWrittenBytes } from "./written-bytes.ts";

export interface StoreCoreOptions {
  readonly dir: string;
  readonly maxOutboxBytes: number;
  /** 8 random bytes each time. */
  readonly epochBytes: () => Uint8Array;
  /** Wall clock at opening, for the name of a file that is set aside. */
  readonly openedWallUs: number;
  /** Largest database in pages of 2 kB, as a full disk would have it. */
  readonly maxPages?: number;
  /** Nothing can be written now: what is there is read, and what is committed waits in memory. */
  readonly isUnwritable?: boolean;
}

export interface StoreOpened {
  /** What could not be trusted, one sentence each. */
  readonly repairs: readonly string[];
  /** Those of `repairs` in which something was lost or set aside. */
  readonly damaged: readonly string[];
}

export interface Settled {
  readonly id: number;
  readonly error?: GatewayError;
}

interface Waiting extends HeldCommit {
  readonly id: number;
  isTold: boolean;
}

/** Acknowledged rows whose deletion waits for the next group; more than this are deleted at once. */
const mostEnded = 2000;

export type StoreCore = ReturnType<typeof openStoreCore>;

export function openStoreCore(options: StoreCoreOptions) {
  const damaged: string[] = [];
  const renewed: string[] = [];
  const { isUnwritable = false } = options;
  const db = openFile(options.dir, options.openedWallUs, (what) => damaged.push(what), isUnwritable);
  if (options.maxPages !== undefined) db.pragma(`max_page_count = ${options.maxPages}`);
  const written = countWrittenBytes(db);
  const state = createStateTable(db);
  const events = createEventTable(db);
  const alerts = createAlertTable(db);
  const outbox = createOutboxTable(db, options.maxOutboxBytes);
  const registry = createRegistryTable(db);
  const audit = createAuditTable(db);
  let transactionsTotal = 0;
  let waiting: Waiting[] = [];
  let settled: Settled[] = [];
  const ended = new Set<number>();

  function transaction<T>(synchronous: "FULL" | "NORMAL", write: () => T): T {
    return written.around(() => {
      db.pragma(`synchronous = ${synchronous}`);
      try {
        db.exec("BEGIN IMMEDIATE");
        const result = write();
        db.exec("COMMIT");
        transactionsTotal += 1;
        return result;
      } catch (error) {
        // SQLite has rolled some errors back itself (disk full).
        if (db.inTransaction) db.exec("ROLLBACK");
        events.forgetCached();
        outbox.forgetCached();
        const known = toStoreError(error);
        if (known.code === "store.corrupt") suspect(options.dir);
        throw known;
      }
    });
  }

  const durably = (write: () => void) => transaction("FULL", write);
  const companionPath = join(options.dir, "outbox.epoch");
  const epoch = openEpochOrClose({
    ...{ db, companionPath, epochBytes: options.epochBytes, smallestId: outbox.smallestId, durably },
    mayWait: isUnwritable,
    onRenewed: (why) => renewed.push(`the outbox goes on in a new epoch: ${why}`),
    onLost() {
      if (damaged.length === 0)
        damaged.push(
          "hearth.db was empty or gone and a new one was begun: alerts, events and what was to be sent until now are missing in it.",
        );
    },
  });

  function write(group: readonly Waiting[], synchronous: "FULL" | "NORMAL"): void {
    const commits = group.map(({ commit }) => commit);
    const rows = commits.reduce((sum, { outbox: items }) => sum + (items?.length ?? 0), 0);
    const firstId = epoch.reserve(rows);
    const nextId = transaction(synchronous, () => {
      outbox.remove(ended);
      putPerPerson(commits);
      let id = firstId;
      for (const commit of commits) id = putInOrder(commit, id);
      outbox.keepBudget();
      return id;
    });
    ended.clear();
    epoch.advance(nextId);
  }

  /** What a group needs only once a person: the events of all commits as one blob, the newest mark and snapshot. */
  function putPerPerson(commits: readonly PersonCommit[]): void {
    for (const [person, theirs] of Map.groupBy(commits, (commit) => commit.person)) {
      const all = theirs.flatMap((commit) => commit.events ?? []);
      if (all.length > 0) events.add(person, all);
      const snapshot = theirs.findLast((commit) => commit.snapshot !== undefined)?.snapshot;
      const mark = theirs.findLast((commit) => commit.mark !== undefined)?.mark;
      if (snapshot !== undefined) state.putSnapshot(person, snapshot);
      if (mark !== undefined) state.putMark(person, mark);
    }
  }

  function putInOrder(commit: PersonCommit, firstId: number): number {
    for (const alert of commit.alerts ?? []) alerts.put(alert);
    for (const strip of commit.stripsDue ?? []) alerts.owe(strip);
    for (const alertId of commit.stripsDone ?? []) alerts.fulfil(alertId);
    if (commit.audit !== undefined) audit.add(commit.audit);
    return outbox.add(commit.outbox ?? [], firstId);
  }

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
  function flush(synchronous: "FULL" | "NORMAL"): GatewayError | undefined {
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

  function tryWrite(group: readonly Waiting[], synchronous: "FULL" | "NORMAL"): GatewayError | undefined {
    if (group.length === 0 && ended.size === 0) return undefined;
    try {
      write(group, synchronous);
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

  const calls = {
    commit(id: number, commit: PersonCommit, isUrgent: boolean): void {
      waiting.push({ id, commit, isTold: false, count: 1 });
      const isAlarm =
        (commit.alerts?.length ?? 0) + (commit.stripsDue?.length ?? 0) > 0 || commit.outbox?.some((item) => item.class === "alert");
      if (isUrgent || isAlarm === true) flush("FULL");
    },
    flush(): void {
      const error = flush("NORMAL");
      if (error !== undefined) throw error;
    },
    people: registry.people,
    putPerson: (person: Person) => durably(() => registry.putPerson(person)),
    devices: registry.devices,
    putDevice: (device: Device) => durably(() => registry.putDevice(device)),
    wearings: registry.wearings,
    wear: (device: string, person: string | undefined, placement: string, fromUs: number) =>
      durably(() => registry.wear(device, person, placement, fromUs)),
    mark: state.mark,
    alerts: (query: AlertQuery) => alerts.page(query, held()),
    alert: (id: string) => held().get(id) ?? alerts.one(id),
    events: events.between,
    coverage: events.coverage,
    stripsDue: alerts.owed,
    outboxBegin(limit: number, skip: ReadonlySet<number>): OutboxRow[] {
      const base = epoch.base();
      return outbox.first(limit, (id) => ended.has(id) || skip.has(id - base)).map((item) => toRow(item, base));
    },
    outboxEnd(accepted: readonly number[]): void {
      for (const n of accepted) ended.add(n + epoch.base());
      if (ended.size > mostEnded) flush("NORMAL");
    },
    outboxFigures: (): OutboxFigures => outbox.figures(epoch.epoch(), ended),
    getValue: state.value,
    putValue: (key: string, value: Uint8Array) => transaction("NORMAL", () => state.putValue(key, value)),
    newestTimeUs: state.newestTimeUs,
    audit: audit.newest,
    verifyAudit: audit.verify,
    /** Folds the log into the database and empties it; for quiet times. */
    tidy: () => void written.around(() => db.pragma("wal_checkpoint(TRUNCATE)")),
    close(): void {
      try {
        flush("FULL");
        epoch.close();
        calls.tidy();
      } catch (error) {
        // On a full disk it ends as by a power cut, which loses no number.
        if (toStoreError(error).kind !== "world") throw error;
      } finally {
        db.close();
      }
    },
  };

  return {
    opened: { repairs: [...damaged, ...renewed], damaged } satisfies StoreOpened,
    calls,
    takeSettled(): Settled[] {
      const taken = settled;
      settled = [];
      return taken;
    },
    figures: () => ({
      writtenBytesTotal: written.total(),
      transactionsTotal,
      refusedCommits: waiting.reduce((sum, { isTold, count }) => (isTold ? sum + count : sum), 0),
      heldAlerts: [...held().keys()],
    }),
    waitingCount: () => waiting.length + (ended.size > 0 ? 1 : 0),
  };
}

/** Whoever tries the opening again finds the file unlocked. */
function openEpochOrClose(options: EpochOptions): EpochKeeper {
  try {
    return openEpoch(options);
  } catch (error) {
    options.db.close();
    throw error;
  }
}
