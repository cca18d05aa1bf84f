/**
 * Windows of a person: the same span of the devices at several placements, on one grid of time. They are of the present alone; a past that a device brings
 * later is not laid beside others.
 */

import type { Source } from "../../../device-drivers/contract/result.ts";
import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import type { ModelSpec } from "../../../models/model-spec.ts";
import type { Guard } from "../../facts/guarded.ts";
import type { PlacedBlock } from "../reorder.ts";
import type { WindowItem } from "../stream-item.ts";
import { type AskedModel, askedWith, triggeredBy } from "./asked-model.ts";
import { createPlacementGrid, type GridState } from "./placement-grid.ts";
import { isSpan, longestS } from "./span.ts";

export interface AlignedState {
  readonly model: string;
  /** What its windows were made for; a model that asks for others begins afresh. */
  readonly asked: string;
  /** End of its next window. */
  readonly nextUs: number | undefined;
  readonly grids: readonly (readonly [placement: string, GridState])[];
}

interface Aligned {
  push(descriptor: StreamDescriptor, block: PlacedBlock): void;
  /** Windows up to `readyUs`, which every live stream has passed or will not be waited for. */
  step(readyUs: number): WindowItem[];
  state(): AlignedState[];
}

type AlignedSpec = Pick<ModelSpec<unknown, "aligned">, "trigger" | "input" | "beside">;

/** Why no window would ever be made; undefined where one would. */
export function unclaimedAligned({ trigger, beside }: AlignedSpec): string | undefined {
  const { hopS, windowS, rateHz, placements, channels, least } = trigger;
  if (![hopS, windowS].every((s) => isSpan(s) && s > 0)) return `a span of its trigger is not within ${longestS} s`;
  if (!(rateHz > 0 && rateHz <= 2000 && windowS * rateHz >= 1)) return "its trigger has no rate within 2000 Hz";
  if (!(Number.isInteger(channels) && channels > 0)) return "its trigger has no channels";
  if ((beside === undefined) !== (trigger.beside === undefined)) return "what it is shown beside its channels is told by half";
  return least >= 1 && least <= new Set(placements).size ? undefined : `its trigger asks for ${least} of ${placements.length} placements`;
}

/** What a fault costs is what was pushed, or the windows that were due. */
export function createAligned(models: readonly AskedModel[], guard: Guard, saved: readonly AlignedState[] = []): Aligned {
  const part = "stream/aligned";
  const each = triggeredBy("aligned", models).map((model) => alignedOf(model, saved));
  return {
    push(descriptor, block) {
      for (const one of each)
        guard(
          part,
          () => one.push(descriptor, block),
          () => {},
        );
    },
    step: (readyUs) =>
      each.flatMap((one) =>
        guard(
          part,
          () => one.step(readyUs),
          () => [],
        ),
      ),
    state: () => each.map((one) => one.state()),
  };
}

function alignedOf(model: ReturnType<typeof triggeredBy<"aligned">>[number], saved: readonly AlignedState[]) {
  const { id, trigger, input, beside } = model.spec;
  const { windowS, rateHz, placements, channels, least } = trigger;
  const hopUs = Math.round(trigger.hopS * 1e6);
  const length = Math.round(windowS * rateHz);
  const more = beside === undefined ? {} : { beside: { ...beside, count: trigger.beside ?? 0 } };
  const asked = JSON.stringify({ trigger, input, ...more });
  const was = saved.find((state) => state.model === id && state.asked === asked);
  const shape = { rateHz, windowS, channels, input, ...more };
  const wanted = new Set(placements);
  /** Of the placements at which something is worn: most people wear none of them. */
  const grids = new Map(
    was?.grids.flatMap(([name, from]) => (from.source === undefined ? [] : [[name, createPlacementGrid(shape, from)] as const])),
  );
  let nextUs = was?.nextUs;

  const nothing = () => Array.from({ length: channels + (trigger.beside ?? 0) }, () => new Float32Array(length).fill(Number.NaN));
  const window = (endUs: number): WindowItem[] => {
    const shown = [...wanted].map((placement) => {
      const grid = grids.get(placement);
      return { placement, source: grid?.source, samples: grid?.slice(endUs, length) ?? nothing() };
    });
    const isMasked = ({ samples }: (typeof shown)[number]) => samples.every((channel) => channel.every(Number.isNaN));
    const masked = shown.filter(isMasked).map(({ placement }) => placement);
    const about = shown.flatMap((one) => (one.source === undefined || isMasked(one) ? [] : [one.source]));
    const [first, ...others]: readonly Source[] = about;
    if (first === undefined || about.length < least) return [];
    const fromUs = endUs - Math.round(windowS * 1e6);
    const context = { rateHz, fromUs, placements: Object.fromEntries(shown.map(({ placement, samples }) => [placement, samples])), masked };
    const span = { ...first, about: [first, ...others] as const, fromUs, timeUs: endUs, knownUs: endUs };
    return [{ kind: "window", ...span, ...askedWith(model, context, "final") }];
  };

  return {
    push(descriptor: StreamDescriptor, block: PlacedBlock) {
      const { placement } = descriptor;
      if (placement === undefined || !wanted.has(placement)) return;
      const grid = grids.get(placement) ?? createPlacementGrid(shape);
      if (!grid.push(descriptor, block)) return;
      grids.set(placement, grid);
      nextUs ??= (Math.floor(block.startUs / hopUs) + 1) * hopUs;
    },
    step(readyUs: number) {
      const out: WindowItem[] = [];
      if (nextUs === undefined) return out;
      const newestUs = Math.max(...[...grids.values()].map((grid) => grid.newestUs));
      for (; nextUs <= readyUs; nextUs += hopUs) {
        // Hours without any sample are one step.
        if (nextUs > newestUs + windowS * 1e6) nextUs = Math.max(nextUs, Math.floor(readyUs / hopUs) * hopUs);
        else out.push(...window(nextUs));
      }
      return out;
    },
    state: (): AlignedState => ({ model: id, asked, nextUs, grids: [...grids].map(([placement, grid]) => [placement, grid.state()]) }),
  };
}
