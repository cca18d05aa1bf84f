/** 8 s of a pleth, and of the acceleration beside it, as curves over the logarithm of the rate. Its Python twin is train/features.py; golden.json proves them equal. */

import { BINS, binOf, bpmAt } from "./rates.ts";

const workHz = 25;
const count = 200;
const taps = 6;
const stillG = 0.02;
const slowHalf = 20;
const fastHalf = 10;
const widest = 12;
const refractory = 6.75;
const leastHeight = 0.3;
const stillAmplitude = 0.02;
const mostBridged = 50;
const curves = 6;

const hann = Float64Array.from({ length: count }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / count));
const hannSum = hann.reduce((sum, value) => sum + value, 0);
/** By bin, then by sample. */
const waves = Array.from({ length: BINS }, (_, bin) => {
  const of = (wave: (x: number) => number) => hann.map((weight, i) => weight * wave((2 * Math.PI * (i / workHz) * bpmAt(bin)) / 60));
  return { cos: of(Math.cos), sin: of(Math.sin) };
});

/** float32 of 6 × 174, each number between −1 and 1: pleth, pleth without motion, motion, correlation with itself, intervals, mean of these. Zero without signal. */
export function pulseFeatures(pleth: Float32Array, acc: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(curves * BINS);
  const even = resampled(pleth);
  if (even === undefined) return out;
  const axes = acc.length === 3 ? acc.map((axis) => resampled(axis) ?? new Float64Array(count)) : [];
  const moved = axes.map((axis) => withoutTrend(axis, slowHalf));
  const slow = unit(withoutTrend(even, slowHalf));
  const rest = unit(withoutMotion(slow, moved));
  const put = (curve: number, of: (bin: number) => number) => {
    for (let bin = 0; bin < BINS; bin++) out[curve * BINS + bin] = Math.max(-1, Math.min(1, of(bin)));
  };
  put(0, (bin) => amplitude(slow, bin) / 2);
  put(1, (bin) => amplitude(rest, bin) / 2);
  put(2, (bin) => {
    const most = moved.reduce((high, axis) => Math.max(high, amplitude(axis, bin)), 0);
    return most / (most + stillAmplitude);
  });
  const likeness = correlations(rest);
  put(3, (bin) => {
    const lag = (60 * workHz) / bpmAt(bin);
    const low = Math.floor(lag);
    return likeness(low) + (lag - low) * (likeness(low + 1) - likeness(low));
  });
  const { intervals, mean } = beatCurves(rest);
  put(4, (bin) => intervals[bin] ?? 0);
  put(5, (bin) => mean[bin] ?? 0);
  return out;
}

/** 200 means of 0.04 s, linear between samples; holes are bridged, undefined where too much is missing. */
function resampled(samples: Float32Array): Float64Array | undefined {
  const n = samples.length;
  const [sums, counts] = [new Float64Array(n + 1), new Float64Array(n + 1)];
  for (let i = 0; i < n; i++) {
    const sample = samples[i] as number;
    const isThere = Number.isFinite(sample);
    sums[i + 1] = (sums[i] as number) + (isThere ? sample : 0);
    counts[i + 1] = (counts[i] as number) + (isThere ? 1 : 0);
  }
  const upTo = (of: Float64Array, edge: number) => {
    const at = Math.min(Math.floor(edge), n - 1);
    return (of[at] ?? 0) + (edge - at) * ((of[at + 1] ?? 0) - (of[at] ?? 0));
  };
  const [places, values]: [number[], number[]] = [[], []];
  for (let i = 0; i < count; i++) {
    const [from, to] = [(i * n) / count, ((i + 1) * n) / count];
    const known = upTo(counts, to) - upTo(counts, from);
    if (!(known > (0.25 * n) / count)) continue;
    places.push(i);
    values.push((upTo(sums, to) - upTo(sums, from)) / known);
  }
  return count - places.length > mostBridged ? undefined : bridged(places, values);
}

/** By lines between what is known, even before the first and behind the last. */
function bridged(places: readonly number[], values: readonly number[]): Float64Array {
  let at = 0;
  return Float64Array.from({ length: count }, (_, i) => {
    while (at + 1 < places.length && (places[at + 1] ?? 0) <= i) at++;
    const [from = 0, to] = [places[at], places[at + 1]];
    const value = values[at] ?? 0;
    return i <= from || to === undefined ? value : value + ((i - from) / (to - from)) * ((values[at + 1] ?? 0) - value);
  });
}

/** Minus the mean of what lies within `half` on both sides, fewer near the ends. */
function withoutTrend(x: Float64Array, half: number): Float64Array {
  const sums = new Float64Array(count + 1);
  for (let i = 0; i < count; i++) sums[i + 1] = (sums[i] ?? 0) + (x[i] ?? 0);
  return x.map((value, i) => {
    const reach = Math.min(half, i, count - 1 - i);
    return value - ((sums[i + reach + 1] ?? 0) - (sums[i - reach] ?? 0)) / (2 * reach + 1);
  });
}

/** Mean square 1, nothing beyond 4; zero where it is even. */
function unit(x: Float64Array): Float64Array {
  const power = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / count);
  return x.map((value) => (power > 1e-9 ? Math.max(-4, Math.min(4, value / power)) : 0));
}

/** What is no sum of the last samples of the three axes, by ridge regression: still axes take nothing away. */
function withoutMotion(x: Float64Array, axes: readonly Float64Array[]): Float64Array {
  if (axes.length === 0) return x;
  const rows = axes.flatMap((axis) =>
    Array.from({ length: taps }, (_, tap) => axis.map((_value, i) => (i < tap ? 0 : (axis[i - tap] ?? 0)))),
  );
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  const gram = rows.map((row, i) => rows.map((other, j) => dot(row, other) + (i === j ? count * stillG ** 2 : 0)));
  const weights = solved(
    gram,
    rows.map((row) => dot(row, x)),
  );
  return x.map((value, i) => value - rows.reduce((sum, row, k) => sum + (weights[k] ?? 0) * (row[i] ?? 0), 0));
}

/** Of a symmetric positive definite system, by Gauss' elimination. */
function solved(matrix: readonly number[][], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  rows.forEach((pivot, k) => {
    for (const row of rows.slice(k + 1)) {
      const share = (row[k] ?? 0) / (pivot[k] ?? 1);
      for (let j = k; j < row.length; j++) row[j] = (row[j] ?? 0) - share * (pivot[j] ?? 0);
    }
  });
  const out = new Array<number>(rows.length).fill(0);
  for (let k = rows.length - 1; k >= 0; k--) {
    const row = rows[k] ?? [];
    const rest = out.reduce((sum, value, j) => (j > k ? sum + value * (row[j] ?? 0) : sum), 0);
    out[k] = ((row.at(-1) ?? 0) - rest) / (row[k] ?? 1);
  }
  return out;
}

function amplitude(x: Float64Array, bin: number): number {
  const { cos, sin } = waves[bin] ?? { cos: hann, sin: hann };
  let a = 0;
  let b = 0;
  for (let i = 0; i < count; i++) {
    const value = x[i] as number;
    a += value * (cos[i] as number);
    b += value * (sin[i] as number);
  }
  return (Math.sqrt(a * a + b * b) * 2) / hannSum;
}

/** With itself, so many samples later. */
function correlations(x: Float64Array): (lag: number) => number {
  const product = (lag: number) => {
    let sum = 0;
    for (let i = lag; i < count; i++) sum += (x[i] as number) * (x[i - lag] as number);
    return sum;
  };
  const total = Math.max(product(0), 1e-9);
  const known = new Map<number, number>();
  return (lag) => {
    const value = known.get(lag) ?? (product(lag) / total) * (count / (count - lag));
    known.set(lag, value);
    return value;
  };
}

function beatCurves(rest: Float64Array) {
  const [intervals, mean] = [new Float64Array(BINS), new Float64Array(BINS)];
  const flat = withoutTrend(rest, fastHalf);
  const fast = flat.map((value, i) => (2 * value + (flat[i - 1] ?? value) + (flat[i + 1] ?? value)) / 4);
  const skew = fast.reduce((sum, value, i) => (i === 0 ? 0 : sum + (value - (fast[i - 1] ?? 0)) ** 3), 0);
  const middles = strokes(skew < 0 ? fast.map((value) => -value) : fast);
  if (middles.length < 3) return { intervals, mean };
  const beats = middles.length - 1;
  for (let k = 0; k < beats; k++) addPeak(intervals, (60 * workHz) / ((middles[k + 1] ?? 0) - (middles[k] ?? 0)), 1 / beats);
  addPeak(mean, (60 * workHz * beats) / ((middles[beats] ?? 0) - (middles[0] ?? 0)), 1);
  return { intervals, mean };
}

/** Of one and a half bins to each side. */
function addPeak(out: Float64Array, bpm: number, weight: number) {
  const at = binOf(bpm);
  for (let i = Math.max(0, Math.ceil(at - 1.5)); i <= Math.min(BINS - 1, Math.floor(at + 1.5)); i++)
    out[i] = (out[i] ?? 0) + weight * (1 - Math.abs(i - at) / 1.5);
}

/** Middles of the strokes, in samples with fractions. */
function strokes(x: Float64Array): number[] {
  const troughs = extremes(x.map((value) => -value));
  const found: { foot: number; peak: number; height: number }[] = [];
  let t = 0;
  for (const peak of extremes(x)) {
    while ((troughs[t + 1] ?? Number.POSITIVE_INFINITY) < peak) t++;
    const foot = troughs[t];
    if (foot !== undefined && foot < peak) found.push({ foot, peak, height: (x[peak] ?? 0) - (x[foot] ?? 0) });
  }
  const heights = found.map(({ height }) => height).sort((a, b) => a - b);
  const least = leastHeight * (heights[Math.floor(heights.length * 0.9)] ?? 0);
  const middles: number[] = [];
  for (const { foot, peak, height } of found) {
    if (height < least) continue;
    const level = (x[foot] ?? 0) + height / 2;
    let i = peak;
    while (i > foot + 1 && (x[i - 1] ?? 0) > level) i--;
    const [low, high] = [x[i - 1] ?? 0, x[i] ?? 0];
    const middle = i - 1 + (high === low ? 0 : (level - low) / (high - low));
    if (middle >= (middles.at(-1) ?? Number.NEGATIVE_INFINITY) + refractory) middles.push(middle);
  }
  return middles;
}

/** Samples that are higher than both neighbours at every distance up to the scale at which most are. */
function extremes(x: Float64Array): number[] {
  const isHigher = (i: number, k: number) => (x[i] as number) > (x[i - k] as number) && (x[i] as number) > (x[i + k] as number);
  let best = 0;
  let most = 0;
  for (let k = 1; k <= widest; k++) {
    let high = 0;
    for (let i = k; i < count - k; i++) if (isHigher(i, k)) high++;
    if (high > most) [best, most] = [k, high];
  }
  const found: number[] = [];
  for (let i = best; best > 0 && i < count - best; i++) {
    let k = 1;
    while (k <= best && isHigher(i, k)) k++;
    if (k > best) found.push(i);
  }
  return found;
}
