/** Draws the same faults for the same seed. A place is known by its text, so a change elsewhere in the folder leaves the others drawn as they were. */

import { createHash } from "node:crypto";
import type { Mutant } from "./plant.ts";

/**
 * At most `count` faults, from every kind about as many, at most one on a line.
 * @param isWhole false for a fault that leaves no program behind
 */
export function draw(mutants: readonly Mutant[], count: number, seed: number, isWhole: (mutant: Mutant) => boolean): Mutant[] {
  const kinds = [...Map.groupBy(ranked(mutants, seed), ({ operator }) => operator).values()];
  const lines = new Set<string>();
  const drawn: Mutant[] = [];
  for (let kind = 0; drawn.length < count && kinds.some((rest) => rest.length > 0); kind = (kind + 1) % kinds.length) {
    const mutant = next(kinds[kind] ?? [], lines, isWhole);
    if (mutant === undefined) continue;
    lines.add(lineOf(mutant));
    drawn.push(mutant);
  }
  return drawn.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.edit.start - b.edit.start));
}

const lineOf = ({ file, line }: Mutant) => `${file}:${line}`;

function next(rest: Mutant[], lines: ReadonlySet<string>, isWhole: (mutant: Mutant) => boolean): Mutant | undefined {
  for (let mutant = rest.shift(); mutant !== undefined; mutant = rest.shift())
    if (!lines.has(lineOf(mutant)) && isWhole(mutant)) return mutant;
  return undefined;
}

/** In an order that only the seed and the texts decide. */
function ranked(mutants: readonly Mutant[], seed: number): Mutant[] {
  const seen = new Map<string, number>();
  return mutants
    .map((mutant) => {
      const text = [seed, mutant.file, mutant.operator, mutant.before, mutant.after].join("\0");
      const times = (seen.get(text) ?? 0) + 1;
      seen.set(text, times);
      return { mutant, rank: createHash("sha256").update(`${text}\0${times}`).digest("hex") };
    })
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ mutant }) => mutant);
}
