/** How far each person is decided, the newest snapshot of the stages, and small named values. Runs inside the caller's transaction. */

import type { Database } from "./database.ts";
import type { Snapshot, Watermark } from "./store-port.ts";

interface StateTable {
  putMark(person: string, mark: Watermark): void;
  /** Replaces the person's snapshot: only the newest is kept. */
  putSnapshot(person: string, snapshot: Snapshot): void;
  mark(person: string): { mark?: Watermark; snapshot?: Snapshot };
  newestTimeUs(): number;
  value(key: string): Uint8Array | undefined;
  putValue(key: string, value: Uint8Array): void;
}

export function createStateTable(db: Database): StateTable {
  const putMark = db.prepare(
    `INSERT INTO marks(person, ordinal, time_us, position) VALUES (?, ?, ?, ?)
     ON CONFLICT(person) DO UPDATE SET ordinal = excluded.ordinal, time_us = excluded.time_us, position = excluded.position`,
  );
  const putSnapshot = db.prepare(
    `INSERT INTO snapshots(person, position, ordinal, bytes) VALUES (?, ?, ?, ?)
     ON CONFLICT(person) DO UPDATE SET position = excluded.position, ordinal = excluded.ordinal, bytes = excluded.bytes`,
  );
  const mark = db.prepare("SELECT ordinal, time_us AS timeUs, position FROM marks WHERE person = ?");
  const snapshot = db.prepare("SELECT position, ordinal, bytes FROM snapshots WHERE person = ?");
  const newest = db.prepare("SELECT max(time_us) FROM marks").pluck();
  const value = db.prepare("SELECT value FROM named_values WHERE key = ?").pluck();
  const putValue = db.prepare("INSERT INTO named_values(key, value) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value");
  return {
    putMark: (person, { ordinal, timeUs, position }) => void putMark.run(person, ordinal, Math.round(timeUs), position),
    putSnapshot: (person, { position, ordinal, bytes }) => void putSnapshot.run(person, position, ordinal, bytes),
    mark(person) {
      const markRow = mark.get(person) as Watermark | undefined;
      const snapshotRow = snapshot.get(person) as Snapshot | undefined;
      return { ...(markRow === undefined ? {} : { mark: markRow }), ...(snapshotRow === undefined ? {} : { snapshot: snapshotRow }) };
    },
    newestTimeUs: () => Number(newest.get() ?? 0),
    value: (key) => value.get(key) as Uint8Array | undefined,
    putValue: (key, bytes) => void putValue.run(key, bytes),
  };
}
