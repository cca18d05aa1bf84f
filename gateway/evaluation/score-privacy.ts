/** How much of a person is told by what leaves a home (models.md §1.16). Pure. */

import { auroc } from "./score-ranking.ts";

/** A row a beat, a column a feature. */
export type Features = readonly (readonly number[])[];

const sigma = 10;

/**
 * ε-identifiability (J. Yoon, L. N. Drumright, M. van der Schaar, "Anonymization through data synthesis using generative adversarial networks", 2020): the share
 * of real rows to which something released is nearer than any other real row. About 0.5 for a fresh sample of the same person, 1 for a copy.
 * Columns are scaled to a deviation of 10, then weighed by the entropy of their whole numbers; those without entropy are left out.
 */
export function identifiability(real: Features, released: Features): number | null {
  if (real.length < 2 || released.length === 0) return null;
  const columns = (real[0] ?? []).flatMap((_, at) => {
    const own = real.map((row) => row[at] ?? 0);
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    const deviation = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length);
    const scale = deviation === 0 ? 0 : sigma / deviation;
    const weight = entropyOf(own.map((value) => Math.round((value - mean) * scale)));
    return weight === 0 ? [] : [{ at, by: scale / weight }];
  });
  if (columns.length === 0) return null;
  const scaled = (rows: Features) => rows.map((row) => Float64Array.from(columns, ({ at, by }) => (row[at] ?? 0) * by));
  const [own, theirs] = [scaled(real), scaled(released)];
  const nearest = (row: Float64Array, others: readonly Float64Array[], but: number) =>
    others.reduce((least, other, i) => (i === but ? least : Math.min(least, squareOf(row, other, least))), Number.POSITIVE_INFINITY);
  const told = own.filter((row, j) => nearest(row, theirs, -1) < nearest(row, own, j)).length;
  return told / own.length;
}

function entropyOf(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / values.length) * Math.log(count / values.length), 0);
}

/** Of their difference; it stops where the sum is larger than `least`. */
function squareOf(a: ArrayLike<number>, b: ArrayLike<number>, least = Number.POSITIVE_INFINITY): number {
  let sum = 0;
  for (let i = 0; i < a.length && sum < least; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return sum;
}

interface Known {
  /** What somebody else has of the person: the mean of its first half. */
  readonly gallery: readonly number[];
  /** What was released of each minute of the second half. */
  readonly probes: Features;
}

/** Probes whose nearest gallery is their own person's, over what chance would find; 1 = chance, at most the number of people. */
export function reidentification(people: readonly Known[]): {
  readonly ratio: number | null;
  readonly top1: number | null;
  readonly probes: number;
} {
  const probes = people.flatMap(({ probes: own }, person) => own.map((probe) => ({ probe, person })));
  if (people.length < 2 || probes.length === 0) return { ratio: null, top1: null, probes: probes.length };
  const hits = probes.filter(({ probe, person }) => {
    const distances = people.map(({ gallery }) => squareOf(gallery, probe));
    return distances.indexOf(Math.min(...distances)) === person;
  }).length;
  const top1 = hits / probes.length;
  return { ratio: top1 * people.length, top1, probes: probes.length };
}

/** How well the error tells whom the coder has learnt from, who would have less of it; 0.5 = not at all. */
export function membership(people: readonly { readonly isMember: boolean; readonly error: number }[]): number | null {
  return auroc(people.map(({ isMember, error }) => ({ isPositive: isMember, score: -error })));
}

/** Each column less its mean over all rows, in its own deviations. */
export function standardised(rows: Features): (row: readonly number[]) => number[] {
  const width = rows[0]?.length ?? 0;
  const means = Array.from({ length: width }, (_, at) => rows.reduce((sum, row) => sum + (row[at] ?? 0), 0) / rows.length);
  const deviations = means.map(
    (mean, at) => Math.sqrt(rows.reduce((sum, row) => sum + ((row[at] ?? 0) - mean) ** 2, 0) / rows.length) || 1,
  );
  return (row) => row.map((value, at) => (value - (means[at] ?? 0)) / (deviations[at] ?? 1));
}
