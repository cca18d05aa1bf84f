/** Levels and latents of a stretch's windows as bits: each latent in the light of its neighbours and of the same one in the two windows before. */

import { type Latents, latentCount } from "../../../models/ecg-codec/latents.ts";
import { undecodable, unzigzag, zigzag } from "../bits.ts";

/** What the coder is asked of each bit; a writer and a reader answer. */
export interface Side {
  bit(context: number, bit: number): number;
}

export interface Windows {
  /** Where each window begins, and where the last one ends. */
  readonly levels: Int32Array;
  readonly latents: readonly Latents[];
}

const bandSize = 3;
const bands = Math.ceil(latentCount / bandSize);
const neighbours = 5;
const memories = 5;
const richness = 3;
/** Magnitudes up to this are counted out by bits of their own, larger ones follow as an Exp-Golomb code. */
export const unaryLength = 12;
const numberBits = 26;
const sizes = {
  zero: bands * neighbours * memories * richness * 2,
  size: bands * 3 * unaryLength,
  sign: latentCount * 3,
  shape: 4 * 8,
  number: 3 * 3 * numberBits,
};
const at = {
  zero: 0,
  size: sizes.zero,
  sign: sizes.zero + sizes.size,
  sameShape: sizes.zero + sizes.size + sizes.sign,
  shape: sizes.zero + sizes.size + sizes.sign + 2,
  number: sizes.zero + sizes.size + sizes.sign + 2 + sizes.shape,
} as const;
export const latentContexts = at.number + sizes.number;

/** What a number's contexts are apart by. */
const numbers = { firstLevel: 0, level: 1, rest: 2 } as const;

/** Whether a shape was seen before its window is not asked here. @throws GatewayError `semantic.undecodable` while reading */
export function walkWindows(count: number, given: Windows | undefined, side: Side): Windows {
  const levels = new Int32Array(count + 1);
  const latents: Latents[] = [];
  let [shape, wasSame] = [0, 0];
  for (let i = 0; i < count; i++) {
    levels[i] = codeLevel(levels, i, given, side);
    const own = given?.latents[i];
    const isSame = side.bit(at.sameShape + wasSame, own === undefined || own.shape === shape ? 0 : 1) === 0;
    wasSame = isSame ? 0 : 1;
    if (!isSame) shape = codeShape(own?.shape ?? 0, side);
    const steps = codeSteps(own?.steps, { one: latents[i - 1]?.steps, two: latents[i - 2]?.steps, isFlat: shape === 0 }, side);
    latents.push({ shape, steps });
  }
  levels[count] = codeLevel(levels, count, given, side);
  return { levels, latents };
}

function codeLevel(levels: Int32Array, i: number, given: Windows | undefined, side: Side): number {
  const before = i === 0 ? 0 : (levels[i - 1] ?? 0);
  const value = codeNumber(i === 0 ? numbers.firstLevel : numbers.level, zigzag((given?.levels[i] ?? 0) - before), side);
  return before + unzigzag(value);
}

function codeShape(shape: number, side: Side): number {
  let node = 1;
  for (let place = 2; place >= 0; place--) node = node * 2 + side.bit(at.shape + node, Math.floor(shape / 2 ** place) % 2);
  return node - 8;
}

/** What is known of a window before its steps: those of the two windows before, and whether it is like none. */
export interface Memory {
  readonly one: Int32Array | undefined;
  readonly two: Int32Array | undefined;
  readonly isFlat: boolean;
}

function codeSteps(given: Int32Array | undefined, memory: Memory, side: Side): Int32Array {
  const steps = new Int32Array(latentCount);
  let sum = 0;
  for (let k = 0; k < latentCount; k++) {
    const { zero, size, sign } = contextsOf(steps, k, sum, memory);
    const value = given?.[k] ?? 0;
    if (side.bit(zero, value === 0 ? 0 : 1) === 0) continue;
    const magnitude = codeSize(Math.abs(value), size, side);
    const isNegative = side.bit(sign, value < 0 ? 1 : 0) === 1;
    steps[k] = isNegative ? -magnitude : magnitude;
    sum += magnitude;
  }
  return steps;
}

/**
 * Where the odds of a step stand.
 * @param steps those before the k-th
 * @param sum of their magnitudes
 */
export function contextsOf(
  steps: Int32Array,
  k: number,
  sum: number,
  { one, two, isFlat }: Memory,
): { readonly zero: number; readonly size: number; readonly sign: number } {
  const magnitude = (of: Int32Array | undefined, place: number) => Math.abs(of?.[place] ?? 0);
  const near = Math.min(neighbours - 1, 2 * magnitude(steps, k - 1) + magnitude(steps, k - 2));
  const memory = Math.min(memories - 1, magnitude(one, k) + magnitude(two, k) + (magnitude(one, k + 1) > 0 ? 1 : 0));
  const rich = sum === 0 ? 0 : sum < 5 ? 1 : 2;
  const band = Math.floor(k / bandSize);
  return {
    zero: at.zero + (((band * neighbours + near) * memories + memory) * richness + rich) * 2 + (isFlat ? 1 : 0),
    size: at.size + (band * 3 + (isFlat ? 2 : near < 3 ? 0 : 1)) * unaryLength,
    sign: at.sign + k * 3 + Math.sign(one?.[k] ?? 0) + 1,
  };
}

function codeSize(size: number, base: number, side: Side): number {
  let read = 1;
  while (read <= unaryLength && side.bit(base + read - 1, size > read ? 1 : 0) === 1) read++;
  return read <= unaryLength ? read : read + codeNumber(numbers.rest, size - read, side);
}

/** Its length in bits, one by one, then the two bits below the highest with odds of their own by length, the others even. */
function codeNumber(kind: number, value: number, side: Side): number {
  const base = at.number + kind * 3 * numberBits;
  let width = 0;
  while (side.bit(base + width, value + 1 >= 2 ** (width + 1) ? 1 : 0) === 1)
    if (++width >= numberBits - 1) throw undecodable("a number is too large");
  let read = 1;
  for (let place = width - 1; place >= 0; place--) {
    const bit = Math.floor((value + 1) / 2 ** place) % 2;
    read = read * 2 + side.bit(place === width - 1 ? base + numberBits + width : base + 2 * numberBits, bit);
  }
  return read - 1;
}
