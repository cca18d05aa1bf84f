/**
 * The level of a beat's ST segment as a weighted sum of its window's numbers: the mean of 20 ms about R + 100 ms less that about R − 80 ms,
 * which stands for the isoelectric line; as `evaluation/score-codec.ts` reads it.
 */

import { head, type Segment, width } from "../../../models/ecg-codec/grid.ts";
import { readingOf } from "../../../models/ecg-codec/latents.ts";
import type { Reading } from "./choose-steps.ts";

/** In points of the grid from the R peak. */
const st = { level: 12, line: -9.6, around: 1.2 };

/** Weights of the numbers; undefined for a window without a beat, or too short for one. */
export function stLevelOf({ peakAt, count }: Segment): Float64Array | undefined {
  if (peakAt === undefined || peakAt + st.line - st.around < 0 || peakAt + st.level + st.around >= Math.min(count, head)) return undefined;
  const weights = new Float64Array(width);
  addMean(weights, peakAt + st.level, 1);
  addMean(weights, peakAt + st.line, -1);
  return weights;
}

/** The mean of the points round a place, those at its ends in part. */
function addMean(weights: Float64Array, at: number, sign: 1 | -1): void {
  const [from, to] = [at - st.around, at + st.around];
  const shareOf = (j: number) => Math.max(0, Math.min(1, j + 0.5 - from, to - j + 0.5));
  const points = Array.from({ length: Math.ceil(to - from) + 3 }, (_, i) => Math.ceil(from - 1) + i);
  const whole = points.reduce((sum, j) => sum + shareOf(j), 0);
  for (const j of points) if (j >= 0 && j < weights.length) weights[j] = (weights[j] ?? 0) + (sign * shareOf(j)) / whole;
}

interface Told {
  readonly window: Float64Array;
  /** Of the numbers in the error. */
  readonly weights: Float64Array;
  /** Of the window, in steps. */
  readonly coordinates: Float64Array;
  readonly step: number;
  readonly most: number;
}

/** The level as a chooser of steps takes it. What coordinates can't tell of it is off from the beginning. */
export function readingIn(level: Float64Array, { window, weights: own, coordinates, step, most }: Told): Reading {
  const weights = readingOf(level, own);
  let off = 0;
  for (let j = 0; j < width; j++) off += ((level[j] ?? 0) * (window[j] ?? 0)) / step;
  for (let k = 0; k < weights.length; k++) off -= (weights[k] ?? 0) * (coordinates[k] ?? 0);
  return { weights, off, most };
}
