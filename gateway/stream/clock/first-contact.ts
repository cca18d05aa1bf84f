/**
 * A device that starts while nobody listens brings its past all at once, and its first block doesn't say so. The blocks of a new boot wait here until they
 * come no faster than they were measured; then all of them are placed by the best offset. A long past is given apart, so that nobody waits for it before
 * the present is judged. It moves no sample and drops none.
 */

import type { SampleBlock } from "../../../device-drivers/contract/sample-block.ts";
import type { ClockMap } from "./clock-map.ts";
import { deviceUsOf, spanUsOf } from "./place.ts";

interface Boot {
  readonly bootId: string;
  /** Smallest (arrival − end) seen, how low it was when it last fell, and when. Undefined once the boot is placed. */
  best: { offsetUs: number; fellToUs: number; fellUs: number } | undefined;
  readonly held: SampleBlock[];
}

/** The newest boot is the last; an older one stays until its blocks have gone on. */
export type FirstContactState = readonly Boot[];

/**
 * What of a new boot is older than the present, in the order in which it was measured, and all by one offset (axis = device + `offsetUs`); told just before
 * the first block of the present. The first blocks of `follows` are the present's own: without them the newest beats of the past could not be judged.
 */
export type OnPast = (blocks: SampleBlock[], follows: readonly SampleBlock[], offsetUs: number) => void;

interface FirstContact {
  /** True: the block waits here, as one of a slow stream for which ticks wait within their limit. False: it goes on now. */
  holds(block: SampleBlock): boolean;
  /** The blocks that may go on at this line of the grid; `clock` begins anew before the first of a boot, so each is to be placed before the next is asked for. */
  release(nowUs: number, clock: Pick<ClockMap, "begin">, onPast?: OnPast): Iterable<SampleBlock>;
  state(): FirstContactState;
}

/** Live blocks come at their own pace from the second on: an offset that has not fallen for this long is the best. */
const paceUs = 1_000_000;
/** An offset that falls by less is jitter. */
const fallUs = 200_000;
/** So much signal at a line of the grid: an hour's past must not hold up another person's alarm. */
export const atOnceUs = 15_000_000;
/** Seven hours in blocks of 250 ms. */
const maxHeld = 100_000;
/** So much of what a boot brings counts as the present: people are still told of what alarms in it (`lateUs` of alert/policy.ts). */
export const presentUs = 600_000_000;
/** Less past than this goes on with the present. */
const worthUs = 60_000_000;

export function createFirstContact(saved: FirstContactState = []): FirstContact {
  const copy = (from: FirstContactState): Boot[] => from.map((boot) => ({ ...boot, held: [...boot.held] }));
  const boots = copy(saved);
  return {
    holds(block) {
      const { bootId, stamps } = block;
      let boot = boots.at(-1);
      if (boot?.bootId !== bootId) {
        boot = { bootId, best: { offsetUs: Infinity, fellToUs: Infinity, fellUs: stamps.timeUs }, held: [] };
        boots.push(boot);
        while (boots[0] !== boot && boots[0]?.held.length === 0) boots.shift();
      }
      if (boot.best === undefined && boot.held.length === 0) return false;
      boot.held.push(block);
      if (boot.best === undefined) return true;
      const offsetUs = stamps.timeUs - deviceUsOf(block) - spanUsOf(block);
      // Against the last fall, not the last block: short blocks come nearer by little each.
      if (offsetUs < boot.best.fellToUs - fallUs) Object.assign(boot.best, { fellToUs: offsetUs, fellUs: stamps.timeUs });
      boot.best.offsetUs = Math.min(boot.best.offsetUs, offsetUs);
      return true;
    },
    *release(nowUs, clock, onPast) {
      let signalUs = 0;
      for (let boot = boots[0]; boot?.held[0] !== undefined && signalUs < atOnceUs; boot = boots[0]) {
        const { best, bootId, held } = boot;
        const isNewest = boots.length === 1;
        if (best !== undefined && isNewest && nowUs - best.fellUs < paceUs && held.length < maxHeld) return;
        if (best !== undefined) {
          const past = onPast === undefined ? [] : takePast(held);
          if (past.length > 0) onPast?.(past, held, best.offsetUs);
          clock.begin(bootId, deviceUsOf(held[0] as SampleBlock), best.offsetUs, (held[0] as SampleBlock).stamps);
        }
        boot.best = undefined;
        const blocks = takeSignal(held, atOnceUs - signalUs);
        if (held.length === 0 && !isNewest) boots.shift();
        signalUs += blocks.reduce((sum, block) => sum + spanUsOf(block), 0);
        yield* blocks;
      }
    },
    state: () => copy(boots),
  };
}

function takeSignal(held: SampleBlock[], limitUs: number): SampleBlock[] {
  let signalUs = 0;
  let count = 0;
  for (const block of held) {
    if (signalUs >= limitUs) break;
    signalUs += spanUsOf(block);
    count++;
  }
  return held.splice(0, count);
}

/** Leaves the present, in the order in which it came. */
function takePast(held: SampleBlock[]): SampleBlock[] {
  const newestUs = held.reduce((newest, block) => Math.max(newest, deviceUsOf(block)), Number.NEGATIVE_INFINITY);
  const isPast = (block: SampleBlock) => deviceUsOf(block) + spanUsOf(block) <= newestUs - presentUs;
  const past = held.filter(isPast);
  if (past.reduce((sum, block) => sum + spanUsOf(block), 0) < worthUs) return [];
  const present = held.filter((block) => !isPast(block));
  held.length = 0;
  for (const block of present) held.push(block);
  return past.sort((a, b) => deviceUsOf(a) - deviceUsOf(b));
}
