/** Short rows of numbers: what is remembered of them, and what they say as a whole. */

/** `fallback` for an empty row. */
export function meanOr(values: ArrayLike<number>, fallback: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return values.length === 0 ? fallback : sum / values.length;
}

export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Largest over smallest; 1 for fewer than two. */
export function spread(values: readonly number[]): number {
  return values.length < 2 ? 1 : Math.max(...values) / Math.min(...values);
}

/** A quarter of the row lies below it. */
export function quarter(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 2] ?? 0;
}

/** Appends to a row that keeps its newest `most`. */
export function remember(row: number[], value: number, most: number): void {
  row.push(value);
  if (row.length > most) row.shift();
}
