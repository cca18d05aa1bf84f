/**
 * The outbox: rows for the twin by class and number, within a byte budget. A row's number is its id less the epoch's base, so a new epoch
 * renumbers a million rows by writing one. Runs inside the caller's transaction; never drops an alert.
 */

import { type OutboxItem, type TrafficClass, trafficClasses } from "../../device-drivers/contract/event.ts";
import type { Database, Statement } from "./database.ts";
import type { OutboxFigures, OutboxRow } from "./store-port.ts";

interface OutboxTable {
  /** Adds under rising ids from `firstId`; returns the next free id. */
  add(items: readonly OutboxItem[], firstId: number): number;
  /** Deletes oldest rows, raw first, then semantic, then status, until the budget holds. */
  keepBudget(): void;
  remove(ids: Iterable<number>): void;
  has(id: number): boolean;
  /** Removes the rows whose payload is one of these; returns how many. */
  erase(isErased: (payload: Uint8Array) => boolean): number;
  /** Rows in drain order whose id isn't in `skip`. */
  first(limit: number, skip: (id: number) => boolean): (OutboxItem & { id: number })[];
  /** The newest rows of every class but alerts, newest first, whose id isn't in `skip`. */
  newest(limit: number, skip: (id: number) => boolean): (OutboxItem & { id: number })[];
  smallestId(): number | undefined;
  /** `gone`: ids that are acknowledged and wait for their deletion to be written. */
  figures(epoch: string, gone: ReadonlySet<number>): OutboxFigures;
  forgetCached(): void;
}

interface Totals {
  depth: number;
  bytes: number;
  dropped: number;
}

const dropOrder: readonly TrafficClass[] = ["raw", "semantic", "status"];

export function createOutboxTable(db: Database, maxBytes: number): OutboxTable {
  const tables = trafficClasses.map((name) => ({
    name,
    insert: db.prepare(`INSERT INTO outbox_${name}(id, time_us, payload) VALUES (?, ?, ?)`),
    remove: db.prepare(`DELETE FROM outbox_${name} WHERE id = ? RETURNING length(payload)`).pluck(),
    read: db.prepare(`SELECT id, time_us AS timeUs, payload FROM outbox_${name} WHERE id > ? ORDER BY id`),
    readBack: db.prepare(`SELECT id, time_us AS timeUs, payload FROM outbox_${name} ORDER BY id DESC`),
    bytes: db.prepare(`SELECT length(payload) FROM outbox_${name} WHERE id = ?`).pluck(),
    ids: db.prepare(`SELECT id, time_us AS timeUs FROM outbox_${name} ORDER BY id`),
  }));
  const tableOf = new Map(tables.map((table) => [table.name, table]));
  const readTotals = db.prepare("SELECT class, depth, bytes, dropped FROM outbox_totals");
  const writeTotals = db.prepare(
    `INSERT INTO outbox_totals(class, depth, bytes, dropped) VALUES (?, ?, ?, ?)
     ON CONFLICT(class) DO UPDATE SET depth = excluded.depth, bytes = excluded.bytes, dropped = excluded.dropped`,
  );
  let cached: Map<TrafficClass, Totals> | undefined;

  function totals(): Map<TrafficClass, Totals> {
    if (cached !== undefined) return cached;
    const rows = readTotals.all() as ({ class: TrafficClass } & Totals)[];
    const stored = new Map(rows.map(({ class: name, depth, bytes, dropped }) => [name, { depth, bytes, dropped }]));
    cached = new Map(trafficClasses.map((name) => [name, stored.get(name) ?? { depth: 0, bytes: 0, dropped: 0 }]));
    return cached;
  }

  function saveTotals(names: ReadonlySet<TrafficClass>): void {
    for (const name of names) {
      const { depth, bytes, dropped } = totals().get(name) ?? { depth: 0, bytes: 0, dropped: 0 };
      writeTotals.run(name, depth, bytes, dropped);
    }
  }

  /** Deletes one row; true if it was there. */
  function take(name: TrafficClass, id: number): boolean {
    const bytes = tableOf.get(name)?.remove.get(id);
    const total = totals().get(name);
    if (bytes === undefined || total === undefined) return false;
    total.depth -= 1;
    total.bytes -= Number(bytes);
    return true;
  }

  function firstOf(table: { ids: Statement }, skip: (id: number) => boolean): { id: number; timeUs: number } | undefined {
    for (const row of table.ids.iterate() as IterableIterator<{ id: number; timeUs: number }>) if (!skip(row.id)) return row;
    return undefined;
  }

  function remove(ids: Iterable<number>): void {
    const touched = new Set<TrafficClass>();
    for (const id of ids) {
      const name = trafficClasses.find((candidate) => take(candidate, id));
      if (name !== undefined) touched.add(name);
    }
    saveTotals(touched);
  }

  const allBytes = () => [...totals().values()].reduce((sum, { bytes }) => sum + bytes, 0);

  return {
    add(items, firstId) {
      let id = firstId;
      const touched = new Set<TrafficClass>();
      for (const item of items) {
        tableOf.get(item.class)?.insert.run(id, Math.round(item.timeUs), item.payload);
        const total = totals().get(item.class);
        if (total !== undefined) {
          total.depth += 1;
          total.bytes += item.payload.length;
        }
        touched.add(item.class);
        id += 1;
      }
      saveTotals(touched);
      return id;
    },
    keepBudget() {
      let overBytes = allBytes() - maxBytes;
      const touched = new Set<TrafficClass>();
      for (const name of dropOrder) {
        const total = totals().get(name);
        while (overBytes > 0 && total !== undefined && total.depth > 0) {
          const table = tableOf.get(name);
          const oldest = table === undefined ? undefined : firstOf(table, () => false);
          if (oldest === undefined || !take(name, oldest.id)) break;
          total.dropped += 1;
          touched.add(name);
          overBytes = allBytes() - maxBytes;
        }
      }
      saveTotals(touched);
    },
    remove,
    has: (id) => tables.some(({ bytes }) => bytes.get(id) !== undefined),
    erase(isErased) {
      const gone: number[] = [];
      for (const { read } of tables)
        for (const { id, payload } of read.iterate(0) as IterableIterator<{ id: number; payload: Uint8Array }>)
          if (isErased(payload)) gone.push(id);
      remove(gone);
      return gone.length;
    },
    first(limit, skip) {
      const found: (OutboxItem & { id: number })[] = [];
      for (const table of tables)
        if (found.length < limit) found.push(...rowsOf(table.name, table.read.iterate(0), { limit: limit - found.length, skip }));
      return found;
    },
    newest(limit, skip) {
      const found = tables.flatMap((table) =>
        table.name === "alert" ? [] : rowsOf(table.name, table.readBack.iterate(), { limit, skip }),
      );
      return found.sort((a, b) => b.timeUs - a.timeUs || b.id - a.id).slice(0, limit);
    },
    smallestId() {
      const ids = tables.map((table) => firstOf(table, () => false)?.id).filter((id) => id !== undefined);
      return ids.length === 0 ? undefined : Math.min(...ids);
    },
    figures(epoch, gone) {
      const depth = emptyCounts();
      const dropped = emptyCounts();
      let bytes = allBytes();
      let oldestUs: number | undefined;
      for (const table of tables) {
        const total = totals().get(table.name);
        const goneBytes = [...gone].map((id) => table.bytes.get(id)).filter((size) => size !== undefined);
        depth[table.name] = (total?.depth ?? 0) - goneBytes.length;
        dropped[table.name] = total?.dropped ?? 0;
        bytes -= goneBytes.reduce<number>((sum, size) => sum + Number(size), 0);
        const first = firstOf(table, (id) => gone.has(id));
        if (first !== undefined) oldestUs = Math.min(oldestUs ?? first.timeUs, first.timeUs);
      }
      return { epoch, depth, bytes, dropped, ...(oldestUs === undefined ? {} : { oldestUs }) };
    },
    forgetCached() {
      cached = undefined;
    },
  };
}

function rowsOf(
  name: TrafficClass,
  rows: Iterable<unknown>,
  { limit, skip }: { readonly limit: number; readonly skip: (id: number) => boolean },
): (OutboxItem & { id: number })[] {
  const found: (OutboxItem & { id: number })[] = [];
  for (const { id, timeUs, payload } of rows as Iterable<{ id: number; timeUs: number; payload: Uint8Array }>) {
    if (skip(id)) continue;
    found.push({ id, class: name, timeUs, payload });
    if (found.length >= limit) break;
  }
  return found;
}

function emptyCounts(): Record<TrafficClass, number> {
  return { alert: 0, status: 0, semantic: 0, raw: 0 };
}

export function toRow(item: OutboxItem & { id: number }, base: number): OutboxRow {
  const { id, ...rest } = item;
  return { ...rest, n: id - base };
}
