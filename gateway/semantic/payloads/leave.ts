/** A person has left the home: the twin erases what it has of them and acknowledges only then. */

import { wireInteger } from "../cbor.ts";
import { fields, integer, text } from "./fields.ts";
import type { PayloadKind } from "./kind.ts";

export interface LeavePayload {
  readonly kind: "leave";
  readonly person: string;
  /** When the person left. What tells of an earlier time is erased, and refused if it comes later. Gateway axis. */
  readonly timeUs: number;
}

export const leaveKind: PayloadKind<LeavePayload> = {
  kind: "leave",
  // The byte budget of the outbox never drops it, and it goes before everything else.
  class: "alert",
  layouts: [6],
  mustBeUnderstood: true,
  timeUs: ({ timeUs }) => timeUs,
  peopleOf: () => [],
  encode: ({ person, timeUs }) => ({
    layout: 6,
    content: new Map<number, unknown>([
      [1, person],
      [2, wireInteger(Math.round(timeUs))],
    ]),
  }),
  decode(content) {
    const map = fields(content);
    return { kind: "leave", person: text(map.get(1)), timeUs: integer(map.get(2)) };
  },
};
