/** Run-by-run comparison of ventricular ectopic beats by the rules of ANSI/AAMI EC57 as the WFDB program rxr carries them out. It looks at runs, never at single pairs of beats. */

import type { Annotation } from "../recordings/annotations.ts";
import { type ClassMap, classOf, isShutdownStart } from "./score-beat-list.ts";
import { learningPeriodS, matchWindow, percentOf, type ScoreOptions } from "./score-qrs.ts";

/** Length from which a run is "long"; longer ones are clipped to it. */
const longRun = 6;
const kinds = ["couplet", "short", "long"] as const;
type RunKind = (typeof kinds)[number];

interface Run {
  /** First and last beat in samples; for fibrillation its onset and end. */
  readonly from: number;
  readonly to: number;
  /** V or F beats, 1 … 6; 6 with fibrillation. */
  readonly length: number;
}

interface RunCount {
  readonly found: number;
  readonly of: number;
}

export interface RunCounts {
  /** Reference runs that the test found. */
  readonly sensitivity: Readonly<Record<RunKind, RunCount>>;
  /** Test runs that the reference has. */
  readonly predictivity: Readonly<Record<RunKind, RunCount>>;
  /** Test short runs with fewer than 3 reference beats and test long runs with fewer than 6. */
  readonly falseRuns: number;
  readonly hours: number;
}

interface RunScore extends RunCounts {
  /** Percent; null for an empty denominator. */
  readonly se: Readonly<Record<RunKind, number | null>>;
  readonly ppv: Readonly<Record<RunKind, number | null>>;
  readonly falseRunsPer24h: number | null;
}

/** Beats that a run needs on the other side to count as found. */
const needed: Readonly<Record<RunKind, number>> = { couplet: 2, short: 3, long: longRun };

/**
 * All runs of an annotation list from a sample on, single ventricular beats (length 1) included. Of a run that is under way at that sample only the
 * rest counts, as if the list began there; fibrillation goes on over it.
 */
export function runsOf(annotations: readonly Annotation[], fromSample = 0, map: ClassMap = "aami"): Run[] {
  const runs: Run[] = [];
  let run: { from: number; to: number; length: number } | undefined;
  let isFibrillating = false;
  const close = (): void => {
    if (run !== undefined) runs.push(run);
    run = undefined;
    isFibrillating = false;
  };
  for (const a of annotations) {
    if (a.sample < fromSample) {
      if (opensFibrillation(a)) run = { from: fromSample, to: fromSample, length: longRun };
      else if (endsFibrillation(a)) run = undefined;
      isFibrillating = run !== undefined;
    } else if (opensFibrillation(a)) {
      run ??= { from: a.sample, to: a.sample, length: longRun };
      run.to = a.sample;
      run.length = longRun;
      isFibrillating = true;
    } else if (endsFibrillation(a)) {
      if (run !== undefined && isFibrillating) run.to = a.sample;
      isFibrillating = false;
    } else if (isShutdownStart(a)) close();
    else {
      const cls = classOf(a.symbol, map);
      if (cls === "V" || cls === "F") {
        run ??= { from: a.sample, to: a.sample, length: 0 };
        run.to = a.sample;
        run.length = Math.min(longRun, run.length + 1);
      } else if (cls !== undefined) close();
    }
  }
  close();
  return runs;
}

/** Counts of one record. Sensitivity walks the reference's runs, predictivity the test's, from the end of the learning period on. */
export function scoreRuns(
  ref: readonly Annotation[],
  test: readonly Annotation[],
  options: ScoreOptions & { readonly classMap?: ClassMap },
): RunScore {
  const map = options.classMap ?? "aami";
  const startS = options.startS ?? learningPeriodS;
  const start = Math.round(startS * options.rateHz);
  const end = options.sampleCount;
  const w = matchWindow(options.rateHz);
  const isScored = (run: Run): boolean => run.from < end;
  const sensitivity = emptyCounts();
  const predictivity = emptyCounts();
  let falseRuns = 0;
  const testView = viewOf(test, map);
  const refView = viewOf(ref, map);
  for (const run of runsOf(ref, start, map).filter(isScored)) {
    const kind = kindOf(run);
    if (kind === undefined) continue;
    sensitivity[kind].of++;
    if (longestInside(testView, run.from - w, run.to + w) >= needed[kind]) sensitivity[kind].found++;
  }
  for (const run of runsOf(test, start, map).filter(isScored)) {
    const kind = kindOf(run);
    if (kind === undefined) continue;
    predictivity[kind].of++;
    if (longestInside(refView, run.from - w, run.to + w) >= needed[kind]) predictivity[kind].found++;
    else if (kind !== "couplet") falseRuns++;
  }
  return withShares({ sensitivity, predictivity, falseRuns, hours: Math.max(0, end - start) / options.rateHz / 3600 });
}

/** Gross figures: counts and hours summed over records. */
export function grossRuns(records: readonly RunCounts[]): RunScore {
  const sum = (side: "sensitivity" | "predictivity"): Record<RunKind, RunCount> => {
    const total = emptyCounts();
    for (const record of records)
      for (const kind of kinds) {
        total[kind].found += record[side][kind].found;
        total[kind].of += record[side][kind].of;
      }
    return total;
  };
  return withShares({
    sensitivity: sum("sensitivity"),
    predictivity: sum("predictivity"),
    falseRuns: records.reduce((total, r) => total + r.falseRuns, 0),
    hours: records.reduce((total, r) => total + r.hours, 0),
  });
}

interface RunView {
  readonly beats: readonly { readonly sample: number; readonly isVentricular: boolean }[];
  readonly fibrillation: readonly { readonly from: number; readonly to: number }[];
}

function viewOf(annotations: readonly Annotation[], map: ClassMap): RunView {
  const beats: { sample: number; isVentricular: boolean }[] = [];
  const fibrillation: { from: number; to: number }[] = [];
  let from: number | undefined;
  for (const a of annotations) {
    const cls = classOf(a.symbol, map);
    if (opensFibrillation(a)) from ??= a.sample;
    else if (endsFibrillation(a)) {
      if (from !== undefined) fibrillation.push({ from, to: a.sample });
      from = undefined;
    } else if (isShutdownStart(a)) beats.push({ sample: a.sample, isVentricular: false });
    else if (cls !== undefined) beats.push({ sample: a.sample, isVentricular: cls === "V" || cls === "F" });
  }
  if (from !== undefined) fibrillation.push({ from, to: Infinity });
  return { beats, fibrillation };
}

/** Longest row of V or F beats within [from, to]; 6 where fibrillation overlaps it. */
function longestInside(view: RunView, from: number, to: number): number {
  if (view.fibrillation.some((f) => f.from <= to && f.to >= from)) return longRun;
  let longest = 0;
  let row = 0;
  for (const beat of view.beats) {
    if (beat.sample < from) continue;
    if (beat.sample > to) break;
    row = beat.isVentricular ? row + 1 : 0;
    longest = Math.max(longest, row);
  }
  return Math.min(longest, longRun);
}

function opensFibrillation(a: Annotation): boolean {
  return a.symbol === "[" || (a.symbol === "+" && a.aux.startsWith("(VF"));
}

function endsFibrillation(a: Annotation): boolean {
  return a.symbol === "]" || (a.symbol === "+" && !a.aux.startsWith("(VF"));
}

function kindOf(run: Run): RunKind | undefined {
  if (run.length >= longRun) return "long";
  if (run.length >= 3) return "short";
  return run.length === 2 ? "couplet" : undefined;
}

function emptyCounts(): Record<RunKind, { found: number; of: number }> {
  return { couplet: { found: 0, of: 0 }, short: { found: 0, of: 0 }, long: { found: 0, of: 0 } };
}

function withShares(c: RunCounts): RunScore {
  const shares = (side: Readonly<Record<RunKind, RunCount>>): Record<RunKind, number | null> => ({
    couplet: percentOf(side.couplet.found, side.couplet.of),
    short: percentOf(side.short.found, side.short.of),
    long: percentOf(side.long.found, side.long.of),
  });
  return {
    ...c,
    se: shares(c.sensitivity),
    ppv: shares(c.predictivity),
    falseRunsPer24h: c.hours === 0 ? null : (24 * c.falseRuns) / c.hours,
  };
}
