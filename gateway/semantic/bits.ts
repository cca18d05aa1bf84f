/** Bits into bytes and back, most significant first. Whole numbers up to 2⁵³ − 1; reading beyond the end is an error, never a zero. */

import { GatewayError } from "../../device-drivers/contract/error.ts";

export interface BitWriter {
  /** The lowest `width` bits (0–54) of a non-negative whole number. */
  write(value: number, width: number): void;
  /** Exp-Golomb code of order k: k + 1 bits for values below 2^k, two more for each doubling. */
  golomb(value: number, k: number): void;
  /** Zero-padded to a whole byte. */
  bytes(): Uint8Array;
}

export interface BitReader {
  read(width: number): number;
  golomb(k: number): number;
}

export function bitWriter(): BitWriter {
  let out = new Uint8Array(256);
  let count = 0;
  let held = 0;
  let heldBits = 0;

  const put = (value: number, width: number) => {
    // `held` has fewer than 8 bits here and width at most 16, so 32-bit shifts are exact.
    held = (held << width) | value;
    heldBits += width;
    while (heldBits >= 8) {
      heldBits -= 8;
      if (count === out.length) {
        const next = new Uint8Array(out.length * 2);
        next.set(out);
        out = next;
      }
      out[count++] = held >> heldBits;
      held &= (1 << heldBits) - 1;
    }
  };

  const write = (value: number, width: number) => {
    let left = width;
    while (left > 16) {
      left -= 16;
      put(Math.floor(value / 2 ** left) % 65_536, 16);
    }
    if (left > 0) put(value % 2 ** left, left);
  };

  return {
    write,
    golomb(value, k) {
      const head = Math.floor(value / 2 ** k) + 1;
      const width = bitLength(head);
      write(0, width - 1);
      write(head, width);
      write(value, k);
    },
    bytes() {
      const whole = new Uint8Array(count + (heldBits > 0 ? 1 : 0));
      whole.set(out.subarray(0, count));
      if (heldBits > 0) whole[count] = held << (8 - heldBits);
      return whole;
    },
  };
}

export function bitReader(bytes: Uint8Array): BitReader {
  let at = 0;
  const end = bytes.length * 8;

  const read = (width: number): number => {
    if (at + width > end) throw undecodable("bits end early");
    let value = 0;
    let left = width;
    while (left > 0) {
      const room = 8 - (at & 7);
      const take = Math.min(room, left);
      const byte = bytes[at >> 3] ?? 0;
      value = value * 2 ** take + ((byte >> (room - take)) & ((1 << take) - 1));
      at += take;
      left -= take;
    }
    return value;
  };

  return {
    read,
    golomb(k) {
      let zeros = 0;
      while (read(1) === 0) if (++zeros > 53) throw undecodable("a code is too long");
      const head = 2 ** zeros + read(zeros);
      const value = (head - 1) * 2 ** k + read(k);
      if (!Number.isSafeInteger(value)) throw undecodable("a value is too large");
      return value;
    },
  };
}

/** Bits of `golomb(value, k)`. */
export function golombBits(value: number, k: number): number {
  const head = value < 2 ** 31 && k < 31 ? (value >>> k) + 1 : Math.floor(value / 2 ** k) + 1;
  return 2 * bitLength(head) - 1 + k;
}

/** 0 1 −1 2 −2 … as 0 1 2 3 4 …, exact up to 2⁵². */
export function zigzag(value: number): number {
  return value > 0 ? 2 * value - 1 : 0 - 2 * value;
}

export function unzigzag(code: number): number {
  return code % 2 === 1 ? (code + 1) / 2 : 0 - code / 2;
}

/** A payload that this version can't read; the twin keeps it as it came. */
export function undecodable(why: string): GatewayError {
  return new GatewayError("semantic.undecodable", "world", `The payload can't be decoded: ${why}.`);
}

function bitLength(value: number): number {
  return value < 2 ** 31 ? 32 - Math.clz32(value) : 32 + bitLength(Math.floor(value / 2 ** 32));
}
