/** Who did what, as a chain: each row's hash covers the row and the hash before it. Only adds; a changed, removed or cut row is found. */

import { createHash } from "node:crypto";
import type { Database } from "./database.ts";
import type { AuditRow } from "./store-port.ts";

interface AuditTable {
  add(rows: readonly AuditRow[]): void;
  /** Newest first. */
  newest(limit: number): (AuditRow & { hash: string })[];
  /** Number of the first row that doesn't hold; one more than the last when rows were cut off the end; undefined when all hold. */
  verify(): number | undefined;
}

interface StoredRow {
  readonly number: number;
  readonly atUs: number;
  readonly what: string;
  readonly by: string;
  readonly subject: string;
  readonly detail: string;
  readonly hash: Uint8Array;
}

const noHash = new Uint8Array(32);
const columns = "number, at_us AS atUs, what, by_whom AS 'by', subject, detail, hash";

export function createAuditTable(db: Database): AuditTable {
  const last = db.prepare(`SELECT ${columns} FROM audit ORDER BY number DESC LIMIT 1`);
  const insert = db.prepare("INSERT INTO audit(number, at_us, what, by_whom, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?)");
  const newest = db.prepare(`SELECT ${columns} FROM audit ORDER BY number DESC LIMIT ?`);
  const all = db.prepare(`SELECT ${columns} FROM audit ORDER BY number`);
  const readHead = db.prepare("SELECT value FROM meta WHERE key = 'audit_head'").pluck();
  const writeHead = db.prepare(
    "INSERT INTO meta(key, value) VALUES ('audit_head', ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
  );

  return {
    add(rows) {
      let { number, hash } = (last.get() as StoredRow | undefined) ?? { number: 0, hash: noHash };
      for (const row of rows) {
        number += 1;
        const detail = canonical(row.detail);
        const atUs = Math.round(row.atUs);
        hash = hashOf(hash, { ...row, number, atUs, detail });
        insert.run(number, atUs, row.what, row.by, row.subject, detail, hash);
      }
      // The head stands apart from the rows, so that cutting the newest ones off shows too.
      if (rows.length > 0) writeHead.run(Buffer.from(hash).toString("hex"));
    },
    newest: (limit) =>
      (newest.all(limit) as StoredRow[]).map(({ atUs, what, by, subject, detail, hash }) => ({
        ...{ atUs, what, by, subject, detail: JSON.parse(detail) },
        hash: Buffer.from(hash).toString("hex"),
      })),
    verify() {
      let hash: Uint8Array = noHash;
      let number = 0;
      for (const row of all.iterate() as IterableIterator<StoredRow>) {
        number += 1;
        hash = hashOf(hash, row);
        if (row.number !== number || Buffer.compare(hash, row.hash) !== 0) return number;
      }
      const head = readHead.get();
      return (head ?? Buffer.from(noHash).toString("hex")) === Buffer.from(hash).toString("hex") ? undefined : number + 1;
    },
  };
}

function hashOf(previous: Uint8Array, row: Omit<StoredRow, "hash">): Uint8Array {
  const { number, atUs, what, by, subject, detail } = row;
  return createHash("sha256").update(previous).update(canonical({ number, atUs, what, by, subject, detail })).digest();
}

/** JSON with sorted keys: the same row is the same bytes. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
    .join(",")}}`;
}
