/**
 * Every stroke of a pleth, for intervals and rates: local maxima and minima at all scales at once (after Bishop and Ercole's multi-scale peak and trough
 * detection, 2018), over the newest seconds. It assumes that there is a pulse; whether something alive is seen at all is for `pulse.ts` to say.
 */

import { meanOr } from "./statistics.ts";

export interface PulseBeat {
  /** The middle of the stroke from foot to peak, in samples since the start, with fractions. */
  readonly at: number;
  /** Seconds since the beat before; absent at a start and after a hole. */
  readonly intervalS?: number;
  /** Correlation with the wearer's last pulses, 0–1; 0 while there are too few to compare with. */
  readonly likeness: number;
}

export interface PulseBeatsState {
  readonly count: number;
  readonly pending: readonly number[];
  readonly kept: readonly number[];
  readonly keptEnd: number;
  readonly hole: number;
  readonly last: number;
  readonly upright: number;
  readonly usual: readonly number[];
  readonly known: number;
}

interface PulseBeats {
  /** Any unit, either way up; NaN = no sample. Beats in time order, each at most `knownWithinS` behind the middle of its stroke. */
  push(samples: Float32Array): PulseBeat[];
  state(): PulseBeatsState;
}

/** What is found later than this is left out. Half of all beats are known within 0.6 s, 95 % within 0.8 s (BIDMC). */
export const knownWithinS = 1.75;
/** What is looked at, how often, and what is slower than a pulse. */
const windowS = 5;
const hopS = 0.25;
const trendS = 0.8;
/** Samples are averaged down to no less than this: 20 Hz is enough for the method (Charlton 2022). */
const leastWorkHz = 25;
/** Scales are looked at up to this half-width: an extreme is one within so much on both sides at most. */
const widestS = 0.5;
/** 220 beats a minute. */
const refractoryS = 0.27;
/** What rises less than this share of the highest strokes is a dicrotic wave or a ripple. */
const leastHeight = 0.3;
/** A shorter hole is bridged by a line. */
const bridgedS = 0.2;
/** Of a beat, round the middle of its stroke. */
const shape = { fromS: -0.2, toS: 0.4, points: 16 } as const;
const memory = 8;

/** `rateHz` of at least 20 (`slowestPulseHz`). */
export function createPulseBeats({ rateHz, state: was }: { readonly rateHz: number; readonly state?: PulseBeatsState }): PulseBeats {
  const every = Math.max(1, Math.floor(rateHz / leastWorkHz));
  const workHz = rateHz / every;
  const length = Math.round(windowS * workHz);
  const hop = Math.max(1, Math.round(hopS * workHz));
  const widest = Math.round(widestS * workHz);
  let count = was?.count ?? 0;
  const pending = [...(was?.pending ?? [])];
  /** Newest averaged samples, oldest first, and one past the position of the newest. */
  const row = new Float64Array(length);
  let kept = Math.min(length, was?.kept.length ?? 0);
  row.set((was?.kept ?? []).slice(-length));
  let keptEnd = was?.keptEnd ?? 0;
  /** Averaged samples missing since the newest one that is kept. */
  let hole = was?.hole ?? 0;
  let last = was?.last ?? Number.NaN;
  let upright = was?.upright ?? 0;
  let usual = [...(was?.usual ?? [])];
  let known = was?.known ?? 0;

  const likenessOf = (signal: Float64Array, middle: number): number => {
    const beat = normalised(cut(signal, middle + shape.fromS * workHz, middle + shape.toS * workHz));
    if (beat === undefined) return 0;
    const likeness = usual.length === 0 ? 0 : dot(beat, usual);
    const weight = 1 / Math.min(memory, ++known);
    usual = normalised(beat.map((value, i) => (1 - weight) * (usual[i] ?? 0) + weight * value)) ?? usual;
    return known <= 2 ? 0 : Math.max(0, likeness);
  };

  const earliest = () => (Number.isNaN(last) ? Number.NEGATIVE_INFINITY : last + refractoryS * workHz);

  /** Where a look works, of the window's length; nothing in them outlives it. */
  const rooms = { sums: new Float64Array(length + 1), flat: new Float64Array(length), signal: new Float64Array(length) };

  const look = (): readonly PulseBeat[] => {
    const signal = detrended(row.subarray(0, kept), Math.round((trendS * workHz) / 2), rooms);
    upright += (Math.sign(skewOfSlopes(signal)) - upright) / memory;
    if (upright < 0) for (let i = 0; i < signal.length; i++) signal[i] = -(signal[i] as number);
    const start = keptEnd - kept;
    const found: PulseBeat[] = [];
    for (const middle of strokes(signal, widest)) {
      const at = start + middle;
      const isCut = middle + shape.toS * workHz > kept - 1;
      if (isCut || kept - middle > knownWithinS * workHz || at < earliest()) continue;
      const intervalS = (at - last) / workHz;
      last = at;
      found.push({
        at: (at + 0.5) * every - 0.5,
        ...(Number.isNaN(intervalS) ? {} : { intervalS }),
        likeness: likenessOf(signal, middle),
      });
    }
    return found;
  };

  const restart = () => {
    kept = 0;
    last = Number.NaN;
    known = 0;
    usual = [];
  };

  const keep = (value: number) => {
    if (kept === length) row.copyWithin(0, 1);
    else kept++;
    row[kept - 1] = value;
  };

  const take = (value: number): readonly PulseBeat[] => {
    keptEnd++;
    if (Number.isNaN(value)) {
      if (++hole > bridgedS * workHz && kept > 0) restart();
      return none;
    }
    const before = row[kept - 1] as number;
    if (kept > 0) for (let i = 1; i <= hole; i++) keep(before + ((value - before) * i) / (hole + 1));
    hole = 0;
    keep(value);
    return keptEnd % hop === 0 && kept > 2 * workHz ? look() : none;
  };

  return {
    push(samples) {
      const beats: PulseBeat[] = [];
      for (const sample of samples) {
        count++;
        pending.push(sample);
        if (pending.length < every) continue;
        for (const beat of take(meanOr(pending, Number.NaN))) beats.push(beat);
        pending.length = 0;
      }
      return beats;
    },
    state: () => ({
      ...{ count, pending: [...pending], kept: Array.from(row.subarray(0, kept)), keptEnd, hole, last, upright, usual: [...usual], known },
    }),
  };
}

const none: readonly PulseBeat[] = [];

interface Rooms {
  readonly sums: Float64Array;
  readonly flat: Float64Array;
  readonly signal: Float64Array;
}

/** Without what moves slower than a pulse (the mean of the second round each sample), smoothed over three samples. It stands in `rooms.signal`. */
function detrended(values: Float64Array, half: number, { sums, flat, signal }: Rooms): Float64Array {
  const n = values.length;
  for (let i = 0; i < n; i++) sums[i + 1] = (sums[i] as number) + (values[i] as number);
  for (let i = 0; i < n; i++) {
    const reach = Math.min(half, i, n - 1 - i);
    flat[i] = (values[i] as number) - ((sums[i + reach + 1] as number) - (sums[i - reach] as number)) / (2 * reach + 1);
  }
  for (let i = 0; i < n; i++) {
    const value = flat[i] as number;
    signal[i] = (value * 2 + (i > 0 ? (flat[i - 1] as number) : value) + (i + 1 < n ? (flat[i + 1] as number) : value)) / 4;
  }
  return signal.subarray(0, n);
}

/** Positive where what rises is steeper than what falls. */
function skewOfSlopes(signal: Float64Array): number {
  let sum = 0;
  for (let i = 1; i < signal.length; i++) {
    const slope = (signal[i] as number) - (signal[i - 1] as number);
    sum += slope * slope * slope;
  }
  return sum;
}

/** Middles of the strokes, in samples of the signal with fractions. */
function strokes(signal: Float64Array, widest: number): number[] {
  const peaks = extremes(signal, widest, 1);
  const troughs = extremes(signal, widest, -1);
  const found: { foot: number; peak: number; height: number }[] = [];
  let t = 0;
  for (const peak of peaks) {
    while ((troughs[t + 1] ?? Number.POSITIVE_INFINITY) < peak) t++;
    const foot = troughs[t];
    if (foot !== undefined && foot < peak) found.push({ foot, peak, height: (signal[peak] ?? 0) - (signal[foot] ?? 0) });
  }
  const heights = found.map(({ height }) => height).sort((p, q) => p - q);
  const least = leastHeight * (heights[Math.floor(heights.length * 0.9)] ?? 0);
  return found.flatMap(({ foot, peak, height }) => {
    if (height < least) return [];
    const level = (signal[foot] ?? 0) + height / 2;
    let i = peak;
    while (i > foot + 1 && (signal[i - 1] ?? 0) > level) i--;
    const [low, high] = [signal[i - 1] ?? 0, signal[i] ?? 0];
    return [i - 1 + (high === low ? 0 : (level - low) / (high - low))];
  });
}

/** Samples that are higher (`sign` 1) or lower (−1) than both neighbours at every distance up to the scale at which most samples are. */
function extremes(signal: Float64Array, widest: number, sign: 1 | -1): number[] {
  const n = signal.length;
  const reach = Math.min(widest, (n - 1) >> 1);
  let best = 0;
  let most = 0;
  for (let k = 1; k <= reach; k++) {
    // Wider than this no scale has more of them.
    if (n - 2 * k <= most) break;
    const high = countBeyond(signal, k, sign);
    if (high > most) [best, most] = [k, high];
  }
  const found: number[] = [];
  for (let i = best; best > 0 && i + best < n; i++) {
    let k = 1;
    while (k <= best && isBeyond(signal, i, k, sign)) k++;
    if (k > best) found.push(i);
  }
  return found;
}

/** How many samples are beyond both neighbours at the distance `k`. */
function countBeyond(signal: Float64Array, k: number, sign: 1 | -1): number {
  let high = 0;
  for (let i = k; i + k < signal.length; i++) if (isBeyond(signal, i, k, sign)) high++;
  return high;
}

function isBeyond(signal: Float64Array, i: number, k: number, sign: 1 | -1): boolean {
  const value = sign * (signal[i] as number);
  return value > sign * (signal[i - k] as number) && value > sign * (signal[i + k] as number);
}

/** `shape.points` values between two places, by lines. */
function cut(signal: Float64Array, from: number, to: number): number[] {
  return Array.from({ length: shape.points }, (_, i) => {
    const at = Math.max(0, Math.min(signal.length - 1, from + ((to - from) * i) / (shape.points - 1)));
    const low = Math.floor(at);
    return (signal[low] ?? 0) + (at - low) * ((signal[low + 1] ?? signal[low] ?? 0) - (signal[low] ?? 0));
  });
}

/** Mean 0 and length 1; undefined for an even line. */
function normalised(values: readonly number[]): number[] | undefined {
  const mean = meanOr(values, 0);
  const norm = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return norm > 0 ? values.map((value) => (value - mean) / norm) : undefined;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}
