/** The intervals between beats in good, worn, settled signal of one stream: what a heart rate is told from. */

import { isGoodSince, type StreamFacts } from "./stream-gate.ts";

/** Times of the R peaks that end an interval, and the intervals in ms, oldest first, at most 60 s of them. */
export interface BeatIntervals {
  endUs: number[];
  rrMs: number[];
}

const secondUs = 1_000_000;
const keptUs = 60 * secondUs;
/** Share of a window that its intervals must cover. */
const coverage = 0.75;
/** Intervals are told in ms, their ends in µs. */
const jitterUs = 2000;
/** Long enough to be steady over single early beats, short enough to follow a run. */
const newestMs = 8000;
const fewest = 3;

export const noIntervals = (): BeatIntervals => ({ endUs: [], rrMs: [] });

/** A beat at `timeUs`, with the interval that it ends where that is known. */
export function addBeat(intervals: BeatIntervals, facts: StreamFacts, timeUs: number, rrMs: number | undefined): void {
  if (rrMs === undefined || !isGoodSince(facts, timeUs - rrMs * 1000)) return;
  intervals.endUs.push(timeUs);
  intervals.rrMs.push(rrMs);
}

/** A second has been judged: old intervals go, and those that ended in a second which is not to be trusted. */
export function forgetIntervals({ endUs, rrMs }: BeatIntervals, facts: StreamFacts): void {
  const fromUs = facts.judgedUs - keptUs;
  let old = 0;
  while (old < endUs.length && (endUs[old] ?? 0) <= fromUs) old++;
  endUs.splice(0, old);
  rrMs.splice(0, old);
  if (facts.goodSinceUs !== undefined) return;
  // This second is not to be trusted: neither are the intervals that ended in it before it was judged.
  while ((endUs.at(-1) ?? Number.NEGATIVE_INFINITY) > facts.judgedUs - secondUs) {
    endUs.pop();
    rrMs.pop();
  }
}

/** Beats per minute over the `windowS` that end at `nowUs`; undefined when the intervals cover too little of it. */
export function meanBpm({ endUs, rrMs }: BeatIntervals, nowUs: number, windowS: number): number | undefined {
  const fromUs = nowUs - windowS * secondUs;
  let sumMs = 0;
  let count = 0;
  for (let i = endUs.length - 1; i >= 0; i--) {
    const at = endUs[i] ?? 0;
    if (at <= fromUs) break;
    if (at > nowUs) continue;
    sumMs += rrMs[i] ?? 0;
    count++;
  }
  return sumMs < coverage * windowS * 1000 ? undefined : (60_000 * count) / sumMs;
}

/** Over the newest intervals that follow each other without a hole, some 8 s of them; undefined for fewer than three. */
export function newestBpm({ endUs, rrMs }: BeatIntervals): number | undefined {
  let sumMs = 0;
  let count = 0;
  let fromUs = endUs.at(-1) ?? 0;
  for (let i = endUs.length - 1; i >= 0; i--) {
    const interval = rrMs[i] ?? 0;
    const isFull = count >= fewest && sumMs + interval > newestMs;
    if (isFull || Math.abs((endUs[i] ?? 0) - fromUs) > jitterUs) break;
    sumMs += interval;
    count++;
    fromUs = (endUs[i] ?? 0) - interval * 1000;
  }
  return count < fewest ? undefined : (60_000 * count) / sumMs;
}
