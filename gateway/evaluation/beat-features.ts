/** Beats as few numbers: their largest principal components, and the intervals on both sides. Pure. */

export interface Beat {
  readonly shape: readonly number[];
  readonly rrMs: readonly [before: number, after: number];
  readonly atS: number;
}

const gridHz = 120;
const from = -0.25;
const points = 78;
const components = 16;
const rounds = 60;

/** Each beat with both intervals and every sample of its shape; counts less the beat's own mean, a line drawn between samples. */
export function beatsOf(samples: ArrayLike<number>, peaks: readonly number[], rateHz: number): Beat[] {
  return peaks.flatMap((peak, i) => {
    const [last, next] = [peaks[i - 1], peaks[i + 1]];
    if (last === undefined || next === undefined) return [];
    const shape = Array.from({ length: points }, (_, k) => {
      const place = peak + (from + k / gridHz) * rateHz;
      const [low, part] = [Math.floor(place), place - Math.floor(place)];
      return (samples[low] ?? Number.NaN) * (1 - part) + (samples[low + 1] ?? Number.NaN) * part;
    });
    const mean = shape.reduce((sum, value) => sum + value, 0) / points;
    if (Number.isNaN(mean)) return [];
    const rrMs = [((peak - last) * 1000) / rateHz, ((next - peak) * 1000) / rateHz] as const;
    return [{ shape: shape.map((value) => value - mean), rrMs, atS: peak / rateHz }];
  });
}

/** A function that gives a beat's coordinates on the largest components of these beats, found one after the other by power iteration. */
export function principalComponents(beats: readonly Beat[]): (beat: Beat) => number[] {
  const mean = Array.from(
    { length: points },
    (_, k) => beats.reduce((sum, { shape }) => sum + (shape[k] ?? 0), 0) / Math.max(1, beats.length),
  );
  const matrix = Array.from({ length: points }, () => new Float64Array(points));
  for (const { shape } of beats)
    for (let a = 0; a < points; a++)
      for (let b = 0; b < points; b++) (matrix[a] as Float64Array)[b] = (matrix[a]?.[b] ?? 0) + off(shape, a) * off(shape, b);
  const total = matrix.reduce((sum, row, k) => sum + (row[k] ?? 0), 0);
  const axes: Float64Array[] = [];
  for (let n = 0; n < components; n++) {
    let axis = Float64Array.from({ length: points }, (_, k) => 1 / (1 + ((k + n) % points)));
    for (let round = 0; round < rounds; round++) {
      const next = across(
        Float64Array.from(matrix, (row) => dot(row, axis)),
        axes,
      );
      const length = Math.sqrt(dot(next, next));
      // Nothing lies across the axes that are found.
      axis = length < 1e-9 * total ? new Float64Array(points) : next.map((value) => value / length);
    }
    axes.push(axis);
  }
  return ({ shape }) => axes.map((axis) => shape.reduce((sum, _, k) => sum + off(shape, k) * (axis[k] ?? 0), 0));

  function off(shape: readonly number[], k: number): number {
    return (shape[k] ?? 0) - (mean[k] ?? 0);
  }
}

/** What of a vector lies along none of these. */
function across(vector: Float64Array, axes: readonly Float64Array[]): Float64Array {
  for (const axis of axes) {
    const along = dot(vector, axis);
    for (let k = 0; k < vector.length; k++) vector[k] = (vector[k] ?? 0) - along * (axis[k] ?? 0);
  }
  return vector;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
