/** Whole numbers, texts and reals as adaptive bits of the range coder. One walk describes a layout for its writer and its reader: each call gives back what it stands for. */

import { undecodable, unzigzag, zigzag } from "./bits.ts";
import { bitDecoder, bitEncoder, contexts } from "./codecs/range-coder.ts";
import { usualSymbols } from "./usual-odds.ts";
import { wordAt, wordPlace } from "./words.ts";

export interface Symbols {
  readonly isReading: boolean;
  /** A bit whose odds are learnt under its context. */
  bit(context: number, bit: number): number;
  /** A whole number of at least 0; small ones, and those that are usual under this context, cost little. */
  number(context: number, value: number): number;
  signed(context: number, value: number): number;
  /** A whole number of either sign of which nothing is expected. */
  wide(value: number): number;
  /** So many bits as they are. */
  plain(width: number, value: number): number;
  /** One of 2^width, each with odds of its own under this context. */
  choice(context: number, width: number, value: number): number;
  text(context: number, value: string): string;
  /** Bit for bit; few decimals cost little. */
  real(context: number, value: number): number;
}

/** Contexts of one number: its length in bits, then its two highest bits by length. */
const lengths = 56;
const numberSize = lengths * 4;
/** Numbers of contexts that a layout may use. */
const fields = 112;
const contextCount = fields * numberSize;
/** Odds of bits that are not learnt. */
const even = 32_768;
const maxTextBytes = 4096;
const rawReal = 7;

interface SymbolWriter extends Symbols {
  bytes(): Uint8Array;
}

export function symbolWriter(): SymbolWriter {
  const encoder = bitEncoder();
  const book = contexts(contextCount, usualSymbols);
  return {
    ...symbolsOf({
      isReading: false,
      learnt(context, bit) {
        book.write(encoder, context, bit);
        return bit;
      },
      plain(bit) {
        encoder.encode(bit, even);
        return bit;
      },
    }),
    bytes: encoder.bytes,
  };
}

/** Each call throws GatewayError `semantic.undecodable` for bytes that no writer wrote. */
export function symbolReader(bytes: Uint8Array): Symbols {
  const decoder = bitDecoder(bytes);
  const book = contexts(contextCount, usualSymbols);
  return symbolsOf({ isReading: true, learnt: (context) => book.read(decoder, context), plain: () => decoder.decode(even) });
}

/** What a layout's symbols are made of. */
interface Bits {
  readonly isReading: boolean;
  learnt(context: number, bit: number): number;
  plain(bit: number): number;
}

export function symbolsOf({ isReading, learnt, plain }: Bits): Symbols {
  /** Its length in bits, one by one, then the bits below the highest. */
  const number = (context: number, value: number): number => {
    const base = context * numberSize;
    const length = bitLength(value + 1);
    let width = 1;
    while (learnt(base + width, length > width ? 1 : 0) === 1) if (++width >= lengths - 1) throw undecodable("a number is too large");
    let read = 1;
    for (let at = width - 2; at >= 0; at--) {
      const bit = Math.floor((value + 1) / 2 ** at) % 2;
      const depth = width - 2 - at;
      read =
        read * 2 +
        (depth === 0
          ? learnt(base + lengths + width, bit)
          : depth === 1
            ? learnt(base + lengths * 2 + width * 2 + (read & 1), bit)
            : plain(bit));
    }
    return read - 1;
  };
  const choice = (context: number, width: number, value: number): number => {
    let node = 1;
    for (let at = width - 1; at >= 0; at--) node = node * 2 + learnt(context * numberSize + node, Math.floor(value / 2 ** at) % 2);
    return node - 2 ** width;
  };
  const plainNumber = (width: number, value: number): number => {
    let read = 0;
    for (let at = width - 1; at >= 0; at--) read = read * 2 + plain(Math.floor(value / 2 ** at) % 2);
    return read;
  };
  const signed = (context: number, value: number) => unzigzag(number(context, zigzag(value)));
  return {
    isReading,
    bit: (context, bit) => learnt(context * numberSize, bit),
    ...{ number, signed, choice, plain: plainNumber },
    wide(value) {
      const width = plainNumber(6, bitLength(zigzag(value)));
      if (width > 53) throw undecodable("a number is too large");
      return unzigzag(plainNumber(width, zigzag(value)));
    },
    text(context, value) {
      // 0 = spelled out.
      const place = number(context, isReading ? 0 : wordPlace(value) + 1);
      if (place > 0) return wordAt(place - 1);
      const bytes = isReading ? new Uint8Array() : new TextEncoder().encode(value);
      const length = number(context + 1, bytes.length);
      if (length > maxTextBytes) throw undecodable("a text is too long");
      return new TextDecoder().decode(
        Uint8Array.from({ length }, (_, i) => choice(context + 2, 7, (bytes[i] ?? 0) & 127) + 128 * plain((bytes[i] ?? 0) >> 7)),
      );
    },
    real(context, value) {
      const decimals = choice(context, 3, isReading ? 0 : decimalsOf(value));
      if (decimals < rawReal) return signed(context + 1, isReading ? 0 : Math.round(value * 10 ** decimals)) / 10 ** decimals;
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, value);
      for (const at of [0, 4]) view.setUint32(at, plainNumber(32, view.getUint32(at)));
      return view.getFloat64(0);
    },
  };
}

function decimalsOf(value: number): number {
  for (let decimals = 0; decimals < rawReal; decimals++) {
    const whole = Math.round(value * 10 ** decimals);
    if (Math.abs(whole) < 2 ** 40 && whole / 10 ** decimals === value && !Object.is(whole, -0)) return decimals;
  }
  return rawReal;
}

function bitLength(value: number): number {
  return value < 2 ** 31 ? 32 - Math.clz32(value) : 32 + bitLength(Math.floor(value / 2 ** 32));
}
