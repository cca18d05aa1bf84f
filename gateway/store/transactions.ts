/** A transaction of the store: whole or not at all, with the durability that is asked for. */

import { type Database, toStoreError } from "./database.ts";
import { suspect } from "./open-file.ts";
import type { Synchronous } from "./waiting-commits.ts";
import type { WrittenBytes } from "./written-bytes.ts";

interface TransactionsOptions {
  readonly db: Database;
  readonly written: WrittenBytes;
  readonly dir: string;
  readonly onRolledBack: () => void;
}

/** `run` throws what SQLite said as the store's own error; `total` counts those that were written. */
export function createTransactions({ db, written, dir, onRolledBack }: TransactionsOptions) {
  let total = 0;
  return {
    run<T>(synchronous: Synchronous, write: () => T): T {
      return written.around(() => {
        db.pragma(`synchronous = ${synchronous}`);
        try {
          db.exec("BEGIN IMMEDIATE");
          const result = write();
          db.exec("COMMIT");
          total += 1;
          return result;
        } catch (error) {
          // SQLite has rolled some errors back itself (disk full).
          if (db.inTransaction) db.exec("ROLLBACK");
          onRolledBack();
          const known = toStoreError(error);
          if (known.code === "store.corrupt") suspect(dir);
          throw known;
        }
      });
    },
    total: () => total,
  };
}
