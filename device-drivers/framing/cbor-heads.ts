/** What the bits of one CBOR head stand for (RFC 8949 §3): numbers, lengths, strings and simple values. What an item holds besides is the reader's business. */

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

interface CborHeads {
  isAtEnd(): boolean;
  /** The next byte. */
  next(): number;
  /** The number that the low five bits of a head say or announce. */
  argument(low: number): number | bigint;
  /** A count of what follows; `bytesPerItem` is the least that each takes. */
  length(low: number, bytesPerItem: number): number;
  /** A copy of the next bytes. */
  take(count: number): Uint8Array<ArrayBuffer>;
  text(count: number): string;
  simple(low: number): number | boolean | null | undefined;
}

const longestKey = 32;
/** Keys of one to four letters by their bytes: the same string each time, which no map has to hash anew. Bounded, whatever a sender calls things. */
const knownKeys = new Map<number, string>();
const mostKnownKeys = 256;

/** Undefined where it is not ASCII. */
function shortText(bytes: Uint8Array, at: number, count: number): string | undefined {
  let code = 0;
  for (let i = at; i < at + count; i++) {
    const byte = bytes[i] ?? 0x80;
    if (byte >= 0x80) return undefined;
    code = code * 128 + byte;
  }
  const isKey = count > 0 && count <= 4;
  const key = isKey ? count + 4 * code : 0;
  const known = isKey ? knownKeys.get(key) : undefined;
  if (known !== undefined) return known;
  let text = "";
  for (let i = at; i < at + count; i++) text += String.fromCharCode(bytes[i] as number);
  if (isKey && knownKeys.size < mostKnownKeys) knownKeys.set(key, text);
  return text;
}

/** Reads forward from the first byte. Throws RangeError at the end of the bytes and for what is reserved, TypeError for bad UTF-8. */
export function cborHeads(bytes: Uint8Array): CborHeads {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // A Buffer's own slice would be a view of shared memory, not a copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;

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
    if (count * bytesPerItem > plain.length - at) throw new RangeError("length beyond the end");
    return count;
  };

  const take = (count: number): Uint8Array<ArrayBuffer> => {
    at += count;
    return plain.slice(at - count, at);
  };

  /** Keys are short ASCII nearly always; a decoder call costs more than they do. */
  const text = (count: number): string => {
    const short = count <= longestKey ? shortText(plain, at, count) : undefined;
    if (short === undefined) return utf8.decode(take(count));
    at += count;
    return short;
  };

  const simple = (low: number): number | boolean | null | undefined => {
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

  return { isAtEnd: () => at === plain.length, next: () => view.getUint8(at++), argument, length, take, text, simple };
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
