/**
 * A model of another version, or one that is new here, learns its wearer from the journal: from the very minutes that were learnt before, where it still has
 * them, else from the newest. Beside the river: nothing is decided and nobody is told. What is missing is learnt from the signal to come. What people have called
 * normal goes on (`normals-again.ts`).
 */

import type { Memory } from "../personal/memory.ts";
import { keyOf } from "../personal/personal.ts";
import { streamKey } from "../stream/stream-item.ts";
import { normalsAgain } from "./normals-again.ts";
import { createPerson, type PersonOptions } from "./person.ts";
import { personalPart, type Restored, type RunState } from "./snapshot.ts";
import type { WarmUpOptions } from "./warm-up.ts";

interface LearnAgainOptions extends WarmUpOptions, Pick<PersonOptions, "submit" | "learnActs"> {
  /** Every window that was asked about has its answer. */
  readonly idle: () => Promise<void>;
}

type Span = { readonly fromUs: number; readonly toUs: number };

/** The newest signal that is looked at. */
const newestUs = 900_000_000;
/** A detector finds its footing within this, and clocks and filters settle. */
const footingUs = 30_000_000;
/** Blocks between two looks at the models' answers. */
const step = 50;

export async function learnAgain({ state, fresh, outdated }: Restored, options: LearnAgainOptions): Promise<RunState> {
  const { personal, lanes } = state.person;
  if (personal === undefined) return state;
  const learnt: Memory[] = [];
  for (const { descriptor } of lanes) {
    const of = descriptor.placement ?? streamKey(descriptor);
    const models = options.models.filter(({ id }) => fresh.includes(personalPart({ model: id, of })));
    if (models.length === 0) continue;
    const ids = new Set(models.map(({ id }) => id));
    const before = outdated.find((each) => ids.has(each.model) && each.of === of);
    const newest = { fromUs: options.toUs - newestUs, toUs: options.toUs };
    const spans: Span[] = before?.finishedUs === undefined ? [newest] : [{ fromUs: before.sinceUs, toUs: before.finishedUs }, newest];
    for (const span of spans) {
      const found = (await learnFrom(descriptor, span, options)).filter((each) => ids.has(each.model) && each.of === of);
      if (found.length === 0 || found.some(({ finishedUs }) => finishedUs === undefined)) continue;
      learnt.push(...found.map((each) => ({ ...each, isFromRecord: true })));
      break;
    }
  }
  const keys = new Set(learnt.map(keyOf));
  const own = [...personal.memories.filter((each) => !keys.has(keyOf(each))), ...learnt];
  const memories = await normalsAgain(own, outdated, options);
  return { ...state, person: { ...state.person, personal: { ...personal, memories } } };
}

async function learnFrom(
  descriptor: RunState["person"]["lanes"][number]["descriptor"],
  span: Span,
  { profile, models, versions, submit, blocks, idle }: LearnAgainOptions,
): Promise<readonly Memory[]> {
  const river = createPerson({ profile, models, versions, submit, onSettled() {}, onPartFault() {} });
  let fed = 0;
  let endUs = span.toUs;
  for await (const block of blocks(descriptor.device, { fromUs: span.fromUs - footingUs, toUs: span.toUs + footingUs })) {
    if (block.kind !== "samples" || block.descriptor.stream !== descriptor.stream) continue;
    river.push(block);
    endUs = Math.max(endUs, block.stamps.timeUs);
    if (++fed % step === 0) await idle();
  }
  if (fed === 0) return [];
  river.advance(endUs + footingUs);
  await idle();
  let memories: readonly Memory[] = [];
  river.checkpoint((person) => {
    memories = person.personal?.memories ?? [];
  });
  return memories;
}
