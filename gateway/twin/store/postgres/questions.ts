/** What is asked about a home's people. Every question has the gateway as its first argument. */

import type { AlertRecord, BeatEvent, GapEvent, RhythmEvent, VitalEvent } from "../../../../device-drivers/contract/event.ts";
import { decodePayload, type PayloadCodec } from "../../../semantic/payload-codec.ts";
import type { AnyPayload } from "../../../semantic/payloads/kind.ts";
import type { StripPayload } from "../../../semantic/payloads/strip.ts";
import { dayUs, maxOpenAlerts, maxStrips } from "../bounds.ts";
import type { PersonState, SpanQuery } from "../port.ts";
import { watchedSeconds } from "../watched-seconds.ts";
import type { Ask } from "./pool.ts";

const vitalColumns = `'vital' AS kind, code, time_us AS "timeUs", value, unit, device, stream`;
type VitalRow = Required<VitalEvent>;

/** A number that the house derived has no source. */
const vitalOf = ({ device, stream, ...vital }: VitalRow): VitalEvent => (device === "" ? vital : { ...vital, device, stream });

async function spanOf<Row>(
  ask: Ask,
  what: { columns: string; table: string; time: string; order: string },
  of: readonly [string, string],
  span: SpanQuery,
): Promise<Row[]> {
  const { columns, table, time, order } = what;
  const text = `SELECT ${columns} FROM ${table} WHERE g = $1 AND person = $2 AND ${time} >= $3 AND ${time} < $4 ORDER BY ${time} DESC, ${order} LIMIT $5`;
  return (await ask<Row>(text, [...of, span.fromUs, span.toUs, span.limit])).reverse();
}

const spans = {
  beats: {
    columns: `'beat' AS kind, device, stream, time_us AS "timeUs", label, confidence, rr_ms AS "rrMs"`,
    ...{ table: "beats", time: "time_us", order: "device DESC, stream DESC" },
  },
  vitals: { columns: vitalColumns, table: "vitals", time: "time_us", order: "code DESC, device DESC, stream DESC" },
  rhythms: {
    columns: `'rhythm' AS kind, device, stream, time_us AS "timeUs", label`,
    ...{ table: "rhythms", time: "time_us", order: "device DESC, stream DESC, label DESC" },
  },
  gaps: {
    columns: `'gap' AS kind, device, stream, from_us AS "fromUs", to_us AS "toUs"`,
    ...{ table: "gaps", time: "from_us", order: "device DESC, stream DESC" },
  },
};

export async function people(ask: Ask, g: string): Promise<{ id: string; name?: string }[]> {
  const rows = await ask<{ id: string; name: string | null }>("SELECT person AS id, name FROM people WHERE g = $1 ORDER BY person", [g]);
  return rows.map(({ id, name }) => (name === null ? { id } : { id, name }));
}

export async function beats(ask: Ask, g: string, person: string, span: SpanQuery): Promise<BeatEvent[]> {
  const rows = await spanOf<BeatEvent & { rrMs: number | null }>(ask, spans.beats, [g, person], span);
  return rows.map(({ rrMs, ...beat }) => (rrMs === null ? beat : { ...beat, rrMs }));
}

export async function vitals(ask: Ask, g: string, person: string, span: SpanQuery): Promise<VitalEvent[]> {
  return (await spanOf<VitalRow>(ask, spans.vitals, [g, person], span)).map(vitalOf);
}

export const rhythms = (ask: Ask, g: string, person: string, span: SpanQuery) => spanOf<RhythmEvent>(ask, spans.rhythms, [g, person], span);

export const gaps = (ask: Ask, g: string, person: string, span: SpanQuery) => spanOf<GapEvent>(ask, spans.gaps, [g, person], span);

export async function alerts(
  ask: Ask,
  g: string,
  person: string,
  { open = false, limit }: { open?: boolean; limit: number },
): Promise<AlertRecord[]> {
  const rows = await ask<{ record: string }>(
    "SELECT record FROM alerts WHERE g = $1 AND person = $2 AND newest AND (open OR NOT $3) ORDER BY onset_us DESC, id DESC LIMIT $4",
    [g, person, open, limit],
  );
  return rows.map(({ record }) => JSON.parse(record) as AlertRecord);
}

export async function alert(ask: Ask, g: string, id: string): Promise<AlertRecord | undefined> {
  const [row] = await ask<{ record: string }>("SELECT record FROM alerts WHERE g = $1 AND id = $2 AND newest", [g, id]);
  return row === undefined ? undefined : (JSON.parse(row.record) as AlertRecord);
}

export async function strips(ask: Ask, g: string, person: string, span?: { fromUs: number; toUs: number }): Promise<StripPayload[]> {
  const rows =
    span === undefined
      ? await ask<{ payload: Uint8Array }>(
          "SELECT payload FROM strips WHERE g = $1 AND person = $2 ORDER BY end_us DESC, start_us, device, stream, channel LIMIT 1",
          [g, person],
        )
      : await ask<{ payload: Uint8Array }>(
          "SELECT payload FROM strips WHERE g = $1 AND person = $2 AND end_us > $3 AND start_us < $4 ORDER BY start_us, device, stream, channel LIMIT $5",
          [g, person, span.fromUs, span.toUs, maxStrips],
        );
  return rows.map(({ payload }) => decodePayload(payload) as StripPayload);
}

/** Those that reach into the span, in order of their beginning. */
export const readKept =
  (codec: PayloadCodec) =>
  async (ask: Ask, g: string, person: string, kind: string, { fromUs, toUs, limit }: SpanQuery): Promise<AnyPayload[]> => {
    const rows = await ask<{ payload: Uint8Array }>(
      "SELECT payload FROM kept WHERE g = $1 AND person = $2 AND kind = $3 AND to_us > $4 AND from_us < $5 ORDER BY from_us, key LIMIT $6",
      [g, person, kind, fromUs, toUs, limit],
    );
    return rows.map(({ payload }) => codec.decode(payload));
  };

export async function watchedS(ask: Ask, g: string, person: string, fromUs: number, toUs: number): Promise<Record<string, number>> {
  const rows = await ask<{ rule: string; fromUs: number; toUs: number }>(
    `SELECT rule, from_us AS "fromUs", to_us AS "toUs" FROM watched WHERE g = $1 AND person = $2 AND to_us > $3 AND from_us < $4 ORDER BY rule, from_us`,
    [g, person, fromUs, toUs],
  );
  return watchedSeconds(rows, fromUs, toUs);
}

export async function state(ask: Ask, g: string, person: string): Promise<PersonState> {
  const of = [g, person];
  const [row] = await ask<{ name: string | null; asOfUs: number | null; receivedUs: number | null }>(
    `SELECT name, as_of_us AS "asOfUs", received_us AS "receivedUs" FROM people WHERE g = $1 AND person = $2`,
    of,
  );
  const [vital] = await ask<VitalRow>(
    `SELECT ${vitalColumns} FROM vitals WHERE g = $1 AND person = $2 AND code = 'hr' AND device = '' ORDER BY time_us DESC LIMIT 1`,
    of,
  );
  const [rhythm] = await ask<RhythmEvent>(
    `SELECT ${spans.rhythms.columns} FROM rhythms WHERE g = $1 AND person = $2 AND label LIKE '(%' ORDER BY time_us DESC, device, stream, label LIMIT 1`,
    of,
  );
  const asOfUs = row?.asOfUs ?? undefined;
  const numbers =
    asOfUs === undefined
      ? []
      : await ask<VitalRow>(
          `SELECT DISTINCT ON (code, device, stream) ${vitalColumns} FROM vitals WHERE g = $1 AND person = $2 AND device <> '' AND time_us > $3
           ORDER BY code, device, stream, time_us DESC`,
          [...of, asOfUs - dayUs],
        );
  return {
    person,
    ...(row?.name == null ? {} : { name: row.name }),
    ...(asOfUs === undefined ? {} : { asOfUs }),
    ...(row?.receivedUs == null ? {} : { receivedUs: row.receivedUs }),
    ...(vital === undefined ? {} : { vital: vitalOf(vital) }),
    numbers: numbers.map(vitalOf),
    ...(rhythm === undefined ? {} : { rhythm }),
    openAlerts: await alerts(ask, g, person, { open: true, limit: maxOpenAlerts }),
    watchedS: asOfUs === undefined ? {} : await watchedS(ask, g, person, asOfUs - dayUs, asOfUs),
  };
}
