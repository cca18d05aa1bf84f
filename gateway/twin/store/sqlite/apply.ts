/** Writes what a frame says into the tables, each kind of payload into its own. Runs inside the caller's transaction. */

import type { PayloadCodec } from "../../../semantic/payload-codec.ts";
import type { HeartbeatPayload } from "../../../semantic/payloads/heartbeat.ts";
import type { AnyPayload } from "../../../semantic/payloads/kind.ts";
import { without } from "../left.ts";
import type { Database } from "./database.ts";
import { writeKept } from "./kept.ts";
import { ownTables } from "./kinds/index.ts";
import type { PrepareWrite, Write } from "./kinds/kind.ts";
import { prepareHasLeft } from "./kinds/leave.ts";
import { prepareNewName, writeRenamed } from "./kinds/renamed.ts";

export type Apply = Write<AnyPayload>;

export function prepareApply(db: Database, codec: PayloadCodec): Apply {
  const own = new Map(Object.entries(ownTables).map(([kind, prepare]) => [kind, (prepare as PrepareWrite<AnyPayload>)(db)]));
  own.set("renamed", writeRenamed(db, codec) as Write<AnyPayload>);
  const newName = prepareNewName(db);
  const kept = writeKept(codec)(db);
  const hasLeft = prepareHasLeft(db);
  return (frame, given, receivedUs) => {
    // A frame of before, or of an outbox that was restored, may name somebody as they were known then.
    const payload = codec.withNames(given, { person: (id) => newName(frame.g, id), name: (name) => name });
    const isGone = (person: string) => hasLeft(frame.g, person, frame.t);
    const write = own.get(payload.kind) ?? kept;
    if (!codec.peopleOf(payload).some(isGone)) write(frame, payload, receivedUs);
    else if (payload.kind === "heartbeat") write(frame, without(payload as HeartbeatPayload, isGone), receivedUs);
  };
}
