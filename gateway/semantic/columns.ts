/** Columns of whole numbers as few bits: each picks its own offset, scale and Exp-Golomb order by exact cost. Never loses a bit. */

import { type BitReader, type BitWriter, golombBits, undecodable, unzigzag, zigzag } from "./bits.ts";

/** Sixteen times what a frame has (policy.ts closes one at 4096 events): a few bytes may promise many rows, which are then all written by the twin. */
export const maxRows = 65_536;
const constant = 31;
const maxOrder = 30;
const countOrder = 5;
const baseOrder = 8;
/** Common divisors of times: s, 250 ms grid, 1 ms. */
const scales = [1, 1000, 250_000, 1_000_000] as const;

export function writeCount(bits: BitWriter, count: number): void {
  bits.golomb(count, countOrder);
}

export function readCount(bits: BitReader): number {
  const count = bits.golomb(countOrder);
  if (count > maxRows) throw undecodable("too many rows");
  return count;
}

/** Non-negative whole numbers; the reader must know their number. */
export function writeColumn(bits: BitWriter, values: readonly number[]): void {
  if (values.length === 0) return;
  const first = values[0] ?? 0;
  if (values.every((value) => value === first)) {
    bits.write(constant, 5);
    bits.golomb(first, 0);
    return;
  }
  const order = bestOrder(values);
  bits.write(order, 5);
  for (const value of values) bits.golomb(value, order);
}

/** Of the least cost, the smallest. */
function bestOrder(values: readonly number[]): number {
  const most = values.reduce((largest, value) => Math.max(largest, value), 0);
  let order = 0;
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0; k <= maxOrder; k++) {
    let cost = 0;
    for (let i = 0; i < values.length; i++) cost += golombBits(values[i] as number, k);
    if (cost < best) {
      best = cost;
      order = k;
    }
    // All of them are below 2^k: a higher order costs each a bit more.
    if (most < 2 ** k) break;
  }
  return order;
}

export function readColumn(bits: BitReader, count: number): number[] {
  if (count === 0) return [];
  const order = bits.read(5);
  if (order === constant) return new Array<number>(count).fill(bits.golomb(0));
  const values: number[] = [];
  for (let i = 0; i < count; i++) values.push(bits.golomb(order));
  return values;
}

/** Whole numbers of either sign, small ones cheap. */
export function writeSigned(bits: BitWriter, values: readonly number[]): void {
  writeColumn(bits, values.map(zigzag));
}

export function readSigned(bits: BitReader, count: number): number[] {
  return readColumn(bits, count).map(unzigzag);
}

/** Whole numbers far from zero but near each other, or on a common grid (times, durations). */
export function writeSpread(bits: BitWriter, values: readonly number[]): void {
  if (values.length === 0) return;
  const base = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const scale = scales.findLastIndex((unit) => values.every((value) => (value - base) % unit === 0));
  const baseScale = scales.findLastIndex((unit) => base % unit === 0);
  bits.write(scale, 2);
  bits.write(baseScale, 2);
  bits.golomb(zigzag(base / (scales[baseScale] ?? 1)), baseOrder);
  writeColumn(
    bits,
    values.map((value) => (value - base) / (scales[scale] ?? 1)),
  );
}

export function readSpread(bits: BitReader, count: number): number[] {
  if (count === 0) return [];
  const scale = scales[bits.read(2)] ?? 1;
  const baseScale = scales[bits.read(2)] ?? 1;
  const base = unzigzag(bits.golomb(baseOrder)) * baseScale;
  return readColumn(bits, count).map((value) => base + value * scale);
}

/** Times in any order, as steps from one to the next; regular steps cost next to nothing. */
export function writeTimes(bits: BitWriter, timesUs: readonly number[], originUs: number): void {
  const steps = timesUs.map((timeUs, i) => timeUs - (timesUs[i - 1] ?? originUs));
  writeSpread(bits, steps.slice(0, 1));
  writeSpread(bits, steps.slice(1));
}

export function readTimes(bits: BitReader, count: number, originUs: number): number[] {
  const steps = [...readSpread(bits, Math.min(1, count)), ...readSpread(bits, Math.max(0, count - 1))];
  let timeUs = originUs;
  return steps.map((step) => {
    timeUs += step;
    return timeUs;
  });
}
