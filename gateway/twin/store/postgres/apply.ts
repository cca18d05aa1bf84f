/** Writes what frames say into the tables, each kind of payload into its own, any other by its place. Runs inside the caller's transaction. */

import type { PayloadCodec } from "../../../semantic/payload-codec.ts";
import type { HeartbeatPayload } from "../../../semantic/payloads/heartbeat.ts";
import type { AnyPayload } from "../../../semantic/payloads/kind.ts";
import { without } from "../left.ts";
import { writeKept } from "./kept.ts";
import { ownTables } from "./kinds/index.ts";
import type { FrameHead, Write } from "./kinds/kind.ts";
import { leftAt } from "./kinds/leave.ts";
import { newNames } from "./kinds/renamed.ts";
import type { Ask } from "./pool.ts";

interface Told {
  readonly frame: FrameHead;
  readonly payload: AnyPayload;
}

/** Takes frames in their order; the caller has locked their homes. */
export type Apply = (ask: Ask, told: readonly Told[], receivedUs: number) => Promise<void>;

export function createApply(codec: PayloadCodec): Apply {
  const own = new Map(Object.entries(ownTables)) as Map<string, Write<AnyPayload>>;
  const kept = writeKept(codec);

  /** None of them but the last changes who is known under which name, or has left: so both are asked once for all. */
  const applyRun = async (ask: Ask, run: readonly Told[], receivedUs: number): Promise<void> => {
    const people = run.flatMap(({ frame: { g }, payload }) => codec.peopleOf(payload).map((person) => ({ g, person })));
    // A frame of before, or of an outbox that was restored, may name somebody as they were known then.
    const nameOf = await newNames(ask, people);
    const leftUs = await leftAt(
      ask,
      people.map(({ g, person }) => ({ g, person: nameOf(g, person) })),
    );
    for (const { frame, payload: given } of run) {
      const payload = codec.withNames(given, { person: (id) => nameOf(frame.g, id), name: (name) => name });
      const isGone = (person: string) => frame.t <= leftUs(frame.g, person);
      const write = own.get(payload.kind) ?? kept;
      if (!codec.peopleOf(payload).some(isGone)) await write(ask, frame, payload, receivedUs);
      else if (payload.kind === "heartbeat") await write(ask, frame, without(payload as HeartbeatPayload, isGone), receivedUs);
    }
  };

  return async (ask, told, receivedUs) => {
    for (const run of runsOf(told)) await applyRun(ask, run, receivedUs);
  };
}

function runsOf(told: readonly Told[]): Told[][] {
  const runs: Told[][] = [[]];
  for (const each of told) {
    runs.at(-1)?.push(each);
    if (each.payload.kind === "leave" || each.payload.kind === "renamed") runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}
