/** Writes what a frame says into the tables, each kind of payload into its own, any other by its place. Runs inside the caller's transaction. */

import type { PayloadCodec } from "../../../semantic/payload-codec.ts";
import type { HeartbeatPayload } from "../../../semantic/payloads/heartbeat.ts";
import type { AnyPayload } from "../../../semantic/payloads/kind.ts";
import { without } from "../left.ts";
import { writeKept } from "./kept.ts";
import { ownTables } from "./kinds/index.ts";
import type { Write } from "./kinds/kind.ts";
import { hasLeft } from "./kinds/leave.ts";
import { newName } from "./kinds/renamed.ts";

export function createApply(codec: PayloadCodec): Write<AnyPayload> {
  const own = new Map(Object.entries(ownTables)) as Map<string, Write<AnyPayload>>;
  const kept = writeKept(codec);
  return async (ask, frame, given, receivedUs) => {
    // A frame of before, or of an outbox that was restored, may name somebody as they were known then.
    const names = new Map<string, string>();
    for (const person of codec.peopleOf(given)) names.set(person, await newName(ask, frame.g, person));
    const payload = codec.withNames(given, { person: (id) => names.get(id) ?? id, name: (name) => name });
    const gone = new Set<string>();
    for (const person of codec.peopleOf(payload)) if (await hasLeft(ask, frame.g, person, frame.t)) gone.add(person);
    if (gone.size === 0) await (own.get(payload.kind) ?? kept)(ask, frame, payload, receivedUs);
    else if (payload.kind === "heartbeat") {
      const rest = without(payload as HeartbeatPayload, (person) => gone.has(person));
      await (own.get("heartbeat") as Write<AnyPayload>)(ask, frame, rest, receivedUs);
    }
  };
}
