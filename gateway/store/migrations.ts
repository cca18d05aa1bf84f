/** The tables, as steps that only ever grow. A step that has shipped is never edited; the file's version is SQLite's user_version. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Database } from "./database.ts";

/**
 * Blobs lie in rowid tables (WITHOUT ROWID costs 31 times the bytes). `events.key` is the newest time in the blob, made unique, so that blobs of
 * all persons fill the same last page and need no index. Outbox: one table a class, so that the drain order is the order of tables and rows.
 */
const steps: readonly string[] = [
  `CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY) STRICT;
   CREATE TABLE marks(person TEXT PRIMARY KEY, ordinal INTEGER NOT NULL, time_us INTEGER NOT NULL) STRICT;
   CREATE TABLE snapshots(person TEXT PRIMARY KEY, position INTEGER NOT NULL, ordinal INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
   CREATE TABLE events(key INTEGER PRIMARY KEY, person TEXT NOT NULL, from_us INTEGER NOT NULL, packed BLOB NOT NULL) STRICT;
   CREATE TABLE long_events(key INTEGER PRIMARY KEY, person TEXT NOT NULL, from_us INTEGER NOT NULL, packed BLOB NOT NULL) STRICT;
   CREATE TABLE watched(id INTEGER PRIMARY KEY, person TEXT NOT NULL, rule TEXT NOT NULL, from_us INTEGER NOT NULL, to_us INTEGER NOT NULL) STRICT;
   CREATE INDEX watched_by_person ON watched(person, to_us);
   CREATE TABLE watching(person TEXT PRIMARY KEY, spans TEXT NOT NULL) STRICT;
   CREATE TABLE alerts(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, person TEXT NOT NULL, raised_us INTEGER NOT NULL, is_open INTEGER NOT NULL,
     body TEXT NOT NULL) STRICT;
   CREATE INDEX alerts_by_time ON alerts(raised_us);
   CREATE INDEX alerts_open ON alerts(raised_us) WHERE is_open = 1;
   CREATE TABLE strips_due(number INTEGER PRIMARY KEY, alert_id TEXT NOT NULL, device TEXT NOT NULL, stream TEXT NOT NULL, body TEXT NOT NULL,
     UNIQUE(alert_id, device, stream)) STRICT;
   CREATE TABLE outbox_alert(id INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
   CREATE TABLE outbox_status(id INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
   CREATE TABLE outbox_semantic(id INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
   CREATE TABLE outbox_raw(id INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
   CREATE TABLE outbox_totals(class TEXT PRIMARY KEY, depth INTEGER NOT NULL, bytes INTEGER NOT NULL, dropped INTEGER NOT NULL) STRICT;
   CREATE TABLE people(id TEXT PRIMARY KEY, name TEXT NOT NULL, profile TEXT NOT NULL) STRICT;
   CREATE TABLE devices(id TEXT PRIMARY KEY, title TEXT NOT NULL, driver TEXT NOT NULL, link TEXT NOT NULL) STRICT;
   CREATE TABLE wearings(number INTEGER PRIMARY KEY, device TEXT NOT NULL, person TEXT NOT NULL, placement TEXT NOT NULL, from_us INTEGER NOT NULL,
     to_us INTEGER) STRICT;
   CREATE INDEX wearings_by_device ON wearings(device, from_us);
   CREATE TABLE named_values(key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
   CREATE TABLE audit(number INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, what TEXT NOT NULL, by_whom TEXT NOT NULL, subject TEXT NOT NULL,
     detail TEXT NOT NULL, hash BLOB NOT NULL) STRICT;`,
  `ALTER TABLE marks ADD COLUMN position INTEGER NOT NULL DEFAULT 0;`,
];

/** Brings the file to the newest version; throws `store.newer` on a file of a later Hearth, which is left as it is. */
export function migrate(db: Database): void {
  const version = Number(db.pragma("user_version", { simple: true }));
  if (version > steps.length) {
    throw new GatewayError("store.newer", "operator", `the database is of version ${version}; this Hearth knows up to ${steps.length}`);
  }
  for (const [index, sql] of steps.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
    })();
  }
}
