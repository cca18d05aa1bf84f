/** A database file that may have been damaged: looked at cheaply before it is trusted, and set aside whole. */

import { existsSync, renameSync } from "node:fs";

/** The part of a better-sqlite3 database that is needed; who may open one is decided elsewhere. */
interface Read {
  prepare(sql: string): { pluck(): { all(): unknown[] }; get(): unknown };
}

/** Reads both ends of every table: cheap at any size, and a file that lost its head or tail fails here with SQLite's own error. */
export function readBothEnds(db: Read): void {
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
  for (const name of names) for (const order of ["", " DESC"]) db.prepare(`SELECT * FROM "${name}" ORDER BY 1${order} LIMIT 1`).get();
}

/** With its log: a new database must not take that for its own, and the old one can be opened with it. Throws the system's error. */
export function moveDatabase(path: string, to: string): void {
  for (const end of ["", "-wal", "-shm"]) if (existsSync(path + end)) renameSync(path + end, to + end);
}
