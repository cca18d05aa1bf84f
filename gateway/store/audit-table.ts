/**
 * Who did what, as a chain: each row's hash covers the row and the hash before it. A changed, removed or cut row is found. Rows are only ever taken out of
 * it with a row that says so, see decisions/leaving.md.
 */

import { createHash } from "node:crypto";
import type { Database, Statement } from "./database.ts";
import type { AuditRow, AuditVerdict } from "./store-port.ts";

interface AuditTable {
  add(rows: readonly AuditRow[]): void;
  /** Newest first. */
  newest(limit: number): (AuditRow & { hash: string })[];
  verify(): AuditVerdict;
  newestNumber(): number;
  /** Ids of the alerts of which a row tells that is behind `number`, at most so many, in the order of their newest row. */
  alertsAfter(number: number, most: number): string[];
  /** A transaction was rolled back. */
  forgetCached(): void;
  /** Takes out the rows that `isErased` names, and adds one that vouches for where they stood. Returns how many. */
  erase(isErased: (row: AuditRow) => boolean, by: { readonly atUs: number; readonly subject: string }): number;
}

/** A stretch of rows that were taken out: their numbers, and the chain's hash (hex) before and behind them. */
interface ErasedRun {
  readonly from: number;
  to: number;
  readonly before: string;
  after: string;
}

const erasedWhat = "audit.erased";

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

  const changed = db
    .prepare("SELECT subject FROM audit WHERE number > ? AND what LIKE 'alert.%' GROUP BY subject ORDER BY max(number) LIMIT ?")
    .pluck();
  const readNewest = () => (last.get() as StoredRow | undefined)?.number ?? 0;
  let newestKnown = readNewest();
  let isStale = false;
  const newestNumber = () => {
    if (isStale && db.open) newestKnown = readNewest();
    isStale = false;
    return newestKnown;
  };

  const remove = db.prepare("DELETE FROM audit WHERE number = ?");

  const append: AuditTable["add"] = (rows) => {
    let { number, hash } = (last.get() as StoredRow | undefined) ?? { number: 0, hash: noHash };
    for (const row of rows) {
      number += 1;
      const detail = canonical(row.detail);
      const atUs = Math.round(row.atUs);
      hash = hashOf(hash, { ...row, number, atUs, detail });
      insert.run(number, atUs, row.what, row.by, row.subject, detail, hash);
    }
    // The head stands apart from the rows, so that cutting the newest ones off shows too.
    if (rows.length > 0) writeHead.run(hexOf(hash));
    newestKnown = number;
  };

  return {
    add: append,
    newestNumber,
    alertsAfter: (number, most) => changed.all(number, most) as string[],
    forgetCached() {
      isStale = true;
    },
    newest: (limit) =>
      (newest.all(limit) as StoredRow[]).map(({ atUs, what, by, subject, detail, hash }) => ({
        ...{ atUs, what, by, subject, detail: JSON.parse(detail) },
        hash: hexOf(hash),
      })),
    verify() {
      const runs = runsOf(all);
      let hash = hexOf(noHash);
      let number = 0;
      let rows = 0;
      let erased = 0;
      for (const row of all.iterate() as IterableIterator<StoredRow>) {
        for (let run = runs.get(number + 1); number + 1 < row.number && run !== undefined; run = runs.get(number + 1)) {
          // Only a row that came later can say so.
          if (run.before !== hash || run.to >= row.number || run.vouchedBy <= run.to) break;
          erased += run.to - number;
          number = run.to;
          hash = run.after;
        }
        number += 1;
        rows += 1;
        hash = hexOf(hashOf(Buffer.from(hash, "hex"), row));
        if (row.number !== number || hash !== hexOf(row.hash)) return { rows, erased, brokenAt: number };
      }
      const head = readHead.get() ?? hexOf(noHash);
      return head === hash ? { rows, erased } : { rows, erased, brokenAt: number + 1 };
    },
    erase(isErased, { atUs, subject }) {
      const runs: ErasedRun[] = [];
      const known = runsOf(all);
      let hash = hexOf(noHash);
      let number = 0;
      const gone: number[] = [];
      for (const row of all.iterate() as IterableIterator<StoredRow>) {
        for (let run = known.get(number + 1); number + 1 < row.number && run !== undefined; run = known.get(number + 1)) {
          number = run.to;
          hash = run.after;
        }
        number = row.number;
        const before = hash;
        hash = hexOf(row.hash);
        if (!isErased({ ...row, detail: JSON.parse(row.detail) })) continue;
        gone.push(number);
        const last = runs.at(-1);
        if (last?.to === number - 1) Object.assign(last, { to: number, after: hash });
        else runs.push({ from: number, to: number, before, after: hash });
      }
      append([{ atUs, what: erasedWhat, by: "gateway", subject, detail: { runs } }]);
      for (const each of gone) remove.run(each);
      return gone.length;
    },
  };
}

/** By their first number: what the rows that are there say of those that are not. */
function runsOf(all: Statement): Map<number, ErasedRun & { readonly vouchedBy: number }> {
  const vouching = (all.all() as StoredRow[]).filter(({ what }) => what === erasedWhat);
  return new Map(
    vouching.flatMap(({ number, detail }) =>
      (JSON.parse(detail) as { runs: ErasedRun[] }).runs.map((run) => [run.from, { ...run, vouchedBy: number }] as const),
    ),
  );
}

const hexOf = (hash: Uint8Array) => Buffer.from(hash).toString("hex");

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
