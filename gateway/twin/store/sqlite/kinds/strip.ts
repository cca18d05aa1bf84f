/** A strip is kept as its bytes, by where it begins; of two with one beginning the longer stays. */

import { encodePayload } from "../../../../semantic/payload-codec.ts";
import type { StripPayload } from "../../../../semantic/payloads/strip.ts";
import { type PrepareWrite, prepareSeen } from "./kind.ts";

export const writeStrips: PrepareWrite<StripPayload> = (db) => {
  const seen = prepareSeen(db);
  const write = db.prepare(
    `INSERT INTO strips(g, person, device, stream, channel, start_us, end_us, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET end_us = excluded.end_us, payload = excluded.payload WHERE (excluded.end_us, excluded.payload) > (end_us, payload)`,
  );
  return ({ g }, strip, receivedUs) => {
    seen(g, strip.person, null, receivedUs);
    const endUs = strip.startUs + Math.round((strip.samples.length * 1e6) / strip.rateHz);
    write.run(g, strip.person, strip.device, strip.stream, strip.channel, strip.startUs, endUs, encodePayload(strip));
  };
};
