/** Alerts, newest first, and the strips that are owed for them. Runs inside the caller's transaction. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type AlertRecord, isOpen, openStates, type StripDue } from "../../device-drivers/contract/event.ts";
import type { Database } from "./database.ts";
import type { AlertQuery } from "./store-port.ts";

interface AlertTable {
  put(alert: AlertRecord): void;
  one(id: string): AlertRecord | undefined;
  /** `held`: newest records that the disk has refused so far; they stand for the ones in the table. */
  page(query: AlertQuery, held?: ReadonlyMap<string, AlertRecord>): { alerts: AlertRecord[]; cursor?: string };
  owe(strip: StripDue): void;
  fulfil(alertId: string): void;
  owed(): StripDue[];
}

/** The column `is_open` says "not closed": its index keeps the few rows at hand that may still change, resolved ones among them. */
const isUnfinished = ({ state }: AlertRecord) => state !== "closed";
const stateIsOpen = `json_extract(body, '$.state') IN (${openStates.map((state) => `'${state}'`).join()})`;
/** SQL of `isAsked`. */
const whereOf = ({ person, persons, open, unfinished }: AlertQuery): string =>
  [
    ...(person === undefined ? [] : ["person = @person"]),
    ...(persons === undefined ? [] : ["person IN (SELECT value FROM json_each(@persons))"]),
    ...(open === true ? [`is_open = 1 AND ${stateIsOpen}`] : open === false ? [`NOT (is_open = 1 AND ${stateIsOpen})`] : []),
    ...(unfinished === true ? ["is_open = 1"] : []),
  ]
    .map((condition) => `AND ${condition}`)
    .join(" ");
const isAsked = (alert: AlertRecord, { person, persons, open, unfinished }: AlertQuery): boolean =>
  (person === undefined || person === alert.person) &&
  (persons === undefined || persons.includes(alert.person)) &&
  (open === undefined || open === isOpen(alert)) &&
  (unfinished !== true || isUnfinished(alert));
const defaultLimit = 100;
const largestLimit = 1000;

export function createAlertTable(db: Database): AlertTable {
  const put = db.prepare(
    `INSERT INTO alerts(id, person, raised_us, is_open, body) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT(id) DO UPDATE SET person = excluded.person, raised_us = excluded.raised_us, is_open = excluded.is_open, body = excluded.body`,
  );
  const one = db.prepare("SELECT body FROM alerts WHERE id = ?").pluck();
  const owe = db.prepare(
    `INSERT INTO strips_due(alert_id, device, stream, body) VALUES (?, ?, ?, ?)
     ON CONFLICT(alert_id, device, stream) DO UPDATE SET body = excluded.body`,
  );
  const fulfil = db.prepare("DELETE FROM strips_due WHERE alert_id = ?");
  const owed = db.prepare("SELECT body FROM strips_due ORDER BY number").pluck();
  const pageSql = (where: string) =>
    db.prepare(`SELECT id, number, raised_us AS raisedUs, body FROM alerts WHERE (raised_us, number) < (@raisedUs, @number) ${where}
                ORDER BY raised_us DESC, number DESC LIMIT @limit`);

  return {
    put(alert) {
      put.run(alert.id, alert.person, Math.round(alert.raisedUs), isUnfinished(alert) ? 1 : 0, JSON.stringify(alert));
    },
    one(id) {
      const body = one.get(id);
      return typeof body === "string" ? JSON.parse(body) : undefined;
    },
    page(query, held = new Map()) {
      const limit = Math.min(Math.max(1, query.limit ?? defaultLimit), largestLimit);
      const after = query.cursor === undefined ? { raisedUs: Number.MAX_SAFE_INTEGER, number: 0 } : decodeCursor(query.cursor);
      const values = {
        ...after,
        limit: limit + 1 + held.size,
        ...(query.person === undefined ? {} : { person: query.person }),
        ...(query.persons === undefined ? {} : { persons: JSON.stringify(query.persons) }),
      };
      const stored = pageSql(whereOf(query)).all(values) as NumberedRow[];
      const rows = held.size === 0 ? stored : withHeld(stored, held, query, after);
      const shown = rows.slice(0, limit);
      const alerts = shown.map(({ body }) => JSON.parse(body) as AlertRecord);
      const last = shown.at(-1);
      return rows.length > limit && last !== undefined ? { alerts, cursor: `${last.raisedUs}.${last.number}` } : { alerts };
    },
    owe(strip) {
      owe.run(strip.alertId, strip.device, strip.stream, JSON.stringify(strip));
    },
    fulfil(alertId) {
      fulfil.run(alertId);
    },
    owed: () => owed.all().map((body) => JSON.parse(String(body)) as StripDue),
  };
}

interface NumberedRow {
  readonly id: string;
  readonly number: number;
  readonly raisedUs: number;
  readonly body: string;
}

/** Of two alerts that were raised in the same microsecond one that is held is the newer; so a cursor tells them apart. */
function withHeld(
  stored: readonly NumberedRow[],
  held: ReadonlyMap<string, AlertRecord>,
  query: AlertQuery,
  after: { readonly raisedUs: number; readonly number: number },
): NumberedRow[] {
  const newest = (a: { raisedUs: number; number: number }, b: { raisedUs: number; number: number }) =>
    b.raisedUs - a.raisedUs || b.number - a.number;
  const added = [...held.values()].flatMap((alert, i): NumberedRow[] => {
    const row = { id: alert.id, number: Number.MAX_SAFE_INTEGER - i, raisedUs: Math.round(alert.raisedUs), body: JSON.stringify(alert) };
    return isAsked(alert, query) && newest(after, row) < 0 ? [row] : [];
  });
  return [...stored.filter(({ id }) => !held.has(id)), ...added].sort(newest);
}

function decodeCursor(cursor: string): { raisedUs: number; number: number } {
  const match = /^(\d{1,16})\.(\d{1,16})$/.exec(cursor);
  if (match === null) throw new GatewayError("store.bad_cursor", "operator", "the cursor is not one that a page of alerts gave out");
  return { raisedUs: Number(match[1]), number: Number(match[2]) };
}
