/** A toy kind of payload: how somebody says they feel, from 0 to 10. */

import { wireInteger } from "../../../gateway/semantic/cbor.ts";
import { fields, integer, text } from "../../../gateway/semantic/payloads/fields.ts";
import type { PayloadKind } from "../../../gateway/semantic/payloads/kind.ts";

export interface MoodPayload {
  readonly kind: "mood";
  readonly person: string;
  readonly timeUs: number;
  readonly mood: number;
}

export const moodKind: PayloadKind<MoodPayload> = {
  kind: "mood",
  class: "semantic",
  layouts: [1000],
  timeUs: ({ timeUs }) => timeUs,
  encode: ({ person, timeUs, mood }) => ({
    layout: 1000,
    content: new Map<number, unknown>([
      [1, person],
      [2, wireInteger(timeUs)],
      [3, mood],
    ]),
  }),
  decode(content) {
    const map = fields(content);
    return { kind: "mood", person: text(map.get(1)), timeUs: integer(map.get(2)), mood: integer(map.get(3)) };
  },
  place: ({ person, timeUs }) => ({ person, key: "", fromUs: timeUs, toUs: timeUs + 1 }),
};
