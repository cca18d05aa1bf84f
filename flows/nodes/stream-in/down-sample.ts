/** Fewer samples a second of one signal, with what is too fast for them taken out first: nothing fast shows up as something slow (aliasing). Pure. */

interface Samples {
  /** Time of values[0], milliseconds since 1970. */
  readonly startMs: number;
  /** Null = no sample. */
  readonly values: readonly (number | null)[];
}

export interface DownSampler {
  /** Takes the samples that follow the last ones and gives those of the lower rate whose surroundings are there now. */
  push(samples: Samples): Samples;
}

/** Half of the filter's length in samples of the lower rate: 60 dB between 0.35 and 0.5 of that rate (Kaiser 1974). It is also by how much what comes out lags. */
export const halfLength = 12;
const kaiserBeta = 5.65;
/** Middle of the fall, as a share of the lower rate. */
const cutoff = 0.425;
/** Beyond it a filter has more samples than a minute of an ECG. */
export const maxRatio = 4096;
const maxKernels = 256;

/** Throws a RangeError for a rate that isn't lower than `rateHz`, or more than 4096 times lower. */
export function createDownSampler(rateHz: number, toHz: number): DownSampler {
  const ratio = rateHz / toHz;
  if (!(ratio > 1 && ratio <= maxRatio)) throw new RangeError(`${rateHz} Hz cannot become ${toHz} Hz`);
  const reach = Math.ceil(halfLength * ratio);
  const kernels = new Map<number, Float64Array>();
  let kept: (number | null)[] = [];
  /** Number of kept[0], counted from the first sample ever. */
  let firstKept = 0;
  /** Of the next one to come out. */
  let next = Math.ceil(reach / ratio);

  const kernelAt = (shift: number): Float64Array => {
    const key = Math.round(shift * 1e6);
    const known = kernels.get(key);
    if (known !== undefined) return known;
    const made = kernel(shift, reach, ratio);
    if (kernels.size < maxKernels) kernels.set(key, made);
    return made;
  };
  /** The value at `place`; null where a sample within reach is missing: nobody makes it up. */
  const valueAt = (place: number): number | null => {
    const middle = Math.floor(place);
    const weights = kernelAt(place - middle);
    let sum = 0;
    for (let i = 0; i < weights.length; i++) {
      const value = kept[middle - reach + i - firstKept] ?? null;
      if (value === null) return null;
      sum += value * (weights[i] ?? 0);
    }
    return sum;
  };

  return {
    push({ startMs, values }) {
      const firstNew = firstKept + kept.length;
      // One by one: a long block has more values than a call takes arguments.
      for (const value of values) kept.push(value);
      const end = firstKept + kept.length;
      const firstOut = next;
      const out: (number | null)[] = [];
      for (; Math.floor(next * ratio) + reach < end; next++) out.push(valueAt(next * ratio));
      const needed = Math.min(end, Math.floor(next * ratio) - reach);
      if (needed > firstKept) {
        kept = kept.slice(needed - firstKept);
        firstKept = needed;
      }
      return { startMs: startMs + ((firstOut * ratio - firstNew) / rateHz) * 1000, values: out };
    },
  };
}

/** Weights of the samples round a place that lies `shift` (0 ≤ shift < 1) behind the middle one; their sum is 1, so that a constant stays what it is. */
function kernel(shift: number, reach: number, ratio: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => {
    const x = i - reach - shift;
    const inside = 1 - (x / (reach + 1)) ** 2;
    const angle = (2 * Math.PI * cutoff * x) / ratio;
    return inside <= 0 ? 0 : (x === 0 ? 1 : Math.sin(angle) / angle) * besselI0(kaiserBeta * Math.sqrt(inside));
  });
  const sum = weights.reduce((total, each) => total + each, 0);
  return weights.map((each) => each / sum);
}

/** The modified Bessel function of order 0, by its series; exact to a double for |x| < 20. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
