/** Quantised wavelet coefficients as bits: each in the light of its neighbours in the band and of the coarser band above it. Mostly zeros. */

import { undecodable } from "../bits.ts";
import { usualCoefficients } from "../usual-odds.ts";
import { type BitDecoder, type BitEncoder, contexts } from "./range-coder.ts";
import { levelLengths } from "./transform.ts";

const maxBands = 8;
const neighbourhoods = 8;
/** Magnitudes up to this are counted out by bits of their own, larger ones follow as an Exp-Golomb code. */
const unaryLength = 14;
const zeroBits = maxBands * neighbourhoods;
const sizeBits = maxBands * unaryLength * 2;
const escapeBits = 24;

/** What the coder is asked of each coefficient; a writer and a reader answer. */
interface Side {
  bit(context: number, bit: number): number;
}

/** Order: coarse band first, from left to right. */
export function walkCoefficients(values: Int32Array, levels: number, side: Side): void {
  const lengths = levelLengths(values.length, levels);
  const bands = lengths.length;
  for (let band = 0; band < bands; band++) {
    const isCoarse = band === 0;
    const start = isCoarse ? 0 : (lengths[bands - band] ?? 0);
    const end = isCoarse ? (lengths[bands - 1] ?? 0) : (lengths[bands - band - 1] ?? 0);
    const parentStart = band < 2 ? -1 : (lengths[bands - band + 1] ?? 0);
    for (let i = start; i < end; i++) {
      const before = i > start ? Math.abs(values[i - 1] ?? 0) : 0;
      const before2 = i > start + 1 ? Math.abs(values[i - 2] ?? 0) : 0;
      let parent = 0;
      if (parentStart >= 0) {
        const at = parentStart + ((i - start) >> 1);
        parent =
          2 * Math.abs(values[at] ?? 0) +
          (at + 1 < start ? Math.abs(values[at + 1] ?? 0) : 0) +
          (at > parentStart ? Math.abs(values[at - 1] ?? 0) : 0);
      }
      const activity = 2 * before + before2 + parent;
      values[i] = codeValue(values[i] ?? 0, band, activity, side);
    }
  }
}

function codeValue(value: number, band: number, activity: number, side: Side): number {
  const near = activity < 4 ? activity : Math.min(neighbourhoods - 1, 2 + Math.floor(Math.log2(activity)));
  if (side.bit(band * neighbourhoods + near, value === 0 ? 0 : 1) === 0) return 0;
  const size = Math.abs(value);
  const base = zeroBits + (band * 2 + (near < 5 ? 0 : 1)) * unaryLength;
  let read = 1;
  while (read <= unaryLength && side.bit(base + read - 1, size > read ? 1 : 0) === 1) read++;
  if (read > unaryLength) read += codeRest(size - read, side);
  const isNegative = side.bit(zeroBits + sizeBits + escapeBits, value < 0 ? 1 : 0);
  return isNegative === 1 ? -read : read;
}

function codeRest(rest: number, side: Side): number {
  let width = 0;
  while (side.bit(zeroBits + sizeBits + width, rest + 1 >= 2 ** (width + 1) ? 1 : 0) === 1)
    if (++width >= escapeBits) throw undecodable("a coefficient is too large");
  let read = 1;
  for (let at = width - 1; at >= 0; at--)
    read = read * 2 + side.bit(zeroBits + sizeBits + escapeBits + 1, Math.floor((rest + 1) / 2 ** at) % 2);
  return read - 1;
}

const contextCount = zeroBits + sizeBits + escapeBits + 2;

export function writeCoefficients(encoder: BitEncoder, values: Int32Array, levels: number): void {
  const book = contexts(contextCount, usualCoefficients);
  walkCoefficients(values, levels, {
    bit(context, bit) {
      book.write(encoder, context, bit);
      return bit;
    },
  });
}

export function readCoefficients(decoder: BitDecoder, count: number, levels: number): Int32Array {
  const book = contexts(contextCount, usualCoefficients);
  const values = new Int32Array(count);
  walkCoefficients(values, levels, { bit: (context) => book.read(decoder, context) });
  return values;
}
