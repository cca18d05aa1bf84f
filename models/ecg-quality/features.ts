/** The tensors of `ecg-quality` from the newest seconds of one lead; the twin of train/features.py. It remembers nothing. */

import type { Contexts, Tensor } from "../model-spec.ts";
import { resampleInto, windowHz } from "../signal/resampling.ts";
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
  const mv = new Float64Array(points);
  resampleInto(mv, samples, { rateHz, zeroIndex: 0, from: 0 });
  const middleMv = median(mv.some(Number.isNaN) ? mv.filter((value) => !Number.isNaN(value)) : mv);
  const swings = Array.from({ length: windowS }, (_, s) => swingOf(mv.subarray(s * windowHz, (s + 1) * windowHz)));
  const known = swings.filter((swing) => swing >= 0);
  const scaleMv = Math.max(known.length > 0 ? median(known) : 0, minScaleMv);
  const data = new Float32Array(points);
  for (let j = 0; j < points; j++) data[j] = clip(((mv[j] as number) - middleMv) / scaleMv);
  return {
    wave: { data, shape: [1, points] },
    size: { data: Float32Array.of(clip(Math.log(scaleMv))), shape: [1, 1] },
  };
}

/** Highest less lowest; −∞ where there is no sample. */
function swingOf(second: Float64Array): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < second.length; i++) {
    const value = second[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low;
}

/** What is missing, and numbers that overflow, say nothing. */
function clip(value: number): number {
  return Math.min(Math.max(value, -clipAt), clipAt) || 0;
}
