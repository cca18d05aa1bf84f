/** The twin's one door to better-sqlite3: opens its database, durable at every commit, and says whose fault an error is. */

import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { GatewayError, toGatewayError } from "../../../device-drivers/contract/error.ts";
import { setAside } from "../../ops/set-aside.ts";

export type Database = SqliteDatabase.Database;

const walLimitBytes = 16 << 20;

/** Repeats of anything land on its key: a restored outbox sends under a new epoch what is already here. */
const schema = `
CREATE TABLE IF NOT EXISTS frames(g TEXT, e BLOB, n INTEGER, c TEXT, t INTEGER, h INTEGER, received_us INTEGER, payload BLOB, PRIMARY KEY(g, e, n)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS frames_opaque ON frames(g) WHERE payload IS NOT NULL;
CREATE TABLE IF NOT EXISTS people(g TEXT, person TEXT, name TEXT, as_of_us INTEGER, received_us INTEGER, PRIMARY KEY(g, person)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS beats(g TEXT, person TEXT, time_us INTEGER, device TEXT, stream TEXT, label TEXT, confidence REAL, rr_ms REAL, PRIMARY KEY(g, person, time_us, device, stream)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rhythms(g TEXT, person TEXT, time_us INTEGER, device TEXT, stream TEXT, label TEXT, PRIMARY KEY(g, person, time_us, device, stream, label)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS vitals(g TEXT, person TEXT, time_us INTEGER, code TEXT, value REAL, unit TEXT, device TEXT NOT NULL DEFAULT '', stream TEXT NOT NULL DEFAULT '', PRIMARY KEY(g, person, time_us, code, device, stream)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS vitals_by_source ON vitals(g, person, device, code, time_us);
CREATE TABLE IF NOT EXISTS gaps(g TEXT, person TEXT, from_us INTEGER, device TEXT, stream TEXT, to_us INTEGER, PRIMARY KEY(g, person, from_us, device, stream)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS watched(g TEXT, person TEXT, rule TEXT, from_us INTEGER, to_us INTEGER, PRIMARY KEY(g, person, rule, from_us)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alerts(g TEXT, id TEXT, person TEXT, onset_us INTEGER, open INTEGER, t INTEGER, e BLOB, n INTEGER, record TEXT, PRIMARY KEY(g, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alerts_by_person ON alerts(g, person, onset_us);
CREATE TABLE IF NOT EXISTS strips(g TEXT, person TEXT, device TEXT, stream TEXT, channel TEXT, start_us INTEGER, end_us INTEGER, payload BLOB, PRIMARY KEY(g, person, device, stream, channel, start_us)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gateways(g TEXT PRIMARY KEY, heartbeat_t INTEGER, heartbeat TEXT, heartbeat_received_us INTEGER, desired TEXT, reported TEXT) WITHOUT ROWID;
`;

const damaged = /^SQLITE_(CORRUPT|NOTADB)/;

/**
 * Opens or creates `twin.db` in the folder; one that can't be read is set aside whole and a new one begun.
 *
 * @param onRepair told in one sentence when that happens.
 * @throws GatewayError as `toTwinError`
 */
export function openTwinDatabase(dir: string, onRepair: (what: string) => void): Database {
  const path = join(dir, "twin.db");
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    if (existsSync(path) && statSync(path).size === 0) onRepair(`${path} was empty: ${begun}`);
    return openSound(path);
  } catch (error) {
    if (!(error instanceof SqliteDatabase.SqliteError && damaged.test(error.code))) throw toTwinError(error);
  }
  try {
    onRepair(setAside(path, begun));
    // They belong to the file that stands aside; a new database must not take them for its own.
    for (const end of ["-wal", "-shm"]) if (existsSync(path + end)) setAside(path + end, "");
    return openSound(path);
  } catch (error) {
    throw toTwinError(error);
  }
}

const begun = "a new one was begun, and what the twin knew until now is missing in it.";

function openSound(path: string): Database {
  const db = new SqliteDatabase(path);
  try {
    db.pragma("journal_mode = WAL");
    // An acknowledged frame is gone from the gateway, so a power cut may not take it.
    db.pragma("synchronous = FULL");
    db.pragma(`journal_size_limit = ${walLimitBytes}`);
    widenVitals(db);
    db.exec(schema);
    // Both ends of every table: cheap at any size, and a file that lost its head or tail fails here.
    const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
    for (const name of names) for (const order of ["", " DESC"]) db.prepare(`SELECT * FROM "${name}" ORDER BY 1${order} LIMIT 1`).get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** In an older database the table's key has no source. */
function widenVitals(db: Database): void {
  const columns = db.pragma("table_info(vitals)") as { name: string }[];
  if (columns.length === 0 || columns.some(({ name }) => name === "device")) return;
  db.transaction(() => {
    db.exec("ALTER TABLE vitals RENAME TO vitals_without_source");
    db.exec(schema);
    db.exec(
      "INSERT INTO vitals(g, person, time_us, code, value, unit) SELECT g, person, time_us, code, value, unit FROM vitals_without_source",
    );
    db.exec("DROP TABLE vitals_without_source");
  })();
}

/** `twin.disk_full`, `twin.io`, `twin.corrupt` (world); everything else a bug. */
export function toTwinError(error: unknown): GatewayError {
  const sqlite = error instanceof SqliteDatabase.SqliteError ? error.code : "";
  const more = { cause: error, fields: { sqlite } };
  if (sqlite.startsWith("SQLITE_FULL")) return new GatewayError("twin.disk_full", "world", "The twin's disk is full.", more);
  if (/^SQLITE_(IOERR|CANTOPEN|READONLY|BUSY|LOCKED)/.test(sqlite))
    return new GatewayError("twin.io", "world", "The twin's database can't be written.", more);
  if (damaged.test(sqlite))
    return new GatewayError("twin.corrupt", "world", "The twin's database is damaged: move twin.db aside while the twin is off.", more);
  return toGatewayError(error, "twin.bug");
}
