/** Mean, median and spread of short rows of numbers. They keep nothing and change nothing. */

export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Largest over smallest; 1 for fewer than two. */
export function spread(values: readonly number[]): number {
  return values.length < 2 ? 1 : Math.max(...values) / Math.min(...values);
}
