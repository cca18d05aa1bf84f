/** Writes what a frame says into the tables, each kind of payload into its own, any other by its place. Runs inside the caller's transaction. */

import type { PayloadCodec } from "../../../semantic/payload-codec.ts";
import type { HeartbeatPayload } from "../../../semantic/payloads/heartbeat.ts";
import type { AnyPayload } from "../../../semantic/payloads/kind.ts";
import { without } from "../left.ts";
import { ownTables } from "./kinds/index.ts";
import { seen, type Write } from "./kinds/kind.ts";
import { hasLeft } from "./kinds/leave.ts";

export function createApply(codec: PayloadCodec): Write<AnyPayload> {
  const own = new Map(Object.entries(ownTables)) as Map<string, Write<AnyPayload>>;
  const kept: Write<AnyPayload> = async (ask, { g, t }, payload, receivedUs) => {
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
  return async (ask, frame, payload, receivedUs) => {
    const gone = new Set<string>();
    for (const person of codec.peopleOf(payload)) if (await hasLeft(ask, frame.g, person, frame.t)) gone.add(person);
    if (gone.size === 0) await (own.get(payload.kind) ?? kept)(ask, frame, payload, receivedUs);
    else if (payload.kind === "heartbeat") {
      const rest = without(payload as HeartbeatPayload, (person) => gone.has(person));
      await (own.get("heartbeat") as Write<AnyPayload>)(ask, frame, rest, receivedUs);
    }
  };
}
