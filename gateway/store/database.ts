/** The one door to better-sqlite3: opens a database with the house's settings and says whose fault an SQLite error is. Knows no table. */

import { accessSync, constants } from "node:fs";
import SqliteDatabase from "better-sqlite3";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";

export type Database = SqliteDatabase.Database;
export type Statement = SqliteDatabase.Statement;

/** A group every 10 s touches a dozen pages by a few bytes each: pages of 4096 write 0.30 bytes per raw byte, 2048 0.26, 1024 0.22 at half the row rate. */
const pageBytes = 2048;
/** Pages of the log after which SQLite folds it into the database: tail pages that many groups rewrite are then written back once. */
const checkpointPages = 8000;
const walLimitBytes = 16 << 20;

/**
 * Opens or creates; throws SQLite's own error on a file that is not a database. `isUnwritable`: the index of the log lives in memory instead of in a
 * file beside it, so that a database on a full disk can be read (sqlite.org/wal.html, "Use of WAL Without Shared-Memory").
 */
export function openDatabase(path: string, isUnwritable = false): Database {
  const db = new SqliteDatabase(path);
  try {
    // A file on a disk that went read-only can't be locked so, and is read with the index that is there.
    if (isUnwritable && isWritableFile(path)) db.pragma("locking_mode = EXCLUSIVE");
    db.pragma(`page_size = ${pageBytes}`);
    db.pragma("journal_mode = WAL");
    db.pragma(`journal_size_limit = ${walLimitBytes}`);
    db.pragma(`wal_autocheckpoint = ${checkpointPages}`);
    db.pragma("foreign_keys = ON");
    // What is deleted is overwritten where that costs no page more.
    db.pragma("secure_delete = FAST");
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

function isWritableFile(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function sqliteCode(error: unknown): string {
  return error instanceof SqliteDatabase.SqliteError ? error.code : "";
}

/** The file itself is bad: nothing can be read from it with trust. */
export function isCorrupt(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(sqliteCode(error));
}

/** As the house's error: `store.disk_full`, `store.io` (world), `store.corrupt` (world), everything else a bug. */
export function toStoreError(error: unknown): GatewayError {
  const general = toGatewayError(error);
  if (error instanceof GatewayError || general.code === "install.incomplete") return general;
  const message = error instanceof Error ? error.message : String(error);
  const code = sqliteCode(error);
  const more = { cause: error, fields: { sqlite: code } };
  if (code.startsWith("SQLITE_FULL")) return new GatewayError("store.disk_full", "world", message, more);
  if (isCorrupt(error)) return new GatewayError("store.corrupt", "world", message, more);
  if (/^SQLITE_(IOERR|CANTOPEN|READONLY|BUSY|LOCKED|PROTOCOL)/.test(code)) return new GatewayError("store.io", "world", message, more);
  const system = error instanceof Error && "code" in error ? String(error.code) : "";
  if (system === "ENOSPC" || system === "EDQUOT") return new GatewayError("store.disk_full", "world", message, more);
  if (system.startsWith("E")) return new GatewayError("store.io", "world", message, more);
  return new GatewayError("store.bug", "bug", message, more);
}
