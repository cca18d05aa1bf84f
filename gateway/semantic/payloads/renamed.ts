/** A person is known to the twin under another name from now on: what it has of them goes over to that, and what comes under the old one too. */

import { wireInteger } from "../cbor.ts";
import { fields, integer, text } from "./fields.ts";
import type { PayloadKind } from "./kind.ts";

export interface RenamedPayload {
  readonly kind: "renamed";
  /** As the twin knew them. */
  readonly before: string;
  readonly person: string;
  readonly timeUs: number;
}

export const renamedKind: PayloadKind<RenamedPayload> = {
  kind: "renamed",
  // The byte budget of the outbox never drops it, and it goes before everything that tells of the person under the new name.
  class: "alert",
  layouts: [10],
  mustBeUnderstood: true,
  timeUs: ({ timeUs }) => timeUs,
  // Somebody who leaves still has what the twin knows under the old name: it is found by this.
  peopleOf: () => [],
  encode: ({ before, person, timeUs }) => ({
    layout: 10,
    content: new Map<number, unknown>([
      [1, before],
      [2, person],
      [3, wireInteger(Math.round(timeUs))],
    ]),
  }),
  decode(content) {
    const map = fields(content);
    return { kind: "renamed", before: text(map.get(1)), person: text(map.get(2)), timeUs: integer(map.get(3)) };
  },
};
