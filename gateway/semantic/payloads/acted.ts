/** What became of an act that somebody did at the twin: told by the home that has decided it. */

import { wireInteger } from "../cbor.ts";
import { fields, integer, text } from "./fields.ts";
import type { PayloadKind } from "./kind.ts";

export interface ActedPayload {
  readonly kind: "acted";
  readonly act: string;
  /** Whom the alert is about; the house itself for one that is not known there. */
  readonly person: string;
  /** `done`, `already` where somebody had done it before, or the code of the error with which it was refused. */
  readonly outcome: string;
  readonly timeUs: number;
}

export const actedKind: PayloadKind<ActedPayload> = {
  kind: "acted",
  class: "alert",
  layouts: [13],
  timeUs: ({ timeUs }) => timeUs,
  peopleOf: ({ person }) => [person],
  encode: ({ act, person, outcome, timeUs }) => ({
    layout: 13,
    content: new Map<number, unknown>([
      [1, act],
      [2, person],
      [3, outcome],
      [4, wireInteger(Math.round(timeUs))],
    ]),
  }),
  decode(content) {
    const map = fields(content);
    return { kind: "acted", act: text(map.get(1)), person: text(map.get(2)), outcome: text(map.get(3)), timeUs: integer(map.get(4)) };
  },
};
