/** The gateway's sign of life: every 60 s, and at start and stop. */

import { wireInteger } from "../cbor.ts";
import { fields, integer, list, text } from "./fields.ts";
import type { PayloadKind } from "./kind.ts";

export interface HeartbeatPayload {
  readonly kind: "heartbeat";
  readonly timeUs: number;
  readonly uptimeS: number;
  readonly version: string;
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly devices: readonly { readonly id: string; readonly person?: string; readonly state: string; readonly lastSampleUs?: number }[];
  readonly outboxDepth: number;
}

export const heartbeatKind: PayloadKind<HeartbeatPayload> = {
  kind: "heartbeat",
  class: "status",
  layouts: [2],
  timeUs: ({ timeUs }) => timeUs,
  peopleOf: ({ people, devices }) => [...people.map(({ id }) => id), ...devices.flatMap(({ person }) => person ?? [])],
  renamed: (payload, { person: idOf, name: nameOf }) => ({
    ...payload,
    people: payload.people.map(({ id, name }) => ({ id: idOf(id), name: nameOf(name) })),
    devices: payload.devices.map(({ person, ...device }) => (person === undefined ? device : { ...device, person: idOf(person) })),
  }),
  encode: (payload) => ({
    layout: 2,
    content: new Map<number, unknown>([
      [1, wireInteger(Math.round(payload.timeUs))],
      [2, Math.round(payload.uptimeS)],
      [3, payload.version],
      [4, payload.people.map(({ id, name }) => [id, name])],
      [5, payload.devices.map(({ id, person, state, lastSampleUs }) => [id, person ?? null, state, timeOrNull(lastSampleUs)])],
      [6, payload.outboxDepth],
    ]),
  }),
  decode(content) {
    const map = fields(content);
    return {
      kind: "heartbeat",
      timeUs: integer(map.get(1)),
      uptimeS: integer(map.get(2)),
      version: text(map.get(3)),
      people: list(map.get(4)).map((row) => ({ id: text(list(row)[0]), name: text(list(row)[1]) })),
      devices: list(map.get(5)).map((row) => {
        const [id, person, state, lastSampleUs] = list(row);
        return {
          id: text(id),
          ...(typeof person === "string" ? { person } : {}),
          state: text(state),
          ...(lastSampleUs === null || lastSampleUs === undefined ? {} : { lastSampleUs: integer(lastSampleUs) }),
        };
      }),
      outboxDepth: integer(map.get(6)),
    };
  },
};

function timeOrNull(us: number | undefined): number | bigint | null {
  return us === undefined ? null : wireInteger(Math.round(us));
}
