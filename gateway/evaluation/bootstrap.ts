/** Confidence intervals by resampling whole records or subjects (never windows), with a fixed seed so that a second run prints the same numbers. */

const resamples = 1000;
const minUnits = 5;

/** Mulberry32: a small seeded generator of numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Percentiles 2.5 and 97.5 of `statistic` over 1,000 resamples of `units` (records or subjects), seed 1.
 * null with fewer than 5 units, or where the statistic has no value (empty denominator) in any resample.
 */
export function bootstrapCi95<T>(
  units: readonly T[],
  statistic: (sample: readonly T[]) => number | null,
): readonly [number, number] | null {
  if (units.length < minUnits) return null;
  const random = seededRandom(1);
  const values: number[] = [];
  for (let k = 0; k < resamples; k++) {
    const sample = units.map(() => units[Math.floor(random() * units.length)] as T);
    const value = statistic(sample);
    if (value !== null && Number.isFinite(value)) values.push(value);
  }
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  return [percentile(values, 0.025), percentile(values, 0.975)];
}

/** Mean of what has a value; null where nothing has. */
export function meanOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** The value below which this share of the values lies (nearest rank); null for none. */
export function percentileOrNull(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

function percentile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const a = sorted[low] ?? Number.NaN;
  const b = sorted[Math.min(low + 1, sorted.length - 1)] ?? a;
  return a + (b - a) * (at - low);
}
