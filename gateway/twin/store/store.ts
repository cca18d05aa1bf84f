/** The twin's store over SQLite: commits frames exactly once and answers questions. It never hands out what belongs to another gateway. */

import type { AlertRecord, BeatEvent, GapEvent, RhythmEvent, VitalEvent } from "../../../device-drivers/contract/event.ts";
import type { HeartbeatPayload, StripPayload } from "../../semantic/payload.ts";
import { decodePayload } from "../../semantic/payload-codec.ts";
import { prepareApply } from "./apply.ts";
import { type Database, openTwinDatabase, toTwinError } from "./sqlite.ts";
import type { SpanQuery, TwinStore } from "./twin-store.ts";

const dayUs = 86_400_000_000;
const maxStrips = 50;

/** Opens the folder's database; frames that an older version could not read are tried again. `onRepair` is told what was set aside. @throws GatewayError `twin.*` */
export function openTwinStore(dir: string, onRepair: (what: string) => void): TwinStore {
  const db = openTwinDatabase(dir, onRepair);
  const apply = prepareApply(db);
  decodeOpaque(db, apply);

  const known = db.prepare("SELECT 1 FROM frames WHERE g = ? AND e = ? AND n = ?");
  const addFrame = db.prepare("INSERT INTO frames(g, e, n, c, t, h, received_us, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  const commit = db.transaction((received: Parameters<TwinStore["commit"]>[0], receivedUs: number) =>
    received.map(({ frame, payload }) => {
      const { g, e, n, c, t, h, p } = frame;
      if (known.get(g, e, n) !== undefined) return false;
      addFrame.run(g, e, n, c, t, h === true ? 1 : 0, receivedUs, payload === undefined ? p : null);
      if (payload !== undefined) apply(frame, payload, receivedUs);
      return true;
    }),
  );

  const spanOf = <Row>(columns: string, table: string, time = "time_us") => {
    const read = db.prepare(
      `SELECT ${columns} FROM ${table} WHERE g = ? AND person = ? AND ${time} >= ? AND ${time} < ? ORDER BY ${time} DESC LIMIT ?`,
    );
    return (g: string, person: string, { fromUs, toUs, limit }: SpanQuery) => (read.all(g, person, fromUs, toUs, limit) as Row[]).reverse();
  };
  const readBeats = spanOf<BeatEvent & { rrMs: number | null }>(
    "'beat' AS kind, device, stream, time_us AS timeUs, label, confidence, rr_ms AS rrMs",
    "beats",
  );
  const readRhythms = spanOf<RhythmEvent>("'rhythm' AS kind, device, stream, time_us AS timeUs, label", "rhythms");
  const vitalColumns = "'vital' AS kind, code, time_us AS timeUs, value, unit, device, stream";
  type VitalRow = Required<VitalEvent>;
  /** A number that the house derived has no source. */
  const vitalOf = ({ device, stream, ...vital }: VitalRow): VitalEvent => (device === "" ? vital : { ...vital, device, stream });
  const readVitals = spanOf<VitalRow>(vitalColumns, "vitals");
  const newestHeartRate = db.prepare(
    `SELECT ${vitalColumns} FROM vitals WHERE g = ? AND person = ? AND code = 'hr' AND device = '' ORDER BY time_us DESC LIMIT 1`,
  );
  const newestNumbers = db.prepare(
    `SELECT ${vitalColumns.replace("time_us", "max(time_us)")} FROM vitals WHERE g = ? AND person = ? AND device != '' AND time_us > ? GROUP BY code, device, stream ORDER BY code, device, stream`,
  );
  const readGaps = spanOf<GapEvent>("'gap' AS kind, device, stream, from_us AS fromUs, to_us AS toUs", "gaps", "from_us");
  const readPeople = db.prepare("SELECT person AS id, name FROM people WHERE g = ? ORDER BY person");
  const readPerson = db.prepare("SELECT name, as_of_us AS asOfUs, received_us AS receivedUs FROM people WHERE g = ? AND person = ?");
  const readAlerts = db.prepare(
    "SELECT record FROM alerts WHERE g = ? AND person = ? AND open >= ? ORDER BY onset_us DESC, id DESC LIMIT ?",
  );
  const readWatched = db.prepare(
    "SELECT rule, from_us AS fromUs, to_us AS toUs FROM watched WHERE g = ? AND person = ? AND to_us > ? AND from_us < ? ORDER BY rule, from_us",
  );
  const readStrips = db.prepare(
    "SELECT payload FROM strips WHERE g = ? AND person = ? AND end_us > ? AND start_us < ? ORDER BY start_us LIMIT ?",
  );
  const readNewestStrip = db.prepare("SELECT payload FROM strips WHERE g = ? AND person = ? ORDER BY end_us DESC LIMIT 1");
  const readGateway = db.prepare("SELECT heartbeat, heartbeat_received_us AS receivedUs, desired, reported FROM gateways WHERE g = ?");
  const countFrames = db.prepare("SELECT count(*) AS frames, count(payload) AS opaque FROM frames WHERE g = ?");
  const putDesired = db.prepare("INSERT INTO gateways(g, desired) VALUES (?, ?) ON CONFLICT DO UPDATE SET desired = excluded.desired");
  const putReported = db.prepare("INSERT INTO gateways(g, reported) VALUES (?, ?) ON CONFLICT DO UPDATE SET reported = excluded.reported");
  const newestRhythm = db.prepare(
    "SELECT 'rhythm' AS kind, device, stream, time_us AS timeUs, label FROM rhythms WHERE g = ? AND person = ? AND label LIKE '(%' ORDER BY time_us DESC LIMIT 1",
  );

  const gatewayRow = (g: string) =>
    readGateway.get(g) as
      | { heartbeat: string | null; receivedUs: number | null; desired: string | null; reported: string | null }
      | undefined;
  const alerts: TwinStore["alerts"] = (g, person, { open = false, limit }) =>
    (readAlerts.all(g, person, open ? 1 : 0, limit) as { record: string }[]).map(({ record }) => JSON.parse(record) as AlertRecord);

  const watchedS: TwinStore["watchedS"] = (g, person, fromUs, toUs) => {
    const seconds: Record<string, number> = {};
    const reachedUs = new Map<string, number>();
    for (const span of readWatched.all(g, person, fromUs, toUs) as { rule: string; fromUs: number; toUs: number }[]) {
      const start = Math.max(span.fromUs, fromUs, reachedUs.get(span.rule) ?? fromUs);
      const end = Math.min(span.toUs, toUs);
      if (end <= start) continue;
      seconds[span.rule] = (seconds[span.rule] ?? 0) + (end - start) / 1e6;
      reachedUs.set(span.rule, end);
    }
    return seconds;
  };

  return {
    commit(received, receivedUs) {
      try {
        return commit.immediate(received, receivedUs);
      } catch (error) {
        throw toTwinError(error);
      }
    },
    people: (g) =>
      (readPeople.all(g) as { id: string; name: string | null }[]).map(({ id, name }) => (name === null ? { id } : { id, name })),
    state(g, person) {
      const row = readPerson.get(g, person) as { name: string | null; asOfUs: number | null; receivedUs: number | null } | undefined;
      const vital = newestHeartRate.get(g, person) as VitalRow | undefined;
      const rhythm = newestRhythm.get(g, person) as RhythmEvent | undefined;
      const asOfUs = row?.asOfUs ?? undefined;
      return {
        person,
        ...(row?.name == null ? {} : { name: row.name }),
        ...(asOfUs === undefined ? {} : { asOfUs }),
        ...(row?.receivedUs == null ? {} : { receivedUs: row.receivedUs }),
        ...(vital === undefined ? {} : { vital: vitalOf(vital) }),
        numbers: asOfUs === undefined ? [] : (newestNumbers.all(g, person, asOfUs - dayUs) as VitalRow[]).map(vitalOf),
        ...(rhythm === undefined ? {} : { rhythm }),
        openAlerts: alerts(g, person, { open: true, limit: 200 }),
        watchedS: asOfUs === undefined ? {} : watchedS(g, person, asOfUs - dayUs, asOfUs),
      };
    },
    vitals: (g, person, span) => readVitals(g, person, span).map(vitalOf),
    beats: (g, person, span) => readBeats(g, person, span).map(({ rrMs, ...beat }) => (rrMs === null ? beat : { ...beat, rrMs })),
    rhythms: readRhythms,
    gaps: readGaps,
    alerts,
    strips(g, person, span) {
      const rows = span === undefined ? readNewestStrip.all(g, person) : readStrips.all(g, person, span.fromUs, span.toUs, maxStrips);
      return (rows as { payload: Uint8Array }[]).map(({ payload }) => decodePayload(payload) as StripPayload);
    },
    watchedS,
    gateway(g) {
      const row = gatewayRow(g);
      const { frames, opaque } = countFrames.get(g) as { frames: number; opaque: number };
      if (row?.heartbeat == null || row.receivedUs === null) return { gateway: g, frames, opaque };
      return { gateway: g, heartbeat: JSON.parse(row.heartbeat) as HeartbeatPayload, heartbeatReceivedUs: row.receivedUs, frames, opaque };
    },
    desired: (g) => gatewayRow(g)?.desired ?? undefined,
    putDesired: (g, text) => void putDesired.run(g, text),
    reported: (g) => gatewayRow(g)?.reported ?? undefined,
    putReported: (g, text) => void putReported.run(g, text),
    close: () => void db.close(),
  };
}

function decodeOpaque(db: Database, apply: ReturnType<typeof prepareApply>): void {
  type Row = {
    g: string;
    e: Uint8Array;
    n: number;
    c: "alert" | "status" | "semantic" | "raw";
    t: number;
    h: number;
    receivedUs: number;
    payload: Uint8Array;
  };
  const rows = db
    .prepare("SELECT g, e, n, c, t, h, received_us AS receivedUs, payload FROM frames WHERE payload IS NOT NULL ORDER BY g, e, n")
    .all() as Row[];
  const done = db.prepare("UPDATE frames SET payload = NULL WHERE g = ? AND e = ? AND n = ?");
  const retry = db.transaction((row: Row, payload: ReturnType<typeof decodePayload>) => {
    apply({ g: row.g, e: row.e, n: row.n, c: row.c, t: row.t, ...(row.h === 1 ? { h: true } : {}) }, payload, row.receivedUs);
    done.run(row.g, row.e, row.n);
  });
  for (const row of rows) {
    let payload: ReturnType<typeof decodePayload>;
    try {
      payload = decodePayload(row.payload);
    } catch {
      // Still not readable by this version: it stays as it came.
      continue;
    }
    retry(row, payload);
  }
}
