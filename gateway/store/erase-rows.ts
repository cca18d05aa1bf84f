/** Which rows of the store are of a person who has left, and how they go. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { OutboxItem } from "../../device-drivers/contract/event.ts";
import { leftPeopleKey, withLeft } from "../runtime/left-people.ts";
import { scrubSqlite } from "../runtime/scrub-sqlite.ts";
import { unsigned } from "../runtime/unsigned.ts";
import type { createAuditTable } from "./audit-table.ts";
import type { Database } from "./database.ts";
import type { EpochKeeper } from "./outbox-epoch.ts";
import type { createOutboxTable } from "./outbox-table.ts";

export interface LeavingPerson {
  readonly person: string;
  /** What people call them: it stands in alerts of others on which they have acted. */
  readonly name: string;
  /** Whether a payload for the twin tells of them. */
  readonly isAbout: (payload: Uint8Array) => boolean;
  /** What the twin is asked; undefined in a home without one. */
  readonly request: OutboxItem | undefined;
  /** Names the leaving in the audit. */
  readonly receipt: string;
  readonly wallUs: number;
}

export interface ErasedRows {
  /** By what they are; see `kinds`. */
  readonly counts: Readonly<Record<string, number>>;
  /** The outbox row that asks the twin, and the outbox's epoch. */
  readonly owed?: { readonly id: number; readonly epoch: string };
}

/** Tables by what a receipt calls their rows. */
const kinds = {
  alerts: ["alerts"],
  events: ["events", "long_events"],
  "watched time": ["watched", "watching"],
  states: ["marks", "snapshots"],
  wearings: ["wearings"],
} as const;

interface Tables {
  readonly db: Database;
  readonly outbox: ReturnType<typeof createOutboxTable>;
  readonly audit: ReturnType<typeof createAuditTable>;
}

interface OpenTables extends Tables {
  readonly epoch: Pick<EpochKeeper, "reserve" | "advance" | "epoch">;
  readonly events: { forgetCached(): void };
  readonly written: { around<T>(work: () => T): T };
  transaction<T>(synchronous: "FULL", write: () => T): T;
}

/**
 * Deletes what is of a person, with the question to the twin in the same transaction, and then leaves nothing of it in the files. Throws `store.io` (world)
 * where somebody reads them.
 */
export function eraseFrom(tables: OpenTables, leaving: LeavingPerson): ErasedRows {
  const { db, outbox, epoch, events, written } = tables;
  const { request } = leaving;
  db.pragma("secure_delete = ON");
  const id = epoch.reserve(1);
  const counts = tables.transaction("FULL", () => {
    const erased = eraseRows(tables, leaving);
    if (request !== undefined) outbox.add([request], id);
    return erased;
  });
  events.forgetCached();
  if (request !== undefined) epoch.advance(id + 1);
  if (!written.around(() => scrubSqlite(db)))
    throw new GatewayError("store.io", "world", "the database's log is in use and could not be emptied");
  return { counts, ...(request === undefined ? {} : { owed: { id, epoch: epoch.epoch() } }) };
}

/** Returns how many rows there were, by what they are. */
function eraseRows({ db, outbox, audit }: Tables, leaving: LeavingPerson): Record<string, number> {
  const { person, name, wallUs, receipt } = leaving;
  const names = [person, name];
  const run = (sql: string, ...values: unknown[]) => db.prepare(sql).run(...values).changes;
  const of = (tables: readonly string[]) => tables.reduce((sum, table) => sum + run(`DELETE FROM ${table} WHERE person = ?`, person), 0);
  // The axis of the next start goes on behind all that was decided, whoever it was of.
  run(
    `INSERT INTO marks(person, ordinal, time_us, position) SELECT 'gateway', 0, max(time_us), 0 FROM marks WHERE true HAVING count(*) > 0
     ON CONFLICT(person) DO UPDATE SET time_us = max(time_us, excluded.time_us)`,
  );
  const worn = db.prepare("SELECT DISTINCT device FROM wearings WHERE person = ?").pluck().all(person) as string[];
  const alertIds = new Set(db.prepare("SELECT id FROM alerts WHERE person = ?").pluck().all(person));
  const counts: Record<string, number> = {
    ...{ strips: run("DELETE FROM strips_due WHERE json_extract(body, '$.person') = ?", person) },
    ...Object.fromEntries(Object.entries(kinds).map(([what, tables]) => [what, of(tables)])),
    "rows for the twin": outbox.erase(leaving.isAbout),
  };
  const isWorn = db.prepare("SELECT 1 FROM wearings WHERE device = ?");
  const described = worn.filter((device) => isWorn.get(device) === undefined);
  counts.descriptors = described.reduce((sum, device) => sum + run("DELETE FROM named_values WHERE key = ?", `descriptors/${device}`), 0);
  counts.limits = run("DELETE FROM named_values WHERE key = ?", `limits/${person}`);
  counts["call for help"] = run("DELETE FROM named_values WHERE key = ?", `help/${person}`);
  counts["where they are"] = run("DELETE FROM named_values WHERE key = ?", `presence/${person}`);
  counts["words about what is usual"] = run("DELETE FROM named_values WHERE key = ?", `learn/${person}`);
  counts["how motion sensors sit"] = run("DELETE FROM named_values WHERE key = ?", `calibration/${person}`);
  counts["consent to what leaves the house"] = run("DELETE FROM named_values WHERE key = ?", `consent/${person}`);
  for (const key of [`modes/${person}`, `sent-today/${person}`]) run("DELETE FROM named_values WHERE key = ?", key);
  counts["name and limits as hearth.yaml had them"] = forgetSeed(db, person);
  counts["alerts of others, a name in them"] = unsign(db, names);
  counts["audit rows"] = audit.erase(
    ({ subject, by, detail }) => subject === person || detail.person === person || alertIds.has(subject) || names.includes(by),
    { atUs: wallUs, subject: receipt },
  );
  counts.people = run("DELETE FROM people WHERE id = ?", person);
  rememberLeft(db, person);
  return counts;
}

/** A list that still names them, a copy of hearth.yaml that is put back, does not bring them back. */
function rememberLeft(db: Database, person: string): void {
  const kept = db.prepare("SELECT value FROM named_values WHERE key = ?").pluck().get(leftPeopleKey) as Uint8Array | undefined;
  const put = "INSERT INTO named_values(key, value) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value";
  db.prepare(put).run(leftPeopleKey, withLeft(kept, person));
}

/** What the home remembers of hearth.yaml as it was at the last start. */
function forgetSeed(db: Database, person: string): number {
  const key = "hearth-yaml";
  const bytes = db.prepare("SELECT value FROM named_values WHERE key = ?").pluck().get(key) as Uint8Array | undefined;
  if (bytes === undefined) return 0;
  const seed = JSON.parse(new TextDecoder().decode(bytes)) as {
    people: readonly { id: string }[];
    devices: readonly { wornBy?: string }[];
  };
  const people = seed.people.filter(({ id }) => id !== person);
  const devices = seed.devices.map(({ wornBy, ...device }) => (wornBy === undefined || wornBy === person ? device : { ...device, wornBy }));
  if (people.length === seed.people.length) return 0;
  const rest = new TextEncoder().encode(JSON.stringify({ people, devices }));
  return db.prepare("UPDATE named_values SET value = ? WHERE key = ?").run(rest, key).changes;
}

/** Takes names out of alerts of other people, where their owner had acted; returns how many. */
function unsign(db: Database, names: readonly string[]): number {
  const acted = db.prepare("SELECT id, body FROM alerts WHERE instr(body, ?) > 0");
  const write = db.prepare("UPDATE alerts SET body = ? WHERE id = ?");
  const found = new Map(
    names.flatMap((name) => acted.all(JSON.stringify(name)) as { id: string; body: string }[]).map((row) => [row.id, row.body]),
  );
  for (const [id, body] of found) write.run(unsigned(body, names), id);
  return found.size;
}
