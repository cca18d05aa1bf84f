/** The person's beat shapes: up to five, with how often and how early each comes. They follow from what was seen alone, never from a model's result. */

import * as c from "./constants.ts";

/** 2.1 kB, structured-cloneable; all numbers are float32 so that Python and TypeScript agree. */
export interface BeatMemory {
  /** `shapeCount` segments one after the other, mV. */
  readonly shapes: Float32Array;
  /** How common each shape is, fading. */
  readonly weight: Float32Array;
  /** Beats that formed each shape; 0 = unused. */
  readonly count: Float32Array;
  /** Mean RR of each shape over the median RR: below 1 = it comes early. */
  readonly pace: Float32Array;
  /** [beats seen, last median RR in s]. */
  readonly seen: Float32Array;
}

interface ShapeFit {
  /** Highest Pearson correlation over the lags. */
  readonly correlation: number;
  /** Samples by which the beat comes later than the shape. */
  readonly lag: number;
  /** Size of the beat's QRS over that of the shape. */
  readonly sizeRatio: number;
}

export function emptyMemory(): BeatMemory {
  const perShape = (): Float32Array => new Float32Array(c.shapeCount);
  return {
    shapes: new Float32Array(c.shapeCount * c.segmentLength),
    weight: perShape(),
    count: perShape(),
    pace: perShape(),
    seen: new Float32Array(2),
  };
}

/** One shape as float64 (a copy). */
export function shapeOf(memory: BeatMemory, slot: number): Float64Array {
  return Float64Array.from(memory.shapes.subarray(slot * c.segmentLength, (slot + 1) * c.segmentLength));
}

/** The QRS of `segment` against `other` read at each lag; `offset` moves the place where `other` is read (0 for a segment). */
export function fitShape(segment: Float64Array, other: Float64Array, offset = 0): ShapeFit {
  const points = c.qrsTo - c.qrsFrom;
  let meanX = 0;
  for (let i = c.qrsFrom; i < c.qrsTo; i++) meanX += segment[i] as number;
  meanX /= points;
  let sxx = 0;
  for (let i = c.qrsFrom; i < c.qrsTo; i++) sxx += ((segment[i] as number) - meanX) ** 2;
  let best: ShapeFit = { correlation: Number.NEGATIVE_INFINITY, lag: 0, sizeRatio: 1 };
  for (let lag = -c.maxLag; lag <= c.maxLag; lag++) {
    const shift = offset - lag;
    let meanT = 0;
    for (let i = c.qrsFrom; i < c.qrsTo; i++) meanT += other[i + shift] as number;
    meanT /= points;
    let stt = 0;
    let sxt = 0;
    for (let i = c.qrsFrom; i < c.qrsTo; i++) {
      const t = (other[i + shift] as number) - meanT;
      stt += t * t;
      sxt += t * ((segment[i] as number) - meanX);
    }
    const den = Math.sqrt(sxx * stt);
    const correlation = den > 1e-9 ? sxt / den : 0;
    if (correlation > best.correlation) best = { correlation, lag, sizeRatio: stt > 1e-9 ? Math.sqrt(sxx / stt) : 1 };
  }
  return best;
}

/** Index of the most common shape; −1 while there is none. */
export function mainShape(memory: BeatMemory): number {
  return highest(memory, (slot) => memory.weight[slot] as number);
}

/** Index of the used shape with the highest `value`; −1 while there is none. */
export function highest(memory: BeatMemory, value: (slot: number) => number): number {
  let best = -1;
  let bestValue = Number.NEGATIVE_INFINITY;
  for (let slot = 0; slot < c.shapeCount; slot++) {
    if (memory.count[slot] === 0) continue;
    const v = value(slot);
    if (v > bestValue) {
      best = slot;
      bestValue = v;
    }
  }
  return best;
}

/** Adds a beat to the shape it resembles, or puts it in place of the rarest. `pace` = its RR over the median, NaN `rr0S` = RR unknown. */
export function rememberBeat(memory: BeatMemory, segment: Float64Array, rr0S: number, pace: number): void {
  const { shapes, weight, count } = memory;
  let slot = -1;
  let fit: ShapeFit = { correlation: -2, lag: 0, sizeRatio: 1 };
  for (let k = 0; k < c.shapeCount; k++) {
    if (count[k] === 0) continue;
    const f = fitShape(segment, shapeOf(memory, k));
    if (f.correlation < c.matchCorrelation || f.sizeRatio < 0.5 || f.sizeRatio > 2 || f.correlation <= fit.correlation) continue;
    slot = k;
    fit = f;
  }
  if (slot >= 0) {
    const n = Math.min((count[slot] as number) + 1, 1e6);
    count[slot] = n;
    const alpha = Math.max(1 / n, 1 / 16);
    const at = slot * c.segmentLength;
    for (let i = 0; i < c.segmentLength; i++) {
      const old = shapes[at + i] as number;
      shapes[at + i] = old + alpha * ((segment[clampIndex(i + fit.lag)] as number) - old);
    }
    const oldPace = memory.pace[slot] as number;
    memory.pace[slot] = oldPace + Math.max(1 / n, 0.1) * (pace - oldPace);
  } else {
    slot = rarestSlot(memory);
    shapes.set(segment, slot * c.segmentLength);
    count[slot] = 1;
    weight[slot] = 0;
    memory.pace[slot] = pace;
  }
  const fade = Math.fround(c.weightFade);
  for (let k = 0; k < c.shapeCount; k++) weight[k] = (weight[k] as number) * fade;
  weight[slot] = (weight[slot] as number) + Math.fround(Number.isNaN(rr0S) ? 0.5 : pace < c.premature ? 0.3 : 1);
  memory.seen[0] = Math.min((memory.seen[0] as number) + 1, 1e6);
}

/** Position inside a segment. */
export function clampIndex(i: number): number {
  return i < 0 ? 0 : i >= c.segmentLength ? c.segmentLength - 1 : i;
}

/** The first unused slot, else the one of least weight. */
function rarestSlot(memory: BeatMemory): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < c.shapeCount; k++) {
    const w = memory.count[k] === 0 ? -1 : (memory.weight[k] as number);
    if (w < least) {
      best = k;
      least = w;
    }
  }
  return best;
}
