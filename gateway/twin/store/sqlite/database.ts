/** The twin's one door to better-sqlite3: opens its database, durable at every commit, and says whose fault an error is. */

import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { GatewayError, toGatewayError } from "../../../../device-drivers/contract/error.ts";
import { setAside } from "../../../runtime/set-aside.ts";
import { moveDatabase, readBothEnds } from "../../../runtime/sound-sqlite.ts";
import { migrate } from "./migrations.ts";

export type Database = SqliteDatabase.Database;

const walLimitBytes = 16 << 20;

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
    onRepair(setAside(path, begun, moveDatabase));
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
    // What is deleted is overwritten.
    db.pragma("secure_delete = ON");
    migrate(db);
    readBothEnds(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
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
