/**
 * A binary range coder and its adaptive probabilities. Whole numbers only, so that every processor writes and reads the same bits.
 * The coder is the carry-propagating one of G. N. N. Martin (1979) in its byte-wise form.
 */

import { undecodable } from "../bits.ts";

/** Probabilities are of a zero, in 1/2¹⁶. */
const one = 65_536;
const top = 2 ** 24;
/** Zeros at the end that a writer leaves out at most, and a reader takes for granted. */
const beyond = 4;
/** The step of a probability after its n-th bit, in 1/2¹⁶ of its error: about 1/(n + 1.5), never less than 1/64. */
const steps = Uint16Array.from({ length: 63 }, (_, n) => Math.floor(one / (n + 1.5)));
/** A bit is never impossible. */
const least = 32;

/** The probability of a zero after this bit, the n-th. */
function follow(probability: number, n: number, bit: number): number {
  const error = (bit === 0 ? one : 0) - probability;
  const next = probability + Math.trunc((error * (steps[n] ?? 0)) / one);
  return Math.max(least, Math.min(one - least, next));
}

/** Bits that a context's bits cost, one after another, with these odds before the first. */
export function costOf(bits: readonly number[], { zero, worth }: Pick<Odds, "zero" | "worth">): number {
  let [probability, n, cost] = [zero * 256, worth, 0];
  for (const bit of bits) {
    cost -= Math.log2((bit === 0 ? probability : one - probability) / one);
    probability = follow(probability, n, bit);
    if (n < steps.length - 1) n++;
  }
  return cost;
}

/** Probabilities of bits by context, which follow what is coded. Writer and reader must see the same bits in the same order. */
interface Contexts {
  write(encoder: BitEncoder, context: number, bit: number): void;
  read(decoder: BitDecoder, context: number): number;
}

/** What a context is believed to be before its first bit: probability of a zero in 1/256, and how many bits that belief is worth. */
export interface Odds {
  readonly context: number;
  readonly zero: number;
  readonly worth: number;
}

/**
 * @param count contexts, numbered from 0
 * @param usual of those that are not believed even; writer and reader must have the same
 */
export function contexts(count: number, usual: readonly Odds[] = []): Contexts {
  const probabilities = new Uint16Array(count).fill(one / 2);
  const seen = new Uint8Array(count);
  for (const { context, zero, worth } of usual) {
    probabilities[context] = zero * 256;
    seen[context] = worth;
  }
  const learn = (context: number, bit: number) => {
    const n = seen[context] ?? 0;
    probabilities[context] = follow(probabilities[context] ?? 0, n, bit);
    if (n < steps.length - 1) seen[context] = n + 1;
  };
  return {
    write(encoder, context, bit) {
      encoder.encode(bit, probabilities[context] ?? 0);
      learn(context, bit);
    },
    read(decoder, context) {
      const bit = decoder.decode(probabilities[context] ?? 0);
      learn(context, bit);
      return bit;
    },
  };
}

export interface BitEncoder {
  /** @param probability of a zero, 1 … 65,535 in 1/2¹⁶ */
  encode(bit: number, probability: number): void;
  /** Ends the code. Bytes at its end that a reader takes for zeros are left out. */
  bytes(): Uint8Array;
}

export interface BitDecoder {
  /** @throws GatewayError `semantic.undecodable` where it reads far beyond the end */
  decode(probability: number): number;
}

export function bitEncoder(): BitEncoder {
  const out: number[] = [];
  let low = 0;
  let range = 0xffff_ffff;
  /** A byte and the 255s behind it wait until a carry can no longer change them. */
  let held = 0;
  let followers = 0;

  const shift = () => {
    const carry = low > 0xffff_ffff ? 1 : 0;
    if (carry === 1 || low < 0xff00_0000) {
      out.push((held + carry) & 255);
      for (; followers > 0; followers--) out.push((255 + carry) & 255);
      held = Math.floor(low / top) & 255;
    } else followers++;
    low = (low % top) * 256;
  };

  return {
    encode(bit, probability) {
      const bound = Math.floor(range / one) * probability;
      if (bit === 0) range = bound;
      else {
        low += bound;
        range -= bound;
      }
      while (range < top) {
        range *= 256;
        shift();
      }
    },
    bytes() {
      // Of the numbers in [low, low + range) the one with the most zeros at its end.
      for (let zeros = 32; zeros >= 0; zeros--) {
        const unit = 2 ** zeros;
        const rounded = Math.ceil(low / unit) * unit;
        if (rounded >= low + range) continue;
        low = rounded;
        break;
      }
      for (let i = 0; i < 5; i++) shift();
      let end = out.length;
      while (end > out.length - beyond && out[end - 1] === 0) end--;
      // The first byte was held before anything was coded.
      return Uint8Array.from(out.slice(1, end));
    },
  };
}

export function bitDecoder(bytes: Uint8Array): BitDecoder {
  let at = 0;
  let range = 0xffff_ffff;
  let code = 0;
  const next = () => {
    if (at >= bytes.length + beyond) throw undecodable("a code ends early");
    return bytes[at++] ?? 0;
  };
  for (let i = 0; i < 4; i++) code = code * 256 + next();

  return {
    decode(probability) {
      const bound = Math.floor(range / one) * probability;
      const bit = code < bound ? 0 : 1;
      if (bit === 0) range = bound;
      else {
        code -= bound;
        range -= bound;
      }
      while (range < top) {
        range *= 256;
        code = code * 256 + next();
      }
      return bit;
    },
  };
}
