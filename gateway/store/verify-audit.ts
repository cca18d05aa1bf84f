/** Whether the record of who did what is whole, asked of a store that may be open elsewhere. Writes nothing. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { createAuditTable } from "./audit-table.ts";
import { openDatabase, toStoreError } from "./database.ts";
import type { AuditVerdict } from "./store-port.ts";

/** Of the store in `dir`; undefined where none was begun yet. Throws as `openStore`. */
export function verifyAuditOf(dir: string): AuditVerdict | undefined {
  const path = join(dir, "hearth.db");
  if (!existsSync(path)) return undefined;
  try {
    const db = openDatabase(path);
    try {
      // Rows and head as of one moment.
      return db.transaction(() => createAuditTable(db).verify())();
    } finally {
      db.close();
    }
  } catch (error) {
    throw toStoreError(error);
  }
}

/** For people. */
export function auditText({ rows, erased, brokenAt }: AuditVerdict): string {
  const gone = erased === 0 ? "" : `; ${erased} more were erased with people who have left, and vouched for`;
  return brokenAt === undefined
    ? `The audit chain is whole: ${rows} rows${gone}.`
    : `The audit chain is broken at row ${brokenAt}: from there on it may have been changed, taken out or cut off outside of Hearth. Compare with a backup.`;
}
