/**
 * The store on SQLite, synchronous: commits wait in one group, and a group is one transaction. Runs in the worker, tested in-process.
 * Never commits a person's decisions out of order, and never a mark without what it marks.
 */

import { join } from "node:path";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { scrubSqlite } from "../runtime/scrub-sqlite.ts";
import { createAlertTable } from "./alert-table.ts";
import { createAuditTable } from "./audit-table.ts";
import { toStoreError } from "./database.ts";
import { type ErasedRows, eraseFrom, type LeavingPerson } from "./erase-rows.ts";
import { createEventTable } from "./event-table.ts";
import type { NumberedCommit } from "./gathered-commits.ts";
import { openFile } from "./open-file.ts";
import { type EpochKeeper, type EpochOptions, openEpoch } from "./outbox-epoch.ts";
import { createOutboxTable, toRow } from "./outbox-table.ts";
import { type CommitTables, putInOrder, putPerPerson } from "./put-commits.ts";
import { createRegistryTable } from "./registry-table.ts";
import { createStateTable } from "./state-table.ts";
import type { AlertQuery, Device, OutboxFigures, OutboxRow, Person, PersonCommit } from "./store-port.ts";
import { createTransactions } from "./transactions.ts";
import { createWaitingCommits, type Synchronous } from "./waiting-commits.ts";
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

/** Acknowledged rows whose deletion waits for the next group; more than this are deleted at once. */
const mostEnded = 2000;
const begunAnew =
  "hearth.db was empty or gone and a new one was begun: alerts, events and what was to be sent until now are missing in it.";

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
  const tables: CommitTables = { state, events, alerts, outbox, audit };
  const ended = new Set<number>();

  const transactions = createTransactions({
    db,
    written,
    dir: options.dir,
    onRolledBack() {
      events.forgetCached();
      outbox.forgetCached();
      audit.forgetCached();
    },
  });
  const transaction = transactions.run;
  const durably = (write: () => void) => transaction("FULL", write);
  const companionPath = join(options.dir, "outbox.epoch");
  const epoch = openEpochOrClose({
    ...{ db, companionPath, epochBytes: options.epochBytes, smallestId: outbox.smallestId, durably },
    mayWait: isUnwritable,
    onRenewed: (why) => renewed.push(`the outbox goes on in a new epoch: ${why}`),
    onLost: () => void (damaged.length === 0 && damaged.push(begunAnew)),
  });

  function write(commits: readonly PersonCommit[], synchronous: Synchronous): void {
    if (commits.length === 0 && ended.size === 0) return;
    const rows = commits.reduce((sum, { outbox: items }) => sum + (items?.length ?? 0), 0);
    const firstId = epoch.reserve(rows);
    const nextId = transaction(synchronous, () => {
      outbox.remove(ended);
      putPerPerson(tables, commits);
      let id = firstId;
      for (const commit of commits) id = putInOrder(tables, commit, id);
      outbox.keepBudget();
      return id;
    });
    ended.clear();
    epoch.advance(nextId);
  }

  const waiting = createWaitingCommits(write);
  const { flush, held } = waiting;

  const calls = {
    commit(id: number, commit: PersonCommit, isUrgent: boolean): void {
      waiting.add(id, commit);
      const isAlarm =
        (commit.alerts?.length ?? 0) + (commit.stripsDue?.length ?? 0) > 0 || commit.outbox?.some((item) => item.class === "alert");
      if (isUrgent || isAlarm === true) flush("FULL");
    },
    /** Several that nobody waits for. */
    commitAll(commits: readonly NumberedCommit[]): void {
      for (const { id, commit } of commits) waiting.add(id, commit);
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
    alertsAfter(position: string, lagRows: number, most: number): AlertRecord[] | undefined {
      const [of, number = ""] = position.split(".");
      if (of !== epoch.epoch() || !(Number(number) <= audit.newestNumber())) return undefined;
      const ids = audit.alertsAfter(Number(number) - lagRows, most + 1);
      // What the disk refuses so far has no row yet.
      const unstored = [...held().keys()].filter((id) => !ids.includes(id));
      if (ids.length > most) return undefined;
      return [...ids, ...unstored].flatMap((id) => calls.alert(id) ?? []);
    },
    events: events.between,
    coverage: events.coverage,
    stripsDue: alerts.owed,
    outboxBegin(limit: number, skip: ReadonlySet<number>): OutboxRow[] {
      const base = epoch.base();
      return outbox.first(limit, (id) => ended.has(id) || skip.has(id - base)).map((item) => toRow(item, base));
    },
    outboxNewest(limit: number, skip: ReadonlySet<number>): OutboxRow[] {
      const base = epoch.base();
      return outbox.newest(limit, (id) => ended.has(id) || skip.has(id - base)).map((item) => toRow(item, base));
    },
    outboxEnd(accepted: readonly number[]): void {
      for (const n of accepted) ended.add(n + epoch.base());
      if (ended.size > mostEnded) flush("NORMAL");
    },
    outboxOwes: (id: number): boolean => !ended.has(id) && outbox.has(id),
    outboxFigures: (): OutboxFigures => outbox.figures(epoch.epoch(), ended),
    getValue: state.value,
    putValue: (key: string, value: Uint8Array) => transaction("NORMAL", () => state.putValue(key, value)),
    newestTimeUs: state.newestTimeUs,
    audit: audit.newest,
    verifyAudit: audit.verify,
    /** Folds the log into the database and empties it; for quiet times. */
    tidy: () => void written.around(() => db.pragma("wal_checkpoint(TRUNCATE)")),
    /** Besides, leaves nothing of what has been deleted; false where somebody else reads the file. Takes as long as the file is large. */
    scrub: (): boolean => written.around(() => scrubSqlite(db)),
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
    erase: (leaving: LeavingPerson): ErasedRows => eraseFrom({ db, outbox, audit, epoch, transaction, written, events }, leaving),
    opened: { repairs: [...damaged, ...renewed], damaged } satisfies StoreOpened,
    calls,
    takeSettled: waiting.takeSettled,
    figures: () => ({
      ...{ writtenBytesTotal: written.total(), transactionsTotal: transactions.total(), refusedCommits: waiting.refusedCount() },
      heldAlerts: [...held().keys()],
      position: `${epoch.epoch()}.${audit.newestNumber()}`,
    }),
    waitingCount: () => waiting.count() + (ended.size > 0 ? 1 : 0),
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
