/** Events by person and time: packed blobs, and what was watched as merged spans. Runs inside the caller's transaction. */

import type { PersonEvent, WatchedEvent } from "../../device-drivers/contract/event.ts";
import type { Database, Statement } from "./database.ts";
import { endUs, longestSpanUs, type PackedEvent, packEvents, runsOf, startUs, unpackEvents } from "./event-codec.ts";
import { createWatchedTable } from "./watched-table.ts";

interface EventTable {
  add(person: string, events: readonly PersonEvent[]): void;
  /** Events that touch [fromUs, toUs), by time. */
  between(person: string, fromUs: number, toUs: number): PersonEvent[];
  coverage(person: string, fromUs: number, toUs: number): Record<string, number>;
  /** After a rollback: what was cached is read again. */
  forgetCached(): void;
}

/** Blobs that end in the same µs take the next free keys. */
const keySlackUs = 1e6;

interface BlobRow {
  readonly packed: Uint8Array;
}

export function createEventTable(db: Database): EventTable {
  const insert = { short: insertInto(db, "events"), long: insertInto(db, "long_events") };
  const readShort = db.prepare("SELECT packed FROM events WHERE key >= ? AND key < ? AND person = ? AND from_us < ? ORDER BY key");
  const readLong = db.prepare("SELECT packed FROM long_events WHERE key >= ? AND person = ? AND from_us < ? ORDER BY key");
  const watched = createWatchedTable(db);

  return {
    add(person, events) {
      const packed: PackedEvent[] = [];
      const spans: WatchedEvent[] = [];
      for (const event of events) {
        if (event.kind === "watched") spans.push(event);
        else packed.push(event);
      }
      for (const run of runsOf(packed)) {
        const fromUs = Math.floor(Math.min(...run.map(startUs)));
        const toUs = Math.ceil(Math.max(...run.map(endUs)));
        // A gap of hours among the blobs would make every later query look hours ahead.
        insert[toUs - fromUs < longestSpanUs ? "short" : "long"](person, fromUs, toUs, packEvents(run));
      }
      if (spans.length > 0) watched.add(person, spans);
    },
    between(person, fromUs, toUs) {
      const rows = [
        ...readShort.all(fromUs, toUs + longestSpanUs + keySlackUs, person, toUs),
        ...readLong.all(fromUs, person, toUs),
      ] as BlobRow[];
      const found: PersonEvent[] = rows.flatMap((row) => unpackEvents(row.packed));
      const inside = found.filter((event) => startUs(event) < toUs && ("timeUs" in event ? event.timeUs >= fromUs : event.toUs > fromUs));
      return [...inside, ...watched.between(person, fromUs, toUs)].sort((a, b) => startUs(a) - startUs(b));
    },
    coverage: watched.coverage,
    forgetCached: watched.forgetCached,
  };
}

function insertInto(db: Database, table: "events" | "long_events") {
  const isTaken: Statement = db.prepare(`SELECT 1 FROM ${table} WHERE key = ?`);
  const insert = db.prepare(`INSERT INTO ${table}(key, person, from_us, packed) VALUES (?, ?, ?, ?)`);
  return (person: string, fromUs: number, toUs: number, packed: Uint8Array) => {
    let key = toUs;
    while (isTaken.get(key) !== undefined) key += 1;
    insert.run(key, person, fromUs, packed);
  };
}
