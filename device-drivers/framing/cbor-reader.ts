/**
 * Reads CBOR (RFC 8949) from bytes that nobody vouches for. Definite lengths only; tags are not interpreted, so that no number is wider than 64 bits.
 * Every step takes a byte from the input, and both steps and nesting have limits: what is read costs no more than looking at the bytes once.
 */

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
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // A Buffer's own slice would be a view of shared memory, not a copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let itemsLeft = 0;

  const argument = (low: number): number | bigint => {
    if (low < 24) return low;
    const start = at;
    if (low === 24) {
      at += 1;
      return view.getUint8(start);
    }
    if (low === 25) {
      at += 2;
      return view.getUint16(start);
    }
    if (low === 26) {
      at += 4;
      return view.getUint32(start);
    }
    if (low !== 27) throw new RangeError("indefinite or reserved length");
    at += 8;
    const wide = view.getBigUint64(start);
    return wide <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wide) : wide;
  };

  /** A length can't promise more items than bytes are left. */
  const length = (low: number, bytesPerItem: number): number => {
    const count = Number(argument(low));
    if (count * bytesPerItem > bytes.length - at) throw new RangeError("length beyond the end");
    return count;
  };

  const take = (count: number): Uint8Array<ArrayBuffer> => {
    at += count;
    return new Uint8Array(plain.subarray(at - count, at));
  };

  /** Keys are short ASCII nearly always; a decoder call costs more than they do. */
  const text = (count: number): string => {
    let ascii = "";
    for (let i = 0; i < count && count <= 32; i++) {
      const byte = plain[at + i] ?? 0x80;
      if (byte >= 0x80) break;
      ascii += String.fromCharCode(byte);
    }
    if (ascii.length < count) return utf8.decode(take(count));
    at += count;
    return ascii;
  };

  const simple = (low: number): CborValue => {
    if (low === 20 || low === 21) return low === 21;
    if (low === 22) return null;
    if (low === 23) return undefined;
    const start = at;
    if (low === 25) {
      at += 2;
      return halfFloat(view.getUint16(start));
    }
    if (low === 26) {
      at += 4;
      return view.getFloat32(start);
    }
    if (low === 27) {
      at += 8;
      return view.getFloat64(start);
    }
    throw new RangeError("unassigned simple value");
  };

  const map = (low: number, depth: number): CborValue => {
    const count = length(low, 2);
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
    const count = length(low, 1);
    const items: CborValue[] = [];
    for (let i = 0; i < count; i++) items.push(item(depth + 1));
    return items;
  };

  const item = (depth: number): CborValue => {
    if (depth > maxDepth) throw new RangeError("nested too deeply");
    if (--itemsLeft < 0) throw new RangeError("too many items");
    const first = view.getUint8(at++);
    const low = first & 0x1f;
    switch (first >> 5) {
      case 0:
        return argument(low);
      case 1: {
        const below = argument(low);
        return typeof below === "bigint" ? -1n - below : -1 - below;
      }
      case 2:
        return take(length(low, 1));
      case 3:
        return text(length(low, 1));
      case 4:
        return list(low, depth);
      case 5:
        return map(low, depth);
      case 6:
        return { tag: Number(argument(low)), value: item(depth + 1) };
      default:
        return simple(low);
    }
  };

  return {
    isAtEnd: () => at === bytes.length,
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

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
