/** What a burst of movement leaves behind: thresholds learnt from its waves, under which the beats are not seen. How their rhythm is known again. */

import type { Candidate } from "./qrs-front.ts";
import { median, quarter, spread } from "./statistics.ts";

// Chosen on CinC 2017 and on synthetic disturbances; on mitdb they change nothing.
/** Beats whose heights are remembered for a return: a disturbance of some seconds never fills this. */
export const longMemory = 40;
/** Without a beat for this long the height from before the disturbance is tried: longer than two beats may be apart, shorter than an asystole. */
export const recoverS = 2;
/** So many waves of about the usual height (lower quarter of the long memory), and that height below this share of the recent one. */
const recoverBeats = 2;
const usualShare = 0.6;
const recoverShare = 0.5;
/** So many even waves since the last "beat" are a rhythm of their own. */
const evenWaves = 3;
const evenRatio = 1.6;
/** Closer ones may be a beat and its T wave. */
const leastGapS = 0.36;
/** P waves of a block are even too and lie below this share of the QRS. */
export const evenShare = 0.2;
/** Heights or intervals that differ by more than this were no steady rhythm, and what was learnt from them may be noise. */
const unsteadyRatio = 2;

/** The waves of the usual height from before a disturbance that was higher, and that height; undefined where there was none or they are not alone. */
export function beatsAsBefore(
  waves: readonly Candidate[],
  heights: readonly number[],
  longHeights: readonly number[],
): { readonly waves: readonly Candidate[]; readonly height: number } | undefined {
  if (waves.length < recoverBeats || longHeights.length < longMemory / 2) return undefined;
  const usual = quarter(longHeights);
  if (usual > recoverShare * median(heights)) return undefined;
  const alike = waves.filter(({ height }) => height > usualShare * usual);
  const areAlone = alike.every(({ height }) => height <= usual / usualShare);
  return alike.length >= recoverBeats && areAlone ? { waves: alike, height: usual } : undefined;
}

/** The newest waves without a verdict are even in height and time, and the beats before them were neither. */
export function isEvenAfterNoise(
  candidates: readonly Candidate[],
  heights: readonly number[],
  intervals: readonly number[],
  rateHz: number,
): boolean {
  const recent = candidates.slice(-2 * evenWaves);
  const top = recent.reduce((most, { height }) => Math.max(most, height), 0);
  const waves = recent.filter(({ height }) => height > 0.5 * top).slice(-evenWaves);
  if (waves.length < evenWaves || (spread(heights) < unsteadyRatio && spread(intervals) < unsteadyRatio)) return false;
  const gaps = waves.slice(1).map((wave, i) => wave.fiducial - (waves[i]?.fiducial ?? 0));
  return spread(waves.map(({ height }) => height)) < evenRatio && spread(gaps) < evenRatio && Math.min(...gaps) > leastGapS * rateHz;
}
