/** Sample encodings of WFDB signal files (16, 24, 80, 212) and the MATLAB v4 wrapper. Pure over bytes; "no value" never comes out as a number of the signal. */

import { GatewayError } from "../../device-drivers/contract/error.ts";

/** A sample without a value, whatever the format's own mark was. */
export const NO_VALUE = -2147483648;

interface Format {
  /** Bytes that `count` samples take. */
  bytesFor(count: number): number;
  /** Whole samples in `bytes` bytes. */
  samplesIn(bytes: number): number;
  /** The encoding's own mark for "no value", also the lowest number it can write. */
  readonly noValue: number;
}

const formats: ReadonlyMap<number, Format> = new Map<number, Format>([
  [16, { bytesFor: (n) => 2 * n, samplesIn: (b) => Math.floor(b / 2), noValue: -32768 }],
  [24, { bytesFor: (n) => 3 * n, samplesIn: (b) => Math.floor(b / 3), noValue: -8388608 }],
  [80, { bytesFor: (n) => n, samplesIn: (b) => b, noValue: -128 }],
  // The last odd sample of format 212 needs two of its three bytes only.
  [
    212,
    {
      bytesFor: (n) => Math.floor(n / 2) * 3 + (n % 2) * 2,
      samplesIn: (b) => Math.floor(b / 3) * 2 + (b % 3 === 2 ? 1 : 0),
      noValue: -2048,
    },
  ],
]);

/** The traits of a format; throws `recording.unsupported` (operator) for one that is not read. */
export function formatOf(format: number, label: string): Format {
  const known = formats.get(format);
  if (known === undefined)
    throw new GatewayError(
      "recording.unsupported",
      "operator",
      `${label}: signal format ${format} is not read (16, 24, 80, 212 and MATLAB v4 are)`,
    );
  return known;
}

/**
 * Raw samples in file order with the format's own "no value" mark still in place (the checksum is taken over these).
 * Throws `recording.truncated` (world) where `bytes` is too short for `count` samples.
 */
export function decodeSamples(format: number, bytes: Uint8Array, count: number, label: string): Int32Array {
  const need = formatOf(format, label).bytesFor(count);
  if (bytes.length < need)
    throw new GatewayError("recording.truncated", "world", `${label}: ${bytes.length} bytes of samples where ${need} are announced`, {
      fields: { file: label, bytes: bytes.length, need },
    });
  const out = new Int32Array(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format === 16) for (let i = 0; i < count; i++) out[i] = view.getInt16(2 * i, true);
  else if (format === 24) for (let i = 0; i < count; i++) out[i] = view.getUint16(3 * i, true) | (view.getInt8(3 * i + 2) << 16);
  else if (format === 80) for (let i = 0; i < count; i++) out[i] = view.getUint8(i) - 128;
  else {
    for (let i = 0; i < count; i++) {
      const at = (i >> 1) * 3;
      const middle = view.getUint8(at + 1);
      const value = i % 2 === 0 ? view.getUint8(at) | ((middle & 0x0f) << 8) : view.getUint8(at + 2) | ((middle & 0xf0) << 4);
      out[i] = (value << 20) >> 20;
    }
  }
  return out;
}

/** Samples as bytes of format 16 or 212; NO_VALUE becomes the format's mark. Throws `recording.out_of_range` (operator) for a number that does not fit. */
export function encodeSamples(format: 16 | 212, samples: Int32Array, label: string): Uint8Array {
  const traits = formatOf(format, label);
  const raw = new Int32Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i] ?? 0;
    if (value !== NO_VALUE && (value <= traits.noValue || value >= -traits.noValue))
      throw new GatewayError("recording.out_of_range", "operator", `${label}: sample ${i} does not fit format ${format}`, {
        fields: { index: i },
      });
    raw[i] = value === NO_VALUE ? traits.noValue : value;
  }
  if (format === 16) {
    const view = new DataView(new ArrayBuffer(2 * raw.length));
    for (let i = 0; i < raw.length; i++) view.setInt16(2 * i, raw[i] ?? 0, true);
    return new Uint8Array(view.buffer);
  }
  const out = new Uint8Array(Math.ceil(raw.length / 2) * 3);
  for (let i = 0, at = 0; i < raw.length; i += 2, at += 3) {
    const a = raw[i] ?? 0;
    const b = raw[i + 1] ?? 0;
    out[at] = a & 0xff;
    out[at + 1] = ((a >> 8) & 0x0f) | ((b >> 4) & 0xf0);
    out[at + 2] = b & 0xff;
  }
  return out;
}

/**
 * Where the samples begin in a MATLAB v4 file (five int32 and a name, then int16 column by column) and how many there are.
 * Throws `recording.unsupported` (operator) for another MATLAB version or number type.
 */
export function matlabV4Layout(
  bytes: Uint8Array,
  label: string,
): { readonly dataOffset: number; readonly rows: number; readonly columns: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const int16LittleEndian = 30;
  if (bytes.length < 20 || view.getInt32(0, true) !== int16LittleEndian)
    throw new GatewayError("recording.unsupported", "operator", `${label}: not a MATLAB v4 matrix of 16-bit integers`, {
      fields: { file: label },
    });
  const nameLength = view.getInt32(16, true);
  if (nameLength < 0 || nameLength > 256)
    throw new GatewayError("recording.damaged", "world", `${label}: the MATLAB header is damaged`, { fields: { file: label } });
  return { dataOffset: 20 + nameLength, rows: view.getInt32(4, true), columns: view.getInt32(8, true) };
}
