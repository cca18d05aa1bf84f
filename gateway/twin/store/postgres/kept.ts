/** Payloads of kinds without tables of their own: kept as their bytes, by the place that their kind names; of two in one place the newer stays. */

import type { PayloadCodec } from "../../../semantic/payload-codec.ts";
import type { AnyPayload } from "../../../semantic/payloads/kind.ts";
import { seen, type Write } from "./kinds/kind.ts";

/** It throws an Error for a kind that names no place, and the frame is then kept as it came. */
export const writeKept =
  (codec: PayloadCodec): Write<AnyPayload> =>
  async (ask, { g, t }, payload, receivedUs) => {
    const place = codec.placeOf(payload);
    if (place === undefined) throw new Error(`A payload of kind "${payload.kind}" has no place.`);
    await seen(ask, g, place.person, null, receivedUs);
    await ask(
      `INSERT INTO kept(g, person, kind, key, from_us, to_us, t, payload) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (g, person, kind, from_us, key) DO UPDATE SET to_us = excluded.to_us, t = excluded.t, payload = excluded.payload
       WHERE (excluded.t, excluded.payload) > (kept.t, kept.payload)`,
      [g, place.person, payload.kind, place.key, place.fromUs, place.toUs, t, codec.encode(payload)],
    );
  };
