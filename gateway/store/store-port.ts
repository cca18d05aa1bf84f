/** The store as others see it: one transaction carries events, alerts, outbox rows, strips due and the mark. */

import type { AlertRecord, OutboxItem, PersonEvent, StripDue, TrafficClass } from "../../device-drivers/contract/event.ts";

/** How far a person's river has been decided: everything let go before `timeUs`, and of what was let go at that very time all up to `ordinal`, is in the store. */
export interface Watermark {
  readonly ordinal: number;
  /** Gateway axis; the axis of the next run begins behind it. */
  readonly timeUs: number;
  /** The newest journal record that had been taken in by then; 0 in marks of an older Hearth. A journal that ends before it has lost something. */
  readonly position: number;
}

/** The state of every stage just after journal record `position`; recovery restores it, feeds the journal from there and drops what the mark has. */
export interface Snapshot {
  readonly position: number;
  readonly ordinal: number;
  readonly bytes: Uint8Array;
}

export interface PersonCommit {
  readonly person: string;
  readonly mark?: Watermark;
  readonly snapshot?: Snapshot;
  readonly events?: readonly PersonEvent[];
  readonly alerts?: readonly AlertRecord[];
  readonly outbox?: readonly OutboxItem[];
  readonly stripsDue?: readonly StripDue[];
  /** Strips that the outbox rows of this commit fulfil, by alert id. */
  readonly stripsDone?: readonly string[];
  readonly audit?: readonly AuditRow[];
  /** Small named values that change together with what else is in this commit. */
  readonly values?: readonly NamedValue[];
}

export interface NamedValue {
  readonly key: string;
  readonly value: Uint8Array;
}

export interface AuditRow {
  readonly atUs: number;
  readonly what: string;
  readonly by: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditVerdict {
  /** Rows that are there. */
  readonly rows: number;
  /** Rows that were taken out with the person whom they told of, and vouched for. */
  readonly erased: number;
  /** The first row that doesn't hold; one more than the last when rows were cut off the end. */
  readonly brokenAt?: number;
}

export interface OutboxRow extends OutboxItem {
  /** Sequence in this epoch, from 1. */
  readonly n: number;
}

export interface OutboxFigures {
  readonly epoch: string;
  readonly depth: Readonly<Record<TrafficClass, number>>;
  readonly bytes: number;
  readonly oldestUs?: number;
  /** Rows dropped by the byte budget, by class; never alert. */
  readonly dropped: Readonly<Record<TrafficClass, number>>;
}

/** Who lives here. `id` as in topics: [a-z0-9][a-z0-9-]{0,31}. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly profile: Readonly<Record<string, unknown>>;
}

export interface Device {
  readonly id: string;
  readonly title: string;
  readonly driver: string;
  readonly link: string;
}

/** A device belongs to one person at a time; from ≤ t < to on the gateway axis. */
export interface Wearing {
  readonly device: string;
  readonly person: string;
  readonly placement: string;
  readonly fromUs: number;
  readonly toUs?: number;
}

export interface AlertQuery {
  readonly person?: string;
  /** Only of these. */
  readonly persons?: readonly string[];
  /** As `isOpen` of the contract says; false asks for all others. */
  readonly open?: boolean;
  /** Only those that may still change: open ones, and resolved ones that are not closed yet. */
  readonly unfinished?: true;
  readonly limit?: number;
  /** Opaque: the cursor of the page before. */
  readonly cursor?: string;
}

export interface StoreFigures {
  readonly writtenBytesTotal: number;
  readonly transactionsTotal: number;
  /** Commits that the disk has refused and that wait in memory. */
  readonly refusedCommits: number;
  /** Ids of the alerts in them: `alerts` and `alert` answer with them as they are now, but a power cut would take them. */
  readonly heldAlerts: readonly string[];
  /** How far the history of changes goes, "epoch.number"; another epoch is another history. "" before anything is known. */
  readonly position: string;
}

export interface Store {
  /**
   * Commits in call order per person. A commit with an alert, a strip or `urgent` is a transaction of its own with synchronous=FULL, together with all
   * earlier ones; the rest wait up to 10 s for their group. Resolves when durable; rejects `store.disk_full`, `store.io`.
   * What the disk refused is kept and written first, in order, with the next group: a rejected commit is not to be committed again.
   */
  commit(commit: PersonCommit, urgent?: boolean): Promise<void>;
  /** Commits the waiting group now. */
  flush(): Promise<void>;
  people(): Promise<Person[]>;
  putPerson(person: Person): Promise<void>;
  devices(): Promise<Device[]>;
  putDevice(device: Device): Promise<void>;
  wearings(): Promise<Wearing[]>;
  /** Ends the device's current wearing at `fromUs` and begins this one (undefined person = unassign). */
  wear(device: string, person: string | undefined, placement: string, fromUs: number): Promise<void>;
  mark(person: string): Promise<{ mark?: Watermark; snapshot?: Snapshot }>;
  alerts(query: AlertQuery): Promise<{ alerts: AlertRecord[]; cursor?: string }>;
  alert(id: string): Promise<AlertRecord | undefined>;
  /**
   * Alerts that changed after a position, each as it is now, in the order of their newest change; `lagRows` rows before it count too. Undefined where the
   * position is of another history or more than `most` changed.
   */
  alertsAfter(position: string, lagRows: number, most: number): Promise<AlertRecord[] | undefined>;
  events(person: string, fromUs: number, toUs: number): Promise<PersonEvent[]>;
  /** Watched seconds per rule within the span. */
  coverage(person: string, fromUs: number, toUs: number): Promise<Record<string, number>>;
  stripsDue(): Promise<StripDue[]>;
  /** Rows not yet acknowledged, in drain order (class, then number), `skip` being those in flight. */
  outboxBegin(limit: number, skip: ReadonlySet<number>): Promise<OutboxRow[]>;
  /** The newest rows of every class but alerts, newest first: what is new must not wait behind days that wait. */
  outboxNewest(limit: number, skip: ReadonlySet<number>): Promise<OutboxRow[]>;
  /** Removes what the twin has stored: never given out again in this run, deleted with the next group (a crash before it only means sending again). */
  outboxEnd(accepted: readonly number[]): Promise<void>;
  outboxFigures(): Promise<OutboxFigures>;
  /** True until the twin has acknowledged the row with this id; an id stays a row's own over all epochs. */
  outboxOwes(id: number): Promise<boolean>;
  /** Small named values (descriptors by hash, driver state, last signal time …). */
  getValue(key: string): Promise<Uint8Array | undefined>;
  putValue(key: string, value: Uint8Array): Promise<void>;
  /** Newest signal time of any person: the axis never begins before it. */
  newestTimeUs(): Promise<number>;
  audit(limit: number): Promise<(AuditRow & { hash: string })[]>;
  /** Walks the hash chain. */
  verifyAudit(): Promise<AuditVerdict>;
  /** Folds the log into the database and gives its bytes back to the disk. */
  tidy(): Promise<void>;
  /** Besides, leaves nothing in the files of what has been deleted; false where somebody else reads them. Takes as long as they are large. */
  scrub(): Promise<boolean>;
  figures(): StoreFigures;
  close(): Promise<void>;
}
