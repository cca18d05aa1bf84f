/** Lossless samples of one channel around alerts. */

import { undecodable } from "../bits.ts";
import { wireInteger } from "../cbor.ts";
import { decodeSamples, encodeSamples } from "../strip-codec.ts";
import { fields, integer, list, real, text } from "./fields.ts";
import type { PayloadKind } from "./kind.ts";

export interface StripPayload {
  readonly kind: "strip";
  readonly person: string;
  readonly alertIds: readonly string[];
  readonly device: string;
  readonly stream: string;
  readonly channel: string;
  readonly lead?: string;
  readonly unit: string;
  /** physical = count · scale + offset. */
  readonly scale: number;
  readonly offset: number;
  readonly rateHz: number;
  /** Time of samples[0] on the gateway's axis. */
  readonly startUs: number;
  /** Raw counts; `noValue` (−2³¹) where there is no sample. */
  readonly samples: Int32Array;
}

export const stripKind: PayloadKind<StripPayload> = {
  kind: "strip",
  class: "raw",
  layouts: [4],
  /** Its end. */
  timeUs: ({ startUs, samples, rateHz }) => startUs + (samples.length * 1e6) / rateHz,
  peopleOf: ({ person }) => [person],
  encode(strip) {
    const map = new Map<number, unknown>([
      [1, strip.person],
      [2, strip.alertIds],
      [3, strip.device],
      [4, strip.stream],
      [5, strip.channel],
      [7, strip.unit],
      [8, strip.scale],
      [9, strip.offset],
      [10, strip.rateHz],
      [11, wireInteger(Math.round(strip.startUs))],
      [12, encodeSamples(strip.samples)],
    ]);
    if (strip.lead !== undefined) map.set(6, strip.lead);
    return { layout: 4, content: map };
  },
  decode(content) {
    const map = fields(content);
    const packed = map.get(12);
    if (!(packed instanceof Uint8Array)) throw undecodable("a strip has no samples");
    return {
      kind: "strip",
      person: text(map.get(1)),
      alertIds: list(map.get(2)).map(text),
      device: text(map.get(3)),
      stream: text(map.get(4)),
      channel: text(map.get(5)),
      ...(map.get(6) === undefined ? {} : { lead: text(map.get(6)) }),
      unit: text(map.get(7)),
      scale: real(map.get(8)),
      offset: real(map.get(9)),
      rateHz: real(map.get(10)),
      startUs: integer(map.get(11)),
      samples: decodeSamples(packed),
    };
  },
};
