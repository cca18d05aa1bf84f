/** Quantised wavelet coefficients as bits: each in the light of its neighbours in the band and of the coarser band above it. Mostly zeros. */

import { undecodable } from "../bits.ts";
import { usualCoefficients } from "../usual-odds.ts";
import { type BitDecoder, type BitEncoder, contexts } from "./range-coder.ts";
import { levelLengths } from "./transform.ts";

const maxBands = 8;
const neighbourhoods = 8;
/** How much there was at this place of the two beats before. */
const memories = 5;
/** Magnitudes up to this are counted out by bits of their own, larger ones follow as an Exp-Golomb code. */
const unaryLength = 14;
const at = {
  zero: 0,
  size: maxBands * neighbourhoods * memories,
  sign: maxBands * neighbourhoods * memories + maxBands * unaryLength * 3,
  rest: maxBands * neighbourhoods * memories + maxBands * unaryLength * 3 + maxBands * 3,
} as const;
const restBits = 24;
const contextCount = at.rest + restBits + 1;

/** What the coder is asked of each coefficient; a writer and a reader answer. */
interface Side {
  bit(context: number, bit: number): number;
}

interface Course {
  readonly levels: number;
  /** Samples of R peaks, in rising order; none where nothing is known of beats. */
  readonly peaks: readonly number[];
  readonly rateHz: number;
}

/** Order: coarse band first, from left to right. */
export function walkCoefficients(values: Int32Array, { levels, ...beats }: Course, side: Side): void {
  const lengths = levelLengths(values.length, levels);
  const bands = lengths.length;
  const size = (i: number, from: number, to: number) => (i < from || i >= to ? 0 : Math.abs(values[i] ?? 0));
  for (let band = 0; band < bands; band++) {
    const isCoarse = band === 0;
    const start = isCoarse ? 0 : (lengths[bands - band] ?? 0);
    const end = isCoarse ? (lengths[bands - 1] ?? 0) : (lengths[bands - band - 1] ?? 0);
    const parentStart = band < 2 ? -1 : (lengths[bands - band + 1] ?? 0);
    const places = placesBefore(beats, end - start, 2 ** (isCoarse ? bands - 1 : bands - band));
    for (let i = start; i < end; i++) {
      const parent = parentStart + ((i - start) >> 1);
      const ofParent = parentStart < 0 ? 0 : 2 * size(parent, 0, start) + size(parent + 1, 0, start) + size(parent - 1, parentStart, start);
      const activity = 2 * size(i - 1, start, end) + size(i - 2, start, end) + ofParent;
      const [one = -1, two = -1] = [places.one[i - start], places.two[i - start]];
      const around = (place: number) =>
        place < 0 ? 0 : 2 * size(start + place, start, i) + size(start + place - 1, start, i) + size(start + place + 1, start, i);
      const memory = one < 0 ? 0 : 1 + classOf(around(one) + around(two));
      const sign = one < 0 ? 0 : Math.sign(values[start + one] ?? 0);
      values[i] = codeValue(values[i] ?? 0, { band, activity, memory, sign }, side);
    }
  }
}

function classOf(activity: number): number {
  return activity === 0 ? 0 : activity < 3 ? 1 : activity < 8 ? 2 : 3;
}

/** A beat begins so long before its R peak. */
const beforePeakS = 0.25;

/** For each coefficient of a band the one at the same place of the last beat, and of the beat before that; −1 where there is none. */
function placesBefore({ peaks, rateHz }: Omit<Course, "levels">, count: number, scale: number): { one: Int32Array; two: Int32Array } {
  const [one, two] = [new Int32Array(count).fill(-1), new Int32Array(count).fill(-1)];
  const lead = beforePeakS * rateHz;
  let beat = -1;
  for (let i = 0; i < count; i++) {
    const time = (i + 0.5) * scale;
    while (beat + 1 < peaks.length && (peaks[beat + 1] ?? 0) - lead <= time) beat++;
    const offset = time - (peaks[beat] ?? 0);
    const placeIn = (before: number) => {
      const peak = peaks[beat - before];
      const next = peaks[beat - before + 1];
      // Behind a pause there is nothing to remember: the beat before was shorter.
      if (beat < before || peak === undefined || next === undefined || peak + offset >= next - lead) return -1;
      return Math.floor((peak + offset) / scale);
    };
    one[i] = placeIn(1);
    two[i] = placeIn(2);
  }
  return { one, two };
}

interface Surroundings {
  readonly band: number;
  readonly activity: number;
  readonly memory: number;
  readonly sign: number;
}

function codeValue(value: number, { band, activity, memory, sign }: Surroundings, side: Side): number {
  const near = activity < 4 ? activity : Math.min(neighbourhoods - 1, 2 + Math.floor(Math.log2(activity)));
  if (side.bit(at.zero + (band * neighbourhoods + near) * memories + memory, value === 0 ? 0 : 1) === 0) return 0;
  const size = Math.abs(value);
  const base = at.size + (band * 3 + (memory === 4 ? 2 : near < 5 ? 0 : 1)) * unaryLength;
  let read = 1;
  while (read <= unaryLength && side.bit(base + read - 1, size > read ? 1 : 0) === 1) read++;
  if (read > unaryLength) read += codeRest(size - read, side);
  const isNegative = side.bit(at.sign + band * 3 + sign + 1, value < 0 ? 1 : 0);
  return isNegative === 1 ? -read : read;
}

function codeRest(rest: number, side: Side): number {
  let width = 0;
  while (side.bit(at.rest + width, rest + 1 >= 2 ** (width + 1) ? 1 : 0) === 1)
    if (++width >= restBits) throw undecodable("a coefficient is too large");
  let read = 1;
  for (let place = width - 1; place >= 0; place--) read = read * 2 + side.bit(at.rest + restBits, Math.floor((rest + 1) / 2 ** place) % 2);
  return read - 1;
}

export function writeCoefficients(encoder: BitEncoder, values: Int32Array, course: Course): void {
  const book = contexts(contextCount, usualCoefficients);
  walkCoefficients(values, course, {
    bit(context, bit) {
      book.write(encoder, context, bit);
      return bit;
    },
  });
}

export function readCoefficients(decoder: BitDecoder, count: number, course: Course): Int32Array {
  const book = contexts(contextCount, usualCoefficients);
  const values = new Int32Array(count);
  walkCoefficients(values, course, { bit: (context) => book.read(decoder, context) });
  return values;
}
