/**
 * What a wrist's sensor says of its movement, every sample within the bound: steps from what the samples before let expect, as small as the bound allows,
 * in the light of the last two. Whole numbers only.
 */

import { undecodable } from "../bits.ts";
import { type Coded, decoderHash, type WaveformCodec } from "./codec.ts";
import { bitDecoder, bitEncoder, contexts } from "./range-coder.ts";

/** Widths of a step in quarters of the bound. Wide ones are cheap in movement; narrow ones rest where noise would leap between two wide ones. */
const widths = [8, 6, 4] as const;
/** What is expected next of the last two values: the last one, or a half or all of the way on. */
const leans = [0, 1, 2] as const;
const headBytes = 5;
/** Sizes up to this are counted out by bits of their own, larger ones follow as an Exp-Golomb code. */
const unaryLength = 12;
const restBits = 26;
/** Of the sizes of the last two steps. */
const classes = 5;
const at = {
  zero: 0,
  sign: classes * classes,
  size: classes * classes + 9,
  rest: classes * classes + 9 + classes * unaryLength,
} as const;
const contextCount = at.rest + restBits + 1;
/** Of a step's width, and of a value: differences of two stay exact. */
const widest = 2 ** 26;

export const movement: WaveformCodec = {
  name: "movement",
  number: 9,
  hash: decoderHash("movement 9"),
  usesPeaks: false,
  keepsEach: true,
  encode({ samples }, largest) {
    const bound = Math.floor(largest);
    if (bound < 1) return undefined;
    let best: Coded | undefined;
    for (const width of widths)
      for (const lean of leans) {
        const step = width === 8 ? 2 * bound + 1 : Math.max(1, Math.floor((width * bound) / 4));
        if (step >= widest) return undefined;
        const coded = write(samples, { bound, step, lean });
        if (best === undefined || coded.bytes.length < best.bytes.length) best = coded;
      }
    return best;
  },
  decode(bytes, count) {
    if (bytes.length < headBytes) throw undecodable("a stretch has no head");
    const [lean = 0] = bytes;
    const step = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
    if (lean >= leans.length || step >= widest) throw undecodable("steps that no writer takes");
    const book = contexts(contextCount);
    const decoder = bitDecoder(bytes.subarray(headBytes));
    return walk(
      count,
      { step, lean },
      () => 0,
      (context) => book.read(decoder, context),
    );
  },
};

interface Course {
  readonly step: number;
  readonly lean: number;
}

function write(samples: Int32Array, { bound, ...course }: Course & { readonly bound: number }): Coded {
  const encoder = bitEncoder();
  const book = contexts(contextCount);
  // The smallest step that brings the sample within its bound.
  const stepsTo = (i: number, expected: number) => {
    const off = (samples[i] ?? 0) - expected;
    const steps = Math.max(0, Math.ceil((Math.abs(off) - bound) / course.step));
    return off < 0 ? -steps : steps;
  };
  const made = walk(samples.length, course, stepsTo, (context, bit) => {
    book.write(encoder, context, bit);
    return bit;
  });
  const code = encoder.bytes();
  const bytes = new Uint8Array(headBytes + code.length);
  bytes[0] = course.lean;
  new DataView(bytes.buffer).setUint32(1, course.step);
  bytes.set(code, headBytes);
  return { bytes, samples: made };
}

type Bit = (context: number, bit: number) => number;

function walk(count: number, { step, lean }: Course, stepsTo: (i: number, expected: number) => number, bit: Bit): Int32Array {
  const out = new Int32Array(count);
  let [last, before, one, two] = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const expected = last + Math.trunc((lean * (last - before)) / 2);
    const steps = codeSteps(stepsTo(i, expected), one, two, bit);
    const value = expected + steps * step;
    if (Math.abs(value) > 2147483647) throw undecodable("a sample beyond 32 bits");
    out[i] = value;
    // The first step leads to the signal, and says nothing of it.
    [before, last] = [i === 0 ? value : last, value];
    [two, one] = [one, i === 0 ? 0 : steps];
  }
  return out;
}

const classOf = (steps: number) => Math.min(classes - 1, Math.abs(steps));

function codeSteps(steps: number, one: number, two: number, bit: Bit): number {
  if (bit(at.zero + classOf(one) * classes + classOf(two), steps === 0 ? 0 : 1) === 0) return 0;
  const isNegative = bit(at.sign + (Math.sign(one) + 1) * 3 + Math.sign(two) + 1, steps < 0 ? 1 : 0) === 1;
  const base = at.size + Math.max(classOf(one), classOf(two)) * unaryLength;
  const size = Math.abs(steps);
  let read = 1;
  while (read <= unaryLength && bit(base + read - 1, size > read ? 1 : 0) === 1) read++;
  if (read > unaryLength) read += codeRest(size - read, bit);
  return isNegative ? -read : read;
}

function codeRest(rest: number, bit: Bit): number {
  let width = 0;
  while (bit(at.rest + width, rest + 1 >= 2 ** (width + 1) ? 1 : 0) === 1)
    if (++width >= restBits) throw undecodable("a step is too large");
  let read = 1;
  for (let place = width - 1; place >= 0; place--) read = read * 2 + bit(at.rest + restBits, Math.floor((rest + 1) / 2 ** place) % 2);
  return read - 1;
}
