/** Little-endian varints and strings in a growing buffer, and a reader that says "not there" instead of reading past the end. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Whole numbers up to 2⁵³ take one byte per 7 bits; signed ones as many, with their sign in the first byte. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(sizeBytes = 1024) {
    this.#bytes = new Uint8Array(sizeBytes);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written, as a view of the buffer (no copy). */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80000000) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  signed(value: number): void {
    this.#reserve(1);
    const magnitude = Math.abs(value);
    const isLong = magnitude >= 64;
    this.#bytes[this.#length++] = (value < 0 ? 1 : 0) | ((magnitude % 64) * 2) | (isLong ? 128 : 0);
    if (isLong) this.varint(Math.floor(magnitude / 64));
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  text(value: string): void {
    const bytes = encoder.encode(value);
    this.varint(bytes.length);
    this.raw(bytes);
  }

  #reserve(moreBytes: number): void {
    const neededBytes = this.#length + moreBytes;
    if (neededBytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(neededBytes, this.#bytes.length * 2));
    grown.set(this.view());
    this.#bytes = grown;
  }
}

/** Reads what ByteWriter wrote. After a read past the end `isShort` stays true and every value is 0 or empty. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  offset: number;
  isShort = false;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.offset++];
    if (value !== undefined) return value;
    this.isShort = true;
    return 0;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    this.isShort = true;
    return 0;
  }

  signed(): number {
    const first = this.byte();
    const magnitude = ((first >> 1) & 63) + (first >= 128 ? this.varint() * 64 : 0);
    return (first & 1) === 1 ? -magnitude : magnitude;
  }

  raw(lengthBytes: number): Uint8Array {
    const end = this.offset + lengthBytes;
    if (end > this.#bytes.length) {
      this.isShort = true;
      return new Uint8Array(0);
    }
    const bytes = this.#bytes.subarray(this.offset, end);
    this.offset = end;
    return bytes;
  }

  text(): string {
    return decoder.decode(this.raw(this.varint()));
  }
}
