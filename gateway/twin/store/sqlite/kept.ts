/** Payloads of kinds without tables of their own: kept as their bytes, by the place that their kind names; of two in one place the newer stays. */

import type { PayloadCodec } from "../../../semantic/payload-codec.ts";
import type { AnyPayload } from "../../../semantic/payloads/kind.ts";
import type { SpanQuery } from "../port.ts";
import type { Database } from "./database.ts";
import { type PrepareWrite, prepareSeen } from "./kinds/kind.ts";

/** What it prepares throws an Error for a kind that names no place, and the frame is then kept as it came. */
export const writeKept =
  (codec: PayloadCodec): PrepareWrite<AnyPayload> =>
  (db) => {
    const seen = prepareSeen(db);
    const write = db.prepare(
      `INSERT INTO kept(g, person, kind, key, from_us, to_us, t, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET to_us = excluded.to_us, t = excluded.t, payload = excluded.payload WHERE (excluded.t, excluded.payload) > (t, payload)`,
    );
    return ({ g, t }, payload, receivedUs) => {
      const place = codec.placeOf(payload);
      if (place === undefined) throw new Error(`A payload of kind "${payload.kind}" has no place.`);
      seen(g, place.person, null, receivedUs);
      write.run(g, place.person, payload.kind, place.key, place.fromUs, place.toUs, t, codec.encode(payload));
    };
  };

/** Those that reach into the span, in order of their beginning. */
export function prepareReadKept(db: Database, codec: PayloadCodec) {
  const read = db.prepare(
    "SELECT payload FROM kept WHERE g = ? AND person = ? AND kind = ? AND to_us > ? AND from_us < ? ORDER BY from_us, key LIMIT ?",
  );
  return (g: string, person: string, kind: string, { fromUs, toUs, limit }: SpanQuery): AnyPayload[] =>
    (read.all(g, person, kind, fromUs, toUs, limit) as { payload: Uint8Array }[]).map(({ payload }) => codec.decode(payload));
}
