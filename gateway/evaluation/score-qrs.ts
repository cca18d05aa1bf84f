/** Beat-by-beat comparison by the rules of ANSI/AAMI EC57 as the WFDB program bxb carries them out: which test beat belongs to which reference beat. Labels play no part. */

import type { Annotation } from "../recordings/annotations.ts";
import { type BeatList, isInside, isInterrupted, type Span, toBeatList } from "./score-beat-list.ts";

/** Anything else makes a result non-standard. */
export const learningPeriodS = 300;
const matchWindowS = 0.15;

export interface ScoreOptions {
  readonly rateHz: number;
  /** Samples in the record: the end of scoring. */
  readonly sampleCount: number;
  /** Seconds that are not scored at the beginning; 300 by the standard. */
  readonly startS?: number;
}

/** One step of the walk: a pair, or a lone beat with the other side absent. */
interface BeatPair {
  /** Index into the reference list; −1 = extra beat. */
  readonly ref: number;
  /** Index into the test list; −1 = missed beat. */
  readonly test: number;
}

export interface BeatMatch {
  readonly ref: BeatList;
  readonly test: BeatList;
  readonly pairs: readonly BeatPair[];
}

export interface QrsCounts {
  readonly tp: number;
  readonly fn: number;
  readonly fp: number;
  /** Of `fn`, those inside a shutdown of the test. */
  readonly missedInShutdown: number;
  readonly rrErrorSquaredMs2: number;
  readonly rrPairs: number;
  readonly refShutdownS: number;
  readonly testShutdownS: number;
}

interface QrsScore extends QrsCounts {
  /** Percent; null where there is nothing to divide by. */
  readonly se: number | null;
  readonly ppv: number | null;
  readonly rmsRrErrorMs: number | null;
}

/** Match window in samples, both ends included: ⌊0.15·fs + 0.5⌋. */
export function matchWindow(rateHz: number): number {
  return Math.floor(matchWindowS * rateHz + 0.5);
}

/** Pairs the beats of two annotation lists of one record (samples at `rateHz`). */
export function matchBeats(
  refAnnotations: readonly Annotation[],
  testAnnotations: readonly Annotation[],
  options: ScoreOptions,
): BeatMatch {
  const ref = toBeatList(refAnnotations);
  const test = toBeatList(testAnnotations);
  const w = matchWindow(options.rateHz);
  const start = Math.round((options.startS ?? learningPeriodS) * options.rateHz);
  const end = options.sampleCount;
  const pairs: BeatPair[] = [];
  const at = (list: BeatList, i: number): number => list.samples[i] ?? (i < 0 ? -Infinity : Infinity);
  let i = firstAtOrAfter(ref.samples, start);
  let k = firstAtOrAfter(test.samples, start);
  const T0 = at(ref, i);
  const before = at(test, k - 1);
  if (T0 - before <= w && T0 - before < Math.abs(T0 - at(test, k))) pairs.push({ ref: i++, test: k - 1 });
  // The first test beat may belong to a reference beat of the learning period.
  else if (at(test, k) - start <= w && Math.abs(T0 - at(test, k + 1)) < Math.abs(T0 - at(test, k))) k++;
  for (;;) {
    const T = at(ref, i);
    const t = at(test, k);
    if (T >= end && t >= end) break;
    const nextT = at(ref, i + 1);
    const nextt = at(test, k + 1);
    if (t < T) {
      const isPair = T - t <= w && (T - t < Math.abs(T - nextt) || Math.abs(nextT - nextt) < Math.abs(T - nextt));
      if (isPair) pairs.push({ ref: i++, test: k++ });
      else {
        if (!isInside(t, ref.ventricular)) pairs.push({ ref: -1, test: k });
        k++;
      }
    } else {
      const isPair = t - T <= w && (t - T < Math.abs(t - nextT) || Math.abs(nextt - nextT) < Math.abs(t - nextT));
      pairs.push(isPair ? { ref: i++, test: k++ } : { ref: i++, test: -1 });
    }
  }
  return { ref, test, pairs };
}

/** QRS Se and +P of one record: every matched pair counts, whatever its labels. */
export function scoreQrs(refAnnotations: readonly Annotation[], testAnnotations: readonly Annotation[], options: ScoreOptions): QrsScore {
  const { ref, test, pairs } = matchBeats(refAnnotations, testAnnotations, options);
  const counts = { tp: 0, fn: 0, fp: 0, missedInShutdown: 0, rrErrorSquaredMs2: 0, rrPairs: 0 };
  for (const pair of pairs) {
    if (pair.ref < 0) counts.fp++;
    else if (pair.test < 0) {
      counts.fn++;
      if (isInside(ref.samples[pair.ref] ?? 0, test.shutdown)) counts.missedInShutdown++;
    } else {
      counts.tp++;
      const refRr = rrBefore(ref, pair.ref);
      const testRr = rrBefore(test, pair.test);
      if (refRr === undefined || testRr === undefined) continue;
      counts.rrPairs++;
      counts.rrErrorSquaredMs2 += ((refRr - testRr) * (1000 / options.rateHz)) ** 2;
    }
  }
  const scored: Span = { from: (options.startS ?? learningPeriodS) * options.rateHz, to: options.sampleCount };
  const refShutdownS = overlap(ref.shutdown, scored) / options.rateHz;
  const testShutdownS = overlap(test.shutdown, scored) / options.rateHz;
  return withShares({ ...counts, refShutdownS, testShutdownS });
}

/** Gross figures: counts summed over records, then divided. */
export function grossQrs(records: readonly QrsCounts[]): QrsScore {
  const sum = (of: (r: QrsCounts) => number): number => records.reduce((total, r) => total + of(r), 0);
  return withShares({
    tp: sum((r) => r.tp),
    fn: sum((r) => r.fn),
    fp: sum((r) => r.fp),
    missedInShutdown: sum((r) => r.missedInShutdown),
    rrErrorSquaredMs2: sum((r) => r.rrErrorSquaredMs2),
    rrPairs: sum((r) => r.rrPairs),
    refShutdownS: sum((r) => r.refShutdownS),
    testShutdownS: sum((r) => r.testShutdownS),
  });
}

/** part / whole in percent, null for an empty denominator. */
export function percentOf(part: number, whole: number): number | null {
  return whole === 0 ? null : (100 * part) / whole;
}

function withShares(c: QrsCounts): QrsScore {
  return {
    ...c,
    se: percentOf(c.tp, c.tp + c.fn),
    ppv: percentOf(c.tp, c.tp + c.fp),
    rmsRrErrorMs: c.rrPairs === 0 ? null : Math.sqrt(c.rrErrorSquaredMs2 / c.rrPairs),
  };
}

/** RR before a beat in samples; undefined for the first beat and across fibrillation or shutdown. */
function rrBefore(list: BeatList, index: number): number | undefined {
  const to = list.samples[index];
  const from = list.samples[index - 1];
  if (to === undefined || from === undefined) return undefined;
  return isInterrupted(from, to, list.ventricular) || isInterrupted(from, to, list.shutdown) ? undefined : to - from;
}

function overlap(spans: readonly Span[], window: Span): number {
  return spans.reduce((sum, s) => sum + Math.max(0, Math.min(s.to, window.to) - Math.max(s.from, window.from)), 0);
}

function firstAtOrAfter(samples: Float64Array, sample: number): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle] ?? Infinity) < sample) low = middle + 1;
    else high = middle;
  }
  return low;
}
