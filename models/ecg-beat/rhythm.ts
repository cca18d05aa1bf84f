/** How a beat stands in its rhythm: RR intervals against the person's usual ones. Pure arithmetic; missing intervals count as nothing special. */

import * as c from "./constants.ts";

interface RhythmFrame {
  /** Valid or NaN, newest first, at most 32. */
  readonly before: readonly number[];
  /** Valid or NaN, nearest first, at most 4; empty in the first run. */
  readonly after: readonly number[];
  readonly medianS: number;
  readonly lowS: number;
  /** The interval that ends at this beat; NaN if unknown. */
  readonly rr0S: number;
  /** rr0 over the median, 0.2 … 3; 1 if unknown. */
  readonly pace: number;
}

/** `usualRrS` (0 = unknown) stands in while there is no valid interval. */
export function frameRhythm(rrBeforeS: readonly number[], rrAfterS: readonly number[], usualRrS: number): RhythmFrame {
  const before = rrBeforeS.slice(0, 32).map(validRr);
  const after = rrAfterS.slice(0, 4).map(validRr);
  const sorted = before.filter((r) => !Number.isNaN(r)).sort((a, b) => a - b);
  const n = sorted.length;
  const fallback = usualRrS > 0 ? usualRrS : c.defaultRrS;
  const medianS = n === 0 ? fallback : ((sorted[(n - 1) >> 1] as number) + (sorted[n >> 1] as number)) / 2;
  const lowS = n === 0 ? fallback : (sorted[(n - 1) >> 2] as number);
  const rr0S = before[0] ?? Number.NaN;
  return { before, after, medianS, lowS, rr0S, pace: Number.isNaN(rr0S) ? 1 : clip(rr0S / medianS, 0.2, 3) };
}

/** Writes entries 0 … 14 of the context tensor. */
export function writeRhythm(out: Float64Array, r: RhythmFrame): void {
  for (let i = 0; i < 4; i++) {
    out[i] = relative(r.before[i], r.medianS);
    out[5 + i] = relative(r.after[i], r.medianS);
  }
  const recent = r.before.slice(1, 9).filter((v) => !Number.isNaN(v));
  out[4] = recent.length > 0 ? relative(r.rr0S, sum(recent) / recent.length) : 0;
  const next = r.after[0] ?? Number.NaN;
  out[9] = Number.isNaN(next + r.rr0S) ? 0 : clip((r.rr0S + next) / (2 * r.medianS) - 1, -1, 2);
  out[10] = r.after.filter((v) => !Number.isNaN(v)).length / 4;
  out[11] = clip(Math.log(r.medianS / c.defaultRrS), -2, 2);
  const steps: number[] = [];
  for (let i = 0; i < Math.min(16, r.before.length - 1); i++) {
    const step = Math.abs((r.before[i] as number) - (r.before[i + 1] as number));
    if (!Number.isNaN(step)) steps.push(step);
  }
  out[12] = steps.length > 0 ? clip(sum(steps) / steps.length / r.medianS, 0, 2) : 0;
  out[13] = relative(r.rr0S, r.lowS);
  out[14] = Number.isNaN(r.rr0S) ? 1 : 0;
}

export function clip(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

function relative(rrS: number | undefined, unitS: number): number {
  return rrS === undefined || Number.isNaN(rrS) ? 0 : clip(rrS / unitS - 1, -1, 2);
}

function validRr(rrS: number): number {
  return rrS > 0.15 && rrS < 10 ? rrS : Number.NaN;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
