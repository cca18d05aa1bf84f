/** Events, each in its table under its own key; a frame's rows of one table are one statement. */

import type { EventsPayload } from "../../../../semantic/payloads/events.ts";
import type { Ask } from "../pool.ts";
import { seen, type Write } from "./kind.ts";

// Two frames that contradict each other about one beat or number: neither is newer, so the surer or the larger stays. Within a frame it is chosen before.
const beats = `INSERT INTO beats(g, person, time_us, device, stream, label, confidence, rr_ms)
  SELECT DISTINCT ON (time_us, device, stream) $1, $2, * FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[])
  AS told(time_us, device, stream, label, confidence, rr_ms)
  ORDER BY time_us, device, stream, confidence DESC, label COLLATE "C" DESC, coalesce(rr_ms, -1) DESC
  ON CONFLICT (g, person, time_us, device, stream) DO UPDATE SET label = excluded.label, confidence = excluded.confidence, rr_ms = excluded.rr_ms
  WHERE (excluded.confidence, excluded.label, coalesce(excluded.rr_ms, -1)) > (beats.confidence, beats.label, coalesce(beats.rr_ms, -1))`;
const rhythms = `INSERT INTO rhythms(g, person, time_us, device, stream, label)
  SELECT $1, $2, * FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) ON CONFLICT DO NOTHING`;
const vitals = `INSERT INTO vitals(g, person, time_us, code, value, unit, device, stream)
  SELECT DISTINCT ON (time_us, code, device, stream) $1, $2, * FROM unnest($3::bigint[], $4::text[], $5::float8[], $6::text[], $7::text[], $8::text[])
  AS told(time_us, code, value, unit, device, stream) ORDER BY time_us, code, device, stream, value DESC, unit COLLATE "C" DESC
  ON CONFLICT (g, person, time_us, code, device, stream) DO UPDATE SET value = excluded.value, unit = excluded.unit
  WHERE (excluded.value, excluded.unit) > (vitals.value, vitals.unit)`;
const gaps = `INSERT INTO gaps(g, person, from_us, device, stream, to_us)
  SELECT $1, $2, from_us, device, stream, max(to_us) FROM unnest($3::bigint[], $4::text[], $5::text[], $6::bigint[]) AS told(from_us, device, stream, to_us)
  GROUP BY from_us, device, stream ON CONFLICT (g, person, from_us, device, stream) DO UPDATE SET to_us = greatest(gaps.to_us, excluded.to_us)`;
const watched = `INSERT INTO watched(g, person, rule, from_us, to_us)
  SELECT $1, $2, rule, from_us, max(to_us) FROM unnest($3::text[], $4::bigint[], $5::bigint[]) AS told(rule, from_us, to_us)
  GROUP BY rule, from_us ON CONFLICT (g, person, rule, from_us) DO UPDATE SET to_us = greatest(watched.to_us, excluded.to_us)`;

export const writeEvents: Write<EventsPayload> = async (ask, { g }, events, receivedUs) => {
  const { person } = events;
  await seen(ask, g, person, events.toUs, receivedUs);
  const write = writeRows(ask, [g, person]);
  await write(beats, events.beats, (beat) => [beat.timeUs, beat.device, beat.stream, beat.label, beat.confidence, beat.rrMs ?? null]);
  await write(rhythms, events.rhythms, ({ timeUs, device, stream, label }) => [timeUs, device, stream, label]);
  await write(vitals, events.vitals, ({ timeUs, code, value, unit, device = "", stream = "" }) => [
    timeUs,
    code,
    value,
    unit,
    device,
    stream,
  ]);
  await write(gaps, events.gaps, ({ fromUs, device, stream, toUs }) => [fromUs, device, stream, toUs]);
  await write(watched, events.watched, ({ rule, fromUs, toUs }) => [rule, fromUs, toUs]);
};

/** Rows go as one array a column. */
function writeRows(ask: Ask, of: readonly string[]) {
  return async <Row>(statement: string, rows: readonly Row[], columnsOf: (row: Row) => readonly unknown[]): Promise<void> => {
    const all = rows.map(columnsOf);
    const columns = (all[0] ?? []).map((_, column) => all.map((row) => row[column]));
    if (all.length > 0) await ask(statement, [...of, ...columns]);
  };
}
