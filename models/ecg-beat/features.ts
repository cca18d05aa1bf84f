/** Tensors of `ecg-beat` from a beat's context and the person's shapes; the twin of train/features.py. It never sees a result. */

import type { BeatContext, BeatRun, Tensor } from "../model-spec.ts";
import { filterWindow, qrsHeight } from "../signal/beat-window.ts";
import * as c from "./constants.ts";
import { clip, frameRhythm, writeRhythm } from "./rhythm.ts";
import { type BeatMemory, clampIndex, fitShape, highest, mainShape, rememberBeat, shapeOf } from "./shapes.ts";

/**
 * `beat` [1, 2, 100]: the beat from R − 0.33 s at 120 Hz and its difference to the person's most common shape, both over that shape's QRS height, ± 6.
 * `context` [1, 27]: rhythm (0–14), likeness to the shapes (15–20, 22, 24), QRS width (21), likeness to the beat before (23), what was missing (25), maturity (26).
 * Only the "first" run (or none named) changes `memory`, once per beat; "final" reads it, so that the order of the two among beats does not matter to what is learnt.
 */
export function beatFeatures(context: BeatContext, memory: BeatMemory, run: BeatRun["name"] = "first"): { beat: Tensor; context: Tensor } {
  const { samples: y, validShare } = filterWindow(context.samples, context.rateHz, context.rIndex);
  const segment = y.subarray(c.segmentStart, c.segmentStart + c.segmentLength);
  const rhythm = frameRhythm(context.rrBeforeS, run === "first" ? [] : context.rrAfterS, memory.seen[1] as number);
  const heightMv = qrsHeight(segment);
  if (run === "first") {
    memory.seen[1] = rhythm.medianS;
    if (validShare >= 0.5 && heightMv >= c.flatMv) rememberBeat(memory, segment, rhythm.rr0S, rhythm.pace);
  }
  const out = new Float64Array(c.contextLength);
  writeRhythm(out, rhythm);
  const width = slopeWidth(segment);
  out[21] = width / 8;
  out[23] = likenessToBeatBefore(segment, y, rhythm.rr0S);
  out[25] = validShare - 1;
  out[26] = Math.min(memory.seen[0] as number, 32) / 32;
  const beat = new Float32Array(2 * c.segmentLength);
  const main = mainShape(memory);
  if (main < 0) {
    writeBeat(beat, segment, undefined, { scaleMv: Math.max(heightMv, c.minScaleMv), lag: 0 });
  } else {
    const shape = shapeOf(memory, main);
    const lag = writeLikeness(out, { memory, segment, main, shape, width });
    writeBeat(beat, segment, shape, { scaleMv: Math.max(qrsHeight(shape), c.minScaleMv), lag });
  }
  return {
    beat: { data: beat, shape: [1, 2, c.segmentLength] },
    context: { data: Float32Array.from(out), shape: [1, c.contextLength] },
  };
}

interface Likeness {
  readonly memory: BeatMemory;
  readonly segment: Float64Array;
  readonly main: number;
  readonly shape: Float64Array;
  readonly width: number;
}

/** Writes entries 15 … 20, 22 and 24; returns the lag to the main shape. */
function writeLikeness(out: Float64Array, { memory, segment, main, shape, width }: Likeness): number {
  const fits = Array.from({ length: c.shapeCount }, (_, slot) => fitShape(segment, shapeOf(memory, slot)));
  const correlation = (slot: number): number => fits[slot]?.correlation ?? 0;
  const own = highest(memory, correlation);
  const total = memory.weight.reduce((a, b) => a + b, 0);
  const mainWidth = slopeWidth(shape);
  out[15] = correlation(main);
  out[16] = correlation(own);
  out[17] = (memory.weight[own] as number) / total;
  out[18] = own === main ? 1 : 0;
  out[19] = clip((memory.pace[own] as number) - 1, -1, 2);
  out[20] = clip(Math.log(Math.max(fits[main]?.sizeRatio ?? 1, 1e-3)), -2, 2);
  out[22] = mainWidth > 1e-6 ? clip(width / mainWidth - 1, -1, 2) : 0;
  out[24] = Math.min(memory.count[own] as number, 16) / 16;
  return fits[main]?.lag ?? 0;
}

function writeBeat(out: Float32Array, segment: Float64Array, shape: Float64Array | undefined, at: { scaleMv: number; lag: number }): void {
  for (let i = 0; i < c.segmentLength; i++) {
    const value = segment[i] as number;
    out[i] = clip(value / at.scaleMv, -c.clipAt, c.clipAt);
    if (shape === undefined) continue;
    out[c.segmentLength + i] = clip((value - (shape[clampIndex(i - at.lag)] as number)) / at.scaleMv, -c.clipAt, c.clipAt);
  }
}

/** Correlation with the beat before, where the window still holds it; else 0. */
function likenessToBeatBefore(segment: Float64Array, y: Float64Array, rr0S: number): number {
  if (Number.isNaN(rr0S)) return 0;
  const rAtSegment = c.before - c.segmentStart;
  const previous = c.before - Math.floor(rr0S * c.rateHz + 0.5);
  return previous >= rAtSegment ? fitShape(segment, y, previous - rAtSegment).correlation : 0;
}

/** Spread in samples of the squared slope around its centre: wide for a ventricular QRS. */
function slopeWidth(x: Float64Array): number {
  let total = 0;
  let first = 0;
  for (let i = c.slopeFrom; i < c.slopeTo; i++) {
    const e = ((x[i + 1] as number) - (x[i - 1] as number)) ** 2;
    total += e;
    first += e * i;
  }
  if (total < 1e-12) return 0;
  const centre = first / total;
  let second = 0;
  for (let i = c.slopeFrom; i < c.slopeTo; i++) second += ((x[i + 1] as number) - (x[i - 1] as number)) ** 2 * (i - centre) ** 2;
  return Math.sqrt(second / total);
}
