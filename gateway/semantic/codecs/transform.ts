/**
 * The wavelet transform biorthogonal 4.4 (CDF 9/7) in lifting steps, I. Daubechies and W. Sweldens, "Factoring wavelet transforms into lifting steps" (1998), table of the 9/7 pair;
 * symmetric at the ends. Sums of doubles in a fixed order: every machine has the same ones.
 */

const lifts = [-1.586134342059924, -0.052980118572961, 0.882911075530934, 0.443506852043971] as const;
const scale = 1.149604398860241;

/** In place: the first half (rounded up) becomes the coarse band, the rest the fine one. */
function split(values: Float64Array, length: number, room: Float64Array): void {
  lift(values, length, 1);
  const half = (length + 1) >> 1;
  for (let i = 0; i < length; i++) room[(i & 1) * half + (i >> 1)] = (values[i] ?? 0) * ((i & 1) === 0 ? scale : 1 / scale);
  values.set(room.subarray(0, length));
}

function join(values: Float64Array, length: number, room: Float64Array): void {
  const half = (length + 1) >> 1;
  for (let i = 0; i < length; i++) room[i] = (values[(i & 1) * half + (i >> 1)] ?? 0) * ((i & 1) === 0 ? 1 / scale : scale);
  values.set(room.subarray(0, length));
  lift(values, length, -1);
}

function lift(values: Float64Array, length: number, direction: 1 | -1): void {
  for (let step = 0; step < lifts.length; step++) {
    const at = direction === 1 ? step : lifts.length - 1 - step;
    const weight = direction * (lifts[at] ?? 0);
    for (let i = (at & 1) ^ 1; i < length; i += 2) {
      const before = values[i === 0 ? 1 : i - 1] ?? 0;
      const after = values[i + 1 < length ? i + 1 : i - 1] ?? 0;
      values[i] = (values[i] ?? 0) + weight * (before + after);
    }
  }
}

/** Lengths of the coarse band after each level, the whole first; ends where a band would be shorter than a filter. */
export function levelLengths(length: number, levels: number): number[] {
  const lengths = [length];
  for (let level = 0; level < levels; level++) {
    const last = lengths[level] ?? 0;
    if (last < 16) break;
    lengths.push((last + 1) >> 1);
  }
  return lengths;
}

/** Coarse band first, then the fine ones from coarse to fine. */
export function transform(values: Float64Array, levels: number): void {
  const room = new Float64Array(values.length);
  for (const length of levelLengths(values.length, levels).slice(0, -1)) split(values, length, room);
}

export function inverse(values: Float64Array, levels: number): void {
  const room = new Float64Array(values.length);
  for (const length of levelLengths(values.length, levels).slice(0, -1).reverse()) join(values, length, room);
}
