/**
 * Whether curves that a model calls unusual are unlike the wearer's usual one as a beat of the heart would be: not under noise, not the usual curve at another
 * gain or moment, and not each in its own way. Numbers were chosen on DS1 of MIT-BIH, and on its clean records under the noise of seconds 0–30 of its noise set.
 */

import type { Curves } from "../../models/personal-spec.ts";
import { median } from "../../models/signal/statistics.ts";

/** Half of the second differences beyond this share of the usual height: noise lies over all of it, for the slopes of a beat take up less. On a grid of 120 Hz. */
const roughShare = 0.035;
const gridHz = 120;
/** An R peak may be marked on another wave of the same beat. */
const elsewhereS = 0.08;
const sameCurve = 0.9;
/** Two beats are marked alike to within this. */
const besideS = 0.017;

export function isRough(shown: Float32Array, usual: readonly number[], { fromS, toS, points }: Curves): boolean {
  const height = Math.max(...usual) - Math.min(...usual);
  const finer = points / (toS - fromS) / gridHz;
  const second = Array.from({ length: shown.length - 2 }, (_, i) =>
    Math.abs((shown[i] as number) - 2 * (shown[i + 1] as number) + (shown[i + 2] as number)),
  );
  return median(second) * finer ** 2 > roughShare * height;
}

/** The usual curve, taller or flatter, or seen from another of its waves. */
export function isUsualElsewhere(shown: Float32Array, usual: readonly number[], curves: Curves): boolean {
  return bestCorrelation(shown, usual, samplesIn(elsewhereS, curves), true) >= sameCurve;
}

/** How alike two curves are, −1 to 1. */
export function likenessOf(a: Float32Array, b: Float32Array, curves: Curves): number {
  return bestCorrelation(a, b, samplesIn(besideS, curves), true);
}

/** How alike the ways are in which they differ from the usual curve, −1 to 1. */
export function differenceLikenessOf(a: Float32Array, b: Float32Array, usual: readonly number[], curves: Curves): number {
  const [from, to] = [a, b].map((shown) => shown.map((value, i) => value - (usual[i] as number))) as [Float32Array, Float32Array];
  return bestCorrelation(from, to, samplesIn(besideS, curves), false);
}

function samplesIn(seconds: number, { fromS, toS, points }: Curves): number {
  return Math.round((seconds * points) / (toS - fromS));
}

/** The largest over shifts of at most `most` samples either way; `centred` about the mean of each. */
function bestCorrelation(a: ArrayLike<number>, b: ArrayLike<number>, most: number, centred: boolean): number {
  let best = -1;
  for (let shift = -most; shift <= most; shift++) {
    const [from, to] = [Math.max(0, shift), a.length + Math.min(0, shift)];
    const sums = { a: 0, b: 0, ab: 0, aa: 0, bb: 0 };
    for (let i = from; i < to; i++) {
      const [x, y] = [a[i] as number, b[i - shift] as number];
      sums.a += x;
      sums.b += y;
      sums.ab += x * y;
      sums.aa += x * x;
      sums.bb += y * y;
    }
    const count = centred ? to - from : Number.POSITIVE_INFINITY;
    const own = (sums.aa - sums.a ** 2 / count) * (sums.bb - sums.b ** 2 / count);
    if (own > 0) best = Math.max(best, (sums.ab - (sums.a * sums.b) / count) / Math.sqrt(own));
  }
  return best;
}
