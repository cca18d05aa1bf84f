/**
 * Reads CBOR (RFC 8949) from bytes that nobody vouches for. Definite lengths only; tags are not interpreted, so that no number is wider than 64 bits.
 * Every step takes a byte from the input, and both steps and nesting have limits: what is read costs no more than looking at the bytes once.
 */

import { cborHeads } from "./cbor-heads.ts";

/** A tag with what it marks, left to the caller to understand. */
export interface CborTag {
  readonly tag: number;
  readonly value: CborValue;
}

/** Byte strings are copies, so a typed array over them is always aligned. Integers beyond 2⁵³ are bigints. */
export type CborValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | undefined
  | Uint8Array<ArrayBuffer>
  | readonly CborValue[]
  | ReadonlyMap<CborValue, CborValue>
  | CborTag;

export interface CborLimits {
  /** Items in all, the parts of lists and maps included: a bound on what a reader builds. */
  readonly maxItems?: number;
}

const maxDepth = 8;
const defaultMaxItems = 65_536;
/** A map's keys are the sender's choice, and numbers chosen to collide would make it quadratic. */
const maxKeys = 1024;

/** The item, or undefined when the bytes are not exactly one well-formed item of definite length without repeated keys, or exceed a limit. */
export function readCbor(bytes: Uint8Array, limits: CborLimits = {}): { value: CborValue } | undefined {
  const cursor = cborCursor(bytes);
  const read = cursor.next(limits);
  return cursor.isAtEnd() ? read : undefined;
}

/** The items of a CBOR sequence (RFC 8742), or undefined where it breaks off. The limits are for each item. */
export function readCborSequence(bytes: Uint8Array, limits: CborLimits = {}): CborValue[] | undefined {
  const cursor = cborCursor(bytes);
  const items: CborValue[] = [];
  while (!cursor.isAtEnd()) {
    const read = cursor.next(limits);
    if (read === undefined) return undefined;
    items.push(read.value);
  }
  return items;
}

interface CborCursor {
  isAtEnd(): boolean;
  /** The next item; undefined where there is none or it is malformed. */
  next(limits: CborLimits): { value: CborValue } | undefined;
}

function cborCursor(bytes: Uint8Array): CborCursor {
  const heads = cborHeads(bytes);
  let itemsLeft = 0;

  const map = (low: number, depth: number): CborValue => {
    const count = heads.length(low, 2);
    if (count > maxKeys) throw new RangeError("too many keys");
    const entries = new Map<CborValue, CborValue>();
    for (let i = 0; i < count; i++) {
      const key = item(depth + 1);
      if (entries.has(key)) throw new RangeError("repeated key");
      entries.set(key, item(depth + 1));
    }
    return entries;
  };

  const list = (low: number, depth: number): CborValue => {
    const count = heads.length(low, 1);
    const items: CborValue[] = [];
    for (let i = 0; i < count; i++) items.push(item(depth + 1));
    return items;
  };

  const item = (depth: number): CborValue => {
    if (depth > maxDepth) throw new RangeError("nested too deeply");
    if (--itemsLeft < 0) throw new RangeError("too many items");
    const first = heads.next();
    const low = first & 0x1f;
    switch (first >> 5) {
      case 0:
        return heads.argument(low);
      case 1: {
        const below = heads.argument(low);
        return typeof below === "bigint" ? -1n - below : -1 - below;
      }
      case 2:
        return heads.take(heads.length(low, 1));
      case 3:
        return heads.text(heads.length(low, 1));
      case 4:
        return list(low, depth);
      case 5:
        return map(low, depth);
      case 6:
        return { tag: Number(heads.argument(low)), value: item(depth + 1) };
      default:
        return heads.simple(low);
    }
  };

  return {
    isAtEnd: heads.isAtEnd,
    next({ maxItems = defaultMaxItems }) {
      itemsLeft = maxItems;
      try {
        return { value: item(0) };
      } catch (error) {
        // Reading past the end is DataView's RangeError, bad UTF-8 the decoder's TypeError: both mean bad bytes.
        if (error instanceof RangeError || error instanceof TypeError) return undefined;
        throw error;
      }
    },
  };
}
