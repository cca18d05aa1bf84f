/** Beats and rates of a pulse against the heart's (models.md §1.10). */

import { countSame, hopS, type PulseReference, windowS } from "../../models/signal/pulse-reference.ts";

interface Told {
  /** End of the seconds that it is the rate of. */
  readonly timeS: number;
  readonly bpm?: number;
  readonly interval?: readonly [low: number, high: number];
}

export interface PulseCounts {
  /** Beats in agreed windows: matched, missed, and of ours too many, behind one constant lag. */
  readonly tp: number;
  readonly fn: number;
  readonly fp: number;
  readonly lagS: number | null;
  /** Of each agreed window: how far the rate that was told lay off (bpm), whether its interval held the heart's, and what the last rate told would be off by. */
  readonly windows: readonly { readonly errorBpm?: number; readonly isInside?: boolean; readonly heldErrorBpm?: number }[];
  readonly windowsTotal: number;
}

const matchS = 0.15;
const lag = { toS: 1, stepS: 0.02 } as const;

/** `beatsS` and `told` in seconds from the record's start. */
export function scorePulse(reference: PulseReference, beatsS: readonly number[], told: readonly Told[]): PulseCounts {
  let held: number | undefined;
  let next = 0;
  const windows = reference.windows.map(([endS, truth]) => {
    while (next < told.length && (told[next]?.timeS ?? 0) < endS - hopS / 2) held = told[next++]?.bpm ?? held;
    const rate = told[next];
    const isOfThis = rate !== undefined && Math.abs(rate.timeS - endS) <= hopS / 2;
    const { bpm, interval } = isOfThis ? rate : ({} as Told);
    const any = bpm ?? held;
    return {
      ...(bpm === undefined ? {} : { errorBpm: Math.abs(bpm - truth) }),
      ...(interval === undefined ? {} : { isInside: truth >= interval[0] && truth <= interval[1] }),
      ...(any === undefined ? {} : { heldErrorBpm: Math.abs(any - truth) }),
    };
  });
  return { ...matched(reference, beatsS), windows, windowsTotal: reference.windowsTotal };
}

/** In windows that do not overlap, behind the lag that fits best. */
function matched({ beatsS: heart, windows }: PulseReference, pulse: readonly number[]) {
  const ends = windows.map(([endS]) => endS).filter((endS) => endS % windowS === 0);
  const isAgreed = (t: number) => ends.some((endS) => t >= endS - windowS && t < endS);
  const mine = heart.filter(isAgreed);
  let best = { tp: 0, fn: mine.length, fp: 0, lagS: null as number | null };
  for (let step = 0; step * lag.stepS <= lag.toS; step++) {
    const lagS = step * lag.stepS;
    const shifted = pulse.map((t) => t - lagS).filter(isAgreed);
    const tp = countSame(mine, shifted, matchS);
    if (tp > best.tp) best = { tp, fn: mine.length - tp, fp: shifted.length - tp, lagS };
  }
  return best;
}
