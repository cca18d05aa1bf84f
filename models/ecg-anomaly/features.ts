/** The tensor of `ecg-anomaly` from a beat's context; the twin of train/features.py. It never sees a result. */

import type { BeatContext, Tensor } from "../model-spec.ts";
import { before, filterWindow, qrsHeight, segmentLength, segmentStart } from "../signal/beat-window.ts";
import { median, remember } from "../signal/statistics.ts";
import { drawnAtRest } from "./pace.ts";

const mostHeights = 64;
const flatMv = 0.02;
const tallestMv = 100;
const minScaleMv = 0.05;
const clipAt = 6;

/** QRS heights of the newest beats, mV, oldest first. */
export interface HeightMemory {
  readonly heights: number[];
}

/** `beat` [1, 100]: R − 0.33 s … R + 0.5 s at 120 Hz as at rest, over the usual QRS height of the newest 64 beats, about its own mean, ± 6. */
export function anomalyFeatures({ samples, rateHz, rIndex, rrBeforeS }: BeatContext, memory: HeightMemory): { beat: Tensor } {
  const window = filterWindow(samples, rateHz, rIndex);
  const heightMv = qrsHeight(window.samples.subarray(segmentStart, segmentStart + segmentLength));
  const segment = drawnAtRest(window.samples, before, rrBeforeS);
  if (window.validShare >= 0.5 && heightMv >= flatMv && heightMv <= tallestMv) remember(memory.heights, Math.fround(heightMv), mostHeights);
  const scaleMv = Math.max(memory.heights.length > 0 ? median(memory.heights) : heightMv, minScaleMv);
  let sum = 0;
  for (let i = 0; i < segmentLength; i++) sum += (segment[i] as number) / scaleMv;
  const mean = sum / segmentLength;
  const data = new Float32Array(segmentLength);
  // Samples that overflow say nothing.
  for (let i = 0; i < segmentLength; i++) data[i] = Math.min(Math.max((segment[i] as number) / scaleMv - mean, -clipAt), clipAt) || 0;
  return { beat: { data, shape: [1, segmentLength] } };
}
