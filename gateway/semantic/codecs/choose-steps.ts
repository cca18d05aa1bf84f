/**
 * Which whole steps a window's differences are told by: those of the least error and bits together, so that a step that costs much and mends little is left out.
 * A reader knows nothing of it: any steps can be read.
 */

import { latentCount, stepRead } from "../../../models/ecg-codec/latents.ts";
import { contextsOf, latentContexts, type Memory, unaryLength } from "./latent-symbols.ts";
import type { Odds } from "./range-coder.ts";

/** What a bit may cost: so much squared error, in squared steps. */
const bitWorth = 0.08;
/** Changes at most for the sake of one reading. */
const mostChanges = 8;

/** Something that a reader of the trace measures and that must come out right: a weighted sum of the coordinates. */
export interface Reading {
  readonly weights: Float64Array;
  /** By how much it is off before any step is told, beyond what the steps can tell; and how far it may be off. In steps. */
  readonly off: number;
  readonly most: number;
}

/** Chooser of steps by what bits usually cost under these odds, in 1/64 bit. */
export function stepChooser(odds: readonly Odds[]) {
  const costs = [new Float64Array(latentContexts).fill(1), new Float64Array(latentContexts).fill(1)] as const;
  for (const { context, zero } of odds) {
    costs[0][context] = bitsOf(zero / 256);
    costs[1][context] = bitsOf(1 - zero / 256);
  }
  const costOf = (value: number, { zero, size, sign }: ReturnType<typeof contextsOf>): number => {
    if (value === 0) return costs[0][zero] ?? 1;
    const magnitude = Math.abs(value);
    let bits = (costs[1][zero] ?? 1) + (costs[value < 0 ? 1 : 0][sign] ?? 1);
    for (let read = 1; read <= Math.min(magnitude, unaryLength); read++) bits += costs[magnitude > read ? 1 : 0][size + read - 1] ?? 1;
    return bits;
  };

  return (differences: Float64Array, memory: Memory, reading: Reading | undefined): Int32Array => {
    const steps = new Int32Array(latentCount);
    let sum = 0;
    const loss = (k: number, value: number, at: ReturnType<typeof contextsOf>) =>
      ((differences[k] ?? 0) - stepRead(value)) ** 2 + bitWorth * costOf(value, at);
    for (let k = 0; k < latentCount; k++) {
      const nearest = Math.round(differences[k] ?? 0);
      if (nearest === 0) continue;
      const at = contextsOf(steps, k, sum, memory);
      let [best, least] = [0, loss(k, 0, at)];
      for (let value = nearest; value !== 0 && Math.abs(value) > Math.abs(nearest) - 2; value -= Math.sign(nearest)) {
        const own = loss(k, value, at);
        if (own < least) [best, least] = [value, own];
      }
      steps[k] = best;
      sum += Math.abs(best);
    }
    if (reading !== undefined) setRight(steps, differences, reading, (k, value) => loss(k, value, contextsOf(steps, k, sum, memory)));
    return steps;
  };
}

/** Takes the reading within its bound by the steps that mend most of it for their loss. */
function setRight(
  steps: Int32Array,
  differences: Float64Array,
  { weights, off, most }: Reading,
  loss: (k: number, value: number) => number,
): void {
  let error = off;
  for (let k = 0; k < latentCount; k++) error += (weights[k] ?? 0) * ((differences[k] ?? 0) - stepRead(steps[k] ?? 0));
  for (let change = 0; change < mostChanges && Math.abs(error) > most; change++) {
    let [place, value, gain, left] = [-1, 0, 0, error];
    for (let k = 0; k < latentCount; k++) {
      const before = steps[k] ?? 0;
      const after = before + Math.sign(error) * Math.sign(weights[k] ?? 0);
      const then = error - (weights[k] ?? 0) * (stepRead(after) - stepRead(before));
      const mended = Math.abs(error) - Math.max(most, Math.abs(then));
      if (mended <= 0) continue;
      const own = mended / Math.max(0.05, loss(k, after) - loss(k, before));
      if (own > gain) [place, value, gain, left] = [k, after, own, then];
    }
    if (place < 0) return;
    steps[place] = value;
    error = left;
  }
}

/** Rounded, so that every machine chooses alike. */
function bitsOf(probability: number): number {
  return Math.round(-64 * Math.log2(Math.max(1 / 1024, probability))) / 64;
}
