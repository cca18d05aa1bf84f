/** A signal of any rate on a grid of 120 Hz, for the models that look at ECGs. What is missing stays missing, and moves nothing beside it. */

export const windowHz = 120;

/** Where the grid lies: point 0 of what is written is `from` points of it behind the sample at `zeroIndex`. */
interface Grid {
  readonly rateHz: number;
  readonly zeroIndex: number;
  readonly from: number;
}

/** Which samples each point of a grid is made of, and how much each counts. */
interface Kernel extends Grid {
  readonly points: number;
  /** Of each point: the first sample, and where its weights begin; they end where those of the next begin. */
  readonly first: Int32Array;
  readonly begin: Int32Array;
  readonly weights: Float64Array;
  /** Of each point whose samples are all there. */
  readonly sums: Float64Array;
}

/** A house has few rates; the one that was made first goes first. */
const mostKernels = 16;
const kernels: Kernel[] = [];

/**
 * Each point is the mean of the samples near it under a biweight kernel, half as wide as 1/120 s or one sample, whichever is longer; NaN without any. What is
 * not a finite number counts as missing.
 */
export function resampleInto(out: Float64Array, samples: Float32Array, grid: Grid): void {
  const { first, begin, weights, sums } = kernelOf(grid, out.length);
  let from = 0;
  for (let j = 0; j < out.length; j++) {
    const to = begin[j + 1] as number;
    const at = (first[j] as number) - from;
    let sum = 0;
    for (let k = from; k < to; k++) {
      const w = weights[k] as number;
      sum += (samples[at + k] as number) * w * w;
    }
    const whole = sums[j] as number;
    // A sample that is missing or lies outside makes it NaN, and one that is infinite no finite number.
    if (Number.isFinite(sum) && whole > leastWeight) out[j] = sum / whole;
    else out[j] = withoutMissing(samples, weights, { from, to, at });
    from = to;
  }
}

const leastWeight = 1e-9;

function withoutMissing(
  samples: Float32Array,
  weights: Float64Array,
  { from, to, at }: { readonly from: number; readonly to: number; readonly at: number },
): number {
  let sum = 0;
  let total = 0;
  for (let k = from; k < to; k++) {
    const w = weights[k] as number;
    const value = samples[at + k] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    sum += value * w * w;
    total += w * w;
  }
  return total > leastWeight ? sum / total : Number.NaN;
}

function kernelOf({ rateHz, zeroIndex, from }: Grid, points: number): Kernel {
  for (const each of kernels)
    if (each.rateHz === rateHz && each.zeroIndex === zeroIndex && each.from === from && each.points === points) return each;
  const made = makeKernel({ rateHz, zeroIndex, from }, points);
  kernels.push(made);
  if (kernels.length > mostKernels) kernels.shift();
  return made;
}

function makeKernel({ rateHz, zeroIndex, from }: Grid, points: number): Kernel {
  const halfS = Math.max(1 / windowHz, 1 / rateHz);
  const first = new Int32Array(points);
  const begin = new Int32Array(points + 1);
  const sums = new Float64Array(points);
  const weights: number[] = [];
  for (let j = 0; j < points; j++) {
    const timeS = (from + j) / windowHz;
    const last = Math.ceil(zeroIndex + (timeS + halfS) * rateHz);
    let isFirst = true;
    for (let i = Math.floor(zeroIndex + (timeS - halfS) * rateHz); i <= last; i++) {
      const u = (timeS - (i - zeroIndex) / rateHz) / halfS;
      const w = 1 - u * u;
      if (w <= 0) continue;
      if (isFirst) first[j] = i;
      isFirst = false;
      weights.push(w);
      sums[j] = (sums[j] as number) + w * w;
    }
    begin[j + 1] = weights.length;
  }
  return { rateHz, zeroIndex, from, points, first, begin, weights: Float64Array.from(weights), sums };
}
