/** Parts of a river that begin afresh are fed what the journal has of the time before, beside the river itself: nothing is decided and nobody is told. */

import type { Block, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { streamKey } from "../stream/stream-item.ts";
import { createPerson, type PersonOptions } from "./person.ts";
import { warmUpUs } from "./recovery.ts";
import { graft, type Reader, type Restored, type RunState } from "./snapshot.ts";

export interface WarmUpOptions extends Pick<PersonOptions, "profile" | "models" | "versions"> {
  readonly reader: Reader;
  /** Blocks of a device whose bytes came within the span (gateway axis, µs). */
  readonly blocks: (device: string, span: { fromUs: number; toUs: number }) => AsyncIterable<Block>;
  /** When the newest chunk came that the state knows. */
  readonly toUs: number;
}

/** A detector finds its footing within this; only then a model sees its first beat. */
const footingUs = 20_000_000;

/** The state with its fresh stages and memories as they would be by now. Rules and the decider go by more than the signal, and begin afresh all the same. */
export async function warmUp({ state, fresh }: Restored, options: WarmUpOptions): Promise<RunState> {
  let warmed = state;
  for (const { descriptor } of state.person.lanes) {
    const names = fresh.filter((name) => isOf(name, descriptor));
    if (names.length === 0) continue;
    const { profile, models, versions, reader, toUs } = options;
    const river = createPerson({
      ...{ profile, models, versions },
      // What a model remembers goes by what it is shown, never by what it answers.
      submit: (_model, _tensors, settled) => settled({ kind: "unknown", reason: "down" }),
      onSettled() {},
      onPartFault() {},
    });
    const neededUs = Math.max(...names.map((name) => neededFor(name, options)));
    for await (const block of options.blocks(descriptor.device, { fromUs: toUs - neededUs, toUs }))
      if (block.descriptor.stream === descriptor.stream) river.push(block);
    river.advance(state.person.advancedUs);
    river.checkpoint((person) => {
      warmed = graft(warmed, names, { ...state, person }, reader);
    });
  }
  return warmed;
}

function isOf(name: string, descriptor: StreamDescriptor): boolean {
  const key = streamKey(descriptor);
  return name === `stage/${key}` || (name.startsWith("model/") && name.endsWith(`/${key}`));
}

function neededFor(name: string, { models }: WarmUpOptions): number {
  const spec = models.find(({ id }) => name.startsWith(`model/${id}/`));
  return spec === undefined ? warmUpUs : spec.warmupS * 1e6 + footingUs;
}
