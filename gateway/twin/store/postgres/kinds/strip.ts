/** A strip is kept as its bytes, by where it begins; of two with one beginning the longer stays. */

import { encodePayload } from "../../../../semantic/payload-codec.ts";
import type { StripPayload } from "../../../../semantic/payloads/strip.ts";
import { seen, type Write } from "./kind.ts";

export const writeStrip: Write<StripPayload> = async (ask, { g }, strip, receivedUs) => {
  await seen(ask, g, strip.person, null, receivedUs);
  const endUs = strip.startUs + Math.round((strip.samples.length * 1e6) / strip.rateHz);
  await ask(
    `INSERT INTO strips(g, person, device, stream, channel, start_us, end_us, payload) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (g, person, device, stream, channel, start_us) DO UPDATE SET end_us = excluded.end_us, payload = excluded.payload
     WHERE (excluded.end_us, excluded.payload) > (strips.end_us, strips.payload)`,
    [g, strip.person, strip.device, strip.stream, strip.channel, strip.startUs, endUs, encodePayload(strip)],
  );
};
