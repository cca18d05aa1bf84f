/**
 * When a heart beat, by its ECG, for records in which nobody has marked the beats (models.md §1.10): two detectors on lead II that have nothing in common,
 * a filter bank and a threshold on the energy of the slope. Windows count in which they agree. The reference is derived.
 */

import { createQrsDetector } from "./qrs.ts";

export const windowS = 8;
export const hopS = 2;
/** Two detections are of one beat. */
const sameS = 0.05;
const agreeing = 0.9;

export interface PulseReference {
  /** R peaks of the first detector, s. */
  readonly beatsS: readonly number[];
  /** End (s) and rate (bpm) of each window in which both agree. */
  readonly windows: readonly (readonly [endS: number, bpm: number])[];
  /** Windows of the record, agreed on or not. */
  readonly windowsTotal: number;
}

/** Of lead II in mV, NaN where there is no sample. */
export function pulseReference(mv: Float32Array, rateHz: number): PulseReference {
  const beatsS = createQrsDetector({ rateHz })
    .push(mv)
    .map(({ index }) => index / rateHz);
  return { beatsS, ...agreed(beatsS, bySlope(mv, rateHz), mv.length / rateHz) };
}

/** The first detector's rate of each window in which the two find the same beats. */
export function agreed(a: readonly number[], b: readonly number[], seconds: number): Pick<PulseReference, "windows" | "windowsTotal"> {
  const windows: [number, number][] = [];
  let windowsTotal = 0;
  for (let endS = windowS; endS <= seconds; endS += hopS) {
    windowsTotal++;
    const [mine, other] = [a, b].map((beats) => beats.filter((t) => t >= endS - windowS && t < endS));
    const same = countSame(mine ?? [], other ?? [], sameS);
    const bpm = rateOf(mine ?? []);
    if (bpm !== undefined && same >= agreeing * Math.max(mine?.length ?? 0, other?.length ?? 0)) windows.push([endS, bpm]);
  }
  return { windows, windowsTotal };
}

/** 60 over the mean interval; undefined for fewer than two of these. */
export function rateOf(beatsS: readonly number[]): number | undefined {
  const [first, last] = [beatsS[0], beatsS.at(-1)];
  return first === undefined || last === undefined || beatsS.length < 3 ? undefined : (60 * (beatsS.length - 1)) / (last - first);
}

/** Pairs of two rows in time order that lie within so much of each other, each in one pair, the nearer first. */
export function countSame(a: readonly number[], b: readonly number[], withinS: number): number {
  let [i, j, same] = [0, 0, 0];
  const apart = (at: number, to: number) => Math.abs((a[at] ?? Number.POSITIVE_INFINITY) - (b[to] ?? Number.NEGATIVE_INFINITY));
  while (i < a.length && j < b.length) {
    const distance = apart(i, j);
    if (distance > withinS) (a[i] ?? 0) < (b[j] ?? 0) ? i++ : j++;
    else if (apart(i, j + 1) < distance) j++;
    else if (apart(i + 1, j) < distance) i++;
    else [i, j, same] = [i + 1, j + 1, same + 1];
  }
  return same;
}

/** R peaks (s) where the energy of the slope stands above a share of the usual; after Hamilton's and Tompkins' idea, without a filter bank. */
export function bySlope(mv: Float32Array, rateHz: number): number[] {
  const step = Math.max(1, Math.round(0.016 * rateHz));
  const half = Math.round(0.06 * rateHz);
  const energy = new Float64Array(mv.length);
  let sum = 0;
  const square = (i: number) => {
    const slope = (mv[i + step] ?? Number.NaN) - (mv[i - step] ?? Number.NaN);
    return Number.isNaN(slope) ? 0 : slope * slope;
  };
  for (let i = 0; i < mv.length; i++) {
    sum += square(i) - square(i - 2 * half);
    energy[i] = sum;
  }
  const maxima = Array.from({ length: 8 }, (_, s) => energy.subarray(s * rateHz, (s + 1) * rateHz).reduce((a, b) => Math.max(a, b), 0));
  let usual = maxima.sort((a, b) => a - b)[4] ?? 0;
  let threshold = 0.3 * usual;
  const found: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < energy.length; i++) {
    // A long silence lowers the threshold, down to where T waves stand.
    if (i - last > 1.8 * rateHz) threshold = Math.max(0.08 * usual, threshold * 0.995);
    if ((energy[i] ?? 0) <= threshold || i - last <= 0.25 * rateHz) continue;
    let peak = i;
    for (let j = i; j < i + 0.15 * rateHz; j++) if ((energy[j] ?? 0) > (energy[peak] ?? 0)) peak = j;
    found.push((peak - half) / rateHz);
    usual = 0.875 * usual + 0.125 * (energy[peak] ?? 0);
    threshold = 0.3 * usual;
    last = peak;
    i = peak;
  }
  return found;
}
