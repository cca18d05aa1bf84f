/** The tensors of `ecg-quality` from the newest seconds of one lead; the twin of train/features.py. It remembers nothing. */

import type { Contexts, Tensor } from "../model-spec.ts";
import { resampleAt, windowHz } from "../signal/beat-window.ts";
import { median } from "../signal/statistics.ts";

export const windowS = 8;
export const points = windowS * windowHz;
const minScaleMv = 0.05;
const clipAt = 3;

/**
 * `wave` [1, 960]: the analysed lead at 120 Hz about its median, over the usual swing of one of its seconds, ± 3, and 0 where there is no sample.
 * `size` [1, 1]: the logarithm of that swing in mV, for what the wave no longer tells.
 */
export function qualityFeatures({ channels, rateHz }: Contexts["hop"]): { wave: Tensor; size: Tensor } {
  const samples = channels[0] ?? new Float32Array();
  const mv = Float64Array.from({ length: points }, (_, j) => resampleAt(samples, j / windowHz, rateHz, 0));
  const middleMv = median(mv.filter((value) => !Number.isNaN(value)));
  const swings = Array.from({ length: windowS }, (_, s) => swingOf(mv.subarray(s * windowHz, (s + 1) * windowHz)));
  const known = swings.filter((swing) => swing >= 0);
  const scaleMv = Math.max(known.length > 0 ? median(known) : 0, minScaleMv);
  return {
    wave: { data: Float32Array.from(mv, (value) => clip((value - middleMv) / scaleMv)), shape: [1, points] },
    size: { data: Float32Array.of(clip(Math.log(scaleMv))), shape: [1, 1] },
  };
}

/** Highest less lowest; −∞ where there is no sample. */
function swingOf(second: Float64Array): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of second) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low;
}

/** What is missing, and numbers that overflow, say nothing. */
function clip(value: number): number {
  return Math.min(Math.max(value, -clipAt), clipAt) || 0;
}
