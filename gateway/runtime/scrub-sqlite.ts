/** What SQLite leaves of deleted rows: content in free pages and in the log. Here it is written anew without. */

/** The part of a better-sqlite3 database that is needed; who may open one is decided elsewhere. */
interface Scrubbed {
  exec(sql: string): unknown;
  pragma(sql: string, options?: { simple?: boolean }): unknown;
}

/** Up to this size the copy that VACUUM makes is in memory; a larger one is a file without a name in the system's folder for temporary files. */
const mostInMemoryBytes = 256 << 20;

/**
 * Leaves in the database's files nothing but what its tables say. Throws SQLite's own error where the disk refuses it.
 *
 * @returns false where somebody else reads the database, so that the log could not be emptied.
 */
export function scrubSqlite(db: Scrubbed): boolean {
  const number = (name: string) => Number(db.pragma(name, { simple: true }));
  db.pragma(`temp_store = ${number("page_count") * number("page_size") <= mostInMemoryBytes ? "MEMORY" : "DEFAULT"}`);
  db.exec("VACUUM");
  const [log] = db.pragma("wal_checkpoint(TRUNCATE)") as { busy: number }[];
  return log?.busy === 0;
}
