/** What is asked about a home's people, as prepared statements. Every one has the gateway as its first argument. */

import type { AlertRecord, BeatEvent, GapEvent, RhythmEvent, VitalEvent } from "../../../../device-drivers/contract/event.ts";
import { decodePayload } from "../../../semantic/payload-codec.ts";
import type { StripPayload } from "../../../semantic/payloads/strip.ts";
import { dayUs, maxOpenAlerts, maxStrips } from "../bounds.ts";
import type { PersonState, SpanQuery } from "../port.ts";
import { watchedSeconds } from "../watched-seconds.ts";
import type { Database } from "./database.ts";

const vitalColumns = "'vital' AS kind, code, time_us AS timeUs, value, unit, device, stream";
type VitalRow = Required<VitalEvent>;
interface PersonRow {
  readonly name: string | null;
  readonly asOfUs: number | null;
  readonly receivedUs: number | null;
}

export function prepareQuestions(db: Database) {
  const people = db.prepare("SELECT person AS id, name FROM people WHERE g = ? ORDER BY person");
  const readAlerts = db.prepare(
    "SELECT record FROM alerts WHERE g = ? AND person = ? AND newest = 1 AND open >= ? ORDER BY onset_us DESC, id DESC LIMIT ?",
  );
  const alerts = (g: string, person: string, { open = false, limit }: { open?: boolean; limit: number }) =>
    (readAlerts.all(g, person, open ? 1 : 0, limit) as { record: string }[]).map(({ record }) => JSON.parse(record) as AlertRecord);
  const readAlert = db.prepare("SELECT record FROM alerts WHERE g = ? AND id = ? AND newest = 1").pluck();
  const readStrips = db.prepare(
    "SELECT payload FROM strips WHERE g = ? AND person = ? AND end_us > ? AND start_us < ? ORDER BY start_us, device, stream, channel LIMIT ?",
  );
  const newestStrip = db.prepare(
    "SELECT payload FROM strips WHERE g = ? AND person = ? ORDER BY end_us DESC, start_us, device, stream, channel LIMIT 1",
  );
  const watchedS = prepareWatched(db);
  const spans = prepareSpans(db);
  return {
    ...spans,
    people: (g: string) =>
      (people.all(g) as { id: string; name: string | null }[]).map(({ id, name }) => (name === null ? { id } : { id, name })),
    alerts,
    alert(g: string, id: string): AlertRecord | undefined {
      const record = readAlert.get(g, id);
      return typeof record === "string" ? (JSON.parse(record) as AlertRecord) : undefined;
    },
    watchedS,
    state: prepareState(db, (g, person) => alerts(g, person, { open: true, limit: maxOpenAlerts }), watchedS),
    strips(g: string, person: string, span?: { fromUs: number; toUs: number }) {
      const rows = span === undefined ? newestStrip.all(g, person) : readStrips.all(g, person, span.fromUs, span.toUs, maxStrips);
      return (rows as { payload: Uint8Array }[]).map(({ payload }) => decodePayload(payload) as StripPayload);
    },
  };
}

/** A number that the house derived has no source. */
function vitalOf({ device, stream, ...vital }: VitalRow): VitalEvent {
  return device === "" ? vital : { ...vital, device, stream };
}

function prepareSpans(db: Database) {
  const spanOf = <Row>(columns: string, table: string, time: string, order: string) => {
    const read = db.prepare(
      `SELECT ${columns} FROM ${table} WHERE g = ? AND person = ? AND ${time} >= ? AND ${time} < ? ORDER BY ${time} DESC, ${order} LIMIT ?`,
    );
    return (g: string, person: string, { fromUs, toUs, limit }: SpanQuery) => (read.all(g, person, fromUs, toUs, limit) as Row[]).reverse();
  };
  const beats = spanOf<BeatEvent & { rrMs: number | null }>(
    "'beat' AS kind, device, stream, time_us AS timeUs, label, confidence, rr_ms AS rrMs",
    "beats",
    "time_us",
    "device DESC, stream DESC",
  );
  const vitals = spanOf<VitalRow>(vitalColumns, "vitals", "time_us", "code DESC, device DESC, stream DESC");
  return {
    beats: (g: string, person: string, span: SpanQuery): BeatEvent[] =>
      beats(g, person, span).map(({ rrMs, ...beat }) => (rrMs === null ? beat : { ...beat, rrMs })),
    vitals: (g: string, person: string, span: SpanQuery) => vitals(g, person, span).map(vitalOf),
    rhythms: spanOf<RhythmEvent>(
      "'rhythm' AS kind, device, stream, time_us AS timeUs, label",
      "rhythms",
      "time_us",
      "device DESC, stream DESC, label DESC",
    ),
    gaps: spanOf<GapEvent>(
      "'gap' AS kind, device, stream, from_us AS fromUs, to_us AS toUs",
      "gaps",
      "from_us",
      "device DESC, stream DESC",
    ),
  };
}

function prepareWatched(db: Database) {
  const read = db.prepare(
    "SELECT rule, from_us AS fromUs, to_us AS toUs FROM watched WHERE g = ? AND person = ? AND to_us > ? AND from_us < ? ORDER BY rule, from_us",
  );
  return (g: string, person: string, fromUs: number, toUs: number) =>
    watchedSeconds(read.all(g, person, fromUs, toUs) as Parameters<typeof watchedSeconds>[0], fromUs, toUs);
}

function prepareState(
  db: Database,
  openAlerts: (g: string, person: string) => AlertRecord[],
  watchedS: (g: string, person: string, fromUs: number, toUs: number) => Record<string, number>,
) {
  const readPerson = db.prepare("SELECT name, as_of_us AS asOfUs, received_us AS receivedUs FROM people WHERE g = ? AND person = ?");
  const heartRate = db.prepare(
    `SELECT ${vitalColumns} FROM vitals WHERE g = ? AND person = ? AND code = 'hr' AND device = '' ORDER BY time_us DESC LIMIT 1`,
  );
  const numbers = db.prepare(
    `SELECT ${vitalColumns.replace("time_us", "max(time_us)")} FROM vitals WHERE g = ? AND person = ? AND device != '' AND time_us > ? GROUP BY code, device, stream ORDER BY code, device, stream`,
  );
  const newestRhythm = db.prepare(
    "SELECT 'rhythm' AS kind, device, stream, time_us AS timeUs, label FROM rhythms WHERE g = ? AND person = ? AND label LIKE '(%' ORDER BY time_us DESC, device, stream, label LIMIT 1",
  );
  return (g: string, person: string): PersonState => {
    const row = readPerson.get(g, person) as PersonRow | undefined;
    const vital = heartRate.get(g, person) as VitalRow | undefined;
    const rhythm = newestRhythm.get(g, person) as RhythmEvent | undefined;
    const asOfUs = row?.asOfUs ?? undefined;
    return {
      person,
      ...(row?.name == null ? {} : { name: row.name }),
      ...(asOfUs === undefined ? {} : { asOfUs }),
      ...(row?.receivedUs == null ? {} : { receivedUs: row.receivedUs }),
      ...(vital === undefined ? {} : { vital: vitalOf(vital) }),
      numbers: asOfUs === undefined ? [] : (numbers.all(g, person, asOfUs - dayUs) as VitalRow[]).map(vitalOf),
      ...(rhythm === undefined ? {} : { rhythm }),
      openAlerts: openAlerts(g, person),
      watchedS: asOfUs === undefined ? {} : watchedS(g, person, asOfUs - dayUs, asOfUs),
    };
  };
}
