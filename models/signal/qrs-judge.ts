/** Which candidates are beats: adaptive thresholds, refractory time, T waves, waves before a beat, looking back. It sees candidates and levels, never samples. */

import { beatsAsBefore, evenShare, isEvenAfterNoise, longMemory, recoverS } from "./qrs-disturbance.ts";
import type { Candidate } from "./qrs-front.ts";
import { meanOr, median, remember } from "./statistics.ts";

export interface Verdict {
  readonly candidate: Candidate;
  /** Height over the threshold at that time; below 1 = found by looking back. */
  readonly strength: number;
}

export interface JudgeState {
  readonly heights: readonly number[];
  readonly noises: readonly number[];
  readonly intervals: readonly number[];
  readonly skipped: readonly Candidate[];
  readonly last: Candidate | null;
  readonly held: Candidate | null;
  readonly stretchStart: number;
  readonly beatsKnown: number;
  readonly lookBackRow: number;
  /** Heights of more beats than `heights`, oldest first: what was usual before a disturbance. */
  readonly longHeights: readonly number[];
  readonly learning: { readonly since: number; readonly levelSum: number; readonly candidates: readonly Candidate[] };
}

/** The time now, the envelope's level and a candidate that has just become certain, if any. */
interface Moment {
  readonly count: number;
  readonly levelMv: number;
  readonly candidate: Candidate | undefined;
}

interface Judge {
  /** Once per sample. Verdicts are pushed in ascending order. */
  step(now: Moment, out: Verdict[]): void;
  /** The signal ended: what is still held is decided, and nothing is looked for across the gap. */
  end(candidate: Candidate | undefined, out: Verdict[]): void;
  /** A new stretch of signal begins at this sample. */
  begin(count: number): void;
  state(): JudgeState;
}

// Tuned on DS1 of mitdb, the rule for even waves after a disturbance on CinC 2017; the figures are flat around these values.
const memory = 8;
const learnS = 2;
const thresholdShare = 0.3;
/** Below this share of the usual height nothing is a beat: an asystole stays one. */
const floorShare = 0.12;
/** About 0.035 mV of R wave. */
const floorMv = 0.012;
const refractoryS = 0.19;
const tWaveEndS = 0.36;
/** A candidate soon after a beat must be this steep beside it: the first at the refractory's end, the second at tWaveEndS. */
const tWaveSlopeShares = [0.7, 0.3] as const;
/** A low candidate waits this long: a P wave is followed by something higher. */
const holdS = 0.33;
const holdBelowShare = 0.9;
const holdRatio = 1.25;
const lookBackRatio = 1.6;
const lookBackShare = 0.6;
const lookBackMinS = 0.28;
/** So many beats in a row may rest on looking back alone; more would be noise fed by its own echo. */
const maxLookBackRow = 3;
const maxSkipped = 24;
const edgeS = 0.04;
/** Without a beat for this long the height is learnt anew (an electrode that was moved); sooner while few beats are known. */
const relearnS = { young: 4, settled: 12 } as const;
/** The last beat's own T wave is not learnt from. */
const afterBeatS = 0.7;
const youngBeats = 8;
/** P waves of a ventricular standstill lie below this share of the QRS; they must not become the new beats. */
const relearnShare = 0.12;
/** After this long without a beat the old height says nothing any more. */
const forgetS = 60;
/** Peaks over mean level: noise has about 2, beats more. Low signals must pass it to be learnt from; high ones (0.25 mV and more) need not, so that a fast tachycardia counts. */
const crest = 2.7;
const highMv = 0.08;

export function createJudge(rateHz: number, state?: JudgeState): Judge {
  const heights = [...(state?.heights ?? [])];
  const noises = [...(state?.noises ?? [])];
  const intervals = [...(state?.intervals ?? [])];
  let skipped = [...(state?.skipped ?? [])];
  let last = state?.last ?? null;
  let held = state?.held ?? null;
  let stretchStart = state?.stretchStart ?? 0;
  let beatsKnown = state?.beatsKnown ?? 0;
  let lookBackRow = state?.lookBackRow ?? 0;
  const longHeights = [...(state?.longHeights ?? [])];
  let learning = copyOf(state?.learning ?? { since: 0, levelSum: 0, candidates: [] });

  /** In samples; one second while none is known. */
  let usualRr = meanOr(intervals, rateHz);

  function accept(c: Candidate, out: Verdict[]): void {
    const strength = c.height / thresholdsOf(heights, noises).main;
    if (last !== null && last.fiducial >= stretchStart) remember(intervals, c.fiducial - last.fiducial, memory);
    usualRr = meanOr(intervals, rateHz);
    remember(heights, c.height, memory);
    remember(longHeights, c.height, longMemory);
    last = c;
    beatsKnown++;
    lookBackRow = strength > 1 ? 0 : lookBackRow + 1;
    learning = { since: c.fiducial, levelSum: 0, candidates: [] };
    skipped = skipped.filter((k) => k.fiducial > c.fiducial);
    out.push({ candidate: c, strength });
  }

  function reject(c: Candidate): void {
    remember(noises, c.height, memory);
    skipped.push(c);
    if (skipped.length > maxSkipped) skipped.shift();
  }

  function weigh(c: Candidate, out: Verdict[]): void {
    // A wave cut by the stretch's edge has no known peak.
    if (c.fiducial < stretchStart + edgeS * rateHz) return;
    const sinceS = last === null ? Infinity : (c.fiducial - last.fiducial) / rateHz;
    if (sinceS < refractoryS) return;
    if (last !== null && isTWave(c, last, sinceS)) {
      remember(noises, c.height, memory);
      return;
    }
    if (c.height <= thresholdsOf(heights, noises).main) reject(c);
    else if (c.height < holdBelowShare * median(heights)) held = c;
    else accept(c, out);
  }

  function settleHeld(now: Moment, out: Verdict[]): void {
    if (held === null) return;
    const c = held;
    if (now.levelMv > holdRatio * c.height) {
      held = null;
      reject(c);
    } else if (now.candidate !== undefined || now.count - c.fiducial >= holdS * rateHz) {
      held = null;
      accept(c, out);
    }
  }

  function lookBack(count: number, out: Verdict[]): void {
    if (last === null || held !== null || skipped.length === 0 || lookBackRow >= maxLookBackRow) return;
    if (count - Math.max(last.fiducial, stretchStart) < lookBackRatio * usualRr) return;
    const earliest = last.fiducial + lookBackMinS * rateHz;
    const best = highestFrom(skipped, earliest);
    const { main, floor } = thresholdsOf(heights, noises);
    if (best !== undefined && best.height > Math.max(floor, lookBackShare * main)) accept(best, out);
  }

  function recover(count: number, out: Verdict[]): void {
    if (last === null || held !== null || count - Math.max(last.fiducial, stretchStart) < recoverS * rateHz) return;
    const since = last.fiducial + refractoryS * rateHz;
    const waiting = skipped.filter((c) => c.fiducial > since);
    const before = beatsAsBefore(waiting, heights, longHeights);
    if (before === undefined) return;
    heights.length = 0;
    heights.push(before.height);
    noises.length = 0;
    lookBackRow = 0;
    for (const c of before.waves) if (c.fiducial - last.fiducial >= tWaveEndS * rateHz) accept(c, out);
  }

  /** Learns the usual height from what stands out, at the start and after a long time without a beat. */
  function learn(now: Moment, out: Verdict[]): void {
    if (heights.length > 0 && now.count - learning.since < afterBeatS * rateHz) return;
    learning.levelSum += now.levelMv;
    if (now.candidate !== undefined) learning.candidates.push(now.candidate);
    const waitS = heights.length === 0 ? learnS : beatsKnown < youngBeats ? relearnS.young : relearnS.settled;
    const elapsed = now.count - learning.since;
    const isEarly = elapsed < waitS * rateHz;
    // Most samples bring no candidate.
    if (isEarly && (now.candidate === undefined || heights.length === 0)) return;
    if (isEarly && !isEvenAfterNoise(learning.candidates, heights, intervals, rateHz)) return;
    const usual = usualHeight(learning.candidates);
    const isPeaky = usual > (crest * learning.levelSum) / elapsed;
    const waiting = learning.candidates;
    const isFirst = heights.length === 0;
    const isForgotten = beatsKnown < youngBeats || last === null || now.count - last.fiducial > forgetS * rateHz;
    const least = isForgotten && !isEarly ? floorMv : Math.max(floorMv, (isEarly ? evenShare : relearnShare) * median(heights));
    const isLearnt = usual >= least && (isPeaky || (isFirst && usual > highMv));
    if (!isEarly || isLearnt) learning = { since: now.count, levelSum: 0, candidates: [] };
    if (!isLearnt) return;
    heights.length = 0;
    heights.push(usual);
    beatsKnown = 0;
    noises.length = 0;
    // Beats of the first seconds are told late rather than never; later ones would come minutes late.
    if (isFirst || isEarly) for (const k of waiting) weigh(k, out);
  }

  return {
    step(now, out) {
      if (heights.length > 0) {
        settleHeld(now, out);
        if (now.candidate !== undefined) weigh(now.candidate, out);
        lookBack(now.count, out);
        recover(now.count, out);
      }
      learn(now, out);
    },
    end(candidate, out) {
      if (held !== null) accept(held, out);
      held = null;
      if (candidate !== undefined && heights.length > 0) weigh(candidate, out);
      if (held !== null) accept(held, out);
      held = null;
      skipped = [];
    },
    begin(count) {
      stretchStart = count;
      learning = { since: count, levelSum: 0, candidates: [] };
    },
    state: () => ({
      heights: [...heights],
      noises: [...noises],
      intervals: [...intervals],
      skipped: [...skipped],
      last,
      held,
      stretchStart,
      beatsKnown,
      lookBackRow,
      longHeights: [...longHeights],
      learning: copyOf(learning),
    }),
  };
}

function thresholdsOf(heights: readonly number[], noises: readonly number[]): { main: number; floor: number } {
  const signal = median(heights);
  const noise = Math.min(meanOr(noises, 0), signal);
  const floor = Math.max(floorMv, floorShare * signal);
  return { main: Math.max(floor, noise + thresholdShare * (signal - noise)), floor };
}

/** Too flat, so soon after the beat `last`, to be another. */
function isTWave(c: Candidate, last: Candidate, sinceS: number): boolean {
  if (sinceS >= tWaveEndS) return false;
  const [first, second] = tWaveSlopeShares;
  const share = first + (second - first) * ((sinceS - refractoryS) / (tWaveEndS - refractoryS));
  return c.slope < share * last.slope;
}

function highestFrom(candidates: readonly Candidate[], earliest: number): Candidate | undefined {
  let best: Candidate | undefined;
  for (const c of candidates) if (c.fiducial >= earliest && (best === undefined || c.height > best.height)) best = c;
  return best;
}

/** Of those that stand out. */
function usualHeight(candidates: readonly Candidate[]): number {
  const top = candidates.reduce((most, k) => Math.max(most, k.height), 0);
  return median(candidates.filter((k) => k.height > 0.5 * top).map((k) => k.height));
}

function copyOf({ since, levelSum, candidates }: JudgeState["learning"]) {
  return { since, levelSum, candidates: [...candidates] };
}
