/** Xbus messages and MTData2 payloads as bytes and back (devices.md §6.10; all numbers big-endian). Pure; what doesn't add up is undefined, never a throw. */

import { sum8 } from "../framing/checksums.ts";

export const preamble = 0xfa;
export const masterBus = 0xff;
export const mtData2 = 0x36;
/** Payloads beyond this are no MTData2 message that a device was seen to send (largest in the captures: 264 bytes). */
export const maxPayloadBytes = 1024;

/** Data ids without the low nibble, which tells the number format and the axes convention. */
const acceleration = 0x4020;
const rateOfTurn = 0x8020;
const quaternion = 0x2010;
const packetCounter = 0x1020;
const sampleTimeFine = 0x1060;

/** float32, fp12.20, fp16.32, float64: bits 0–1 of the data id. */
export type NumberFormat = 0 | 1 | 2 | 3;
const bytesOfFormat = [4, 4, 6, 8] as const;

export interface MtData2 {
  /** Counts messages, modulo 65 536. */
  readonly packetCounter?: number;
  /** Ticks of 1/10 000 s, modulo 2³². */
  readonly sampleTimeFine?: number;
  /** m/s², x y z. */
  readonly acceleration?: readonly number[];
  /** rad/s, x y z. */
  readonly rateOfTurn?: readonly number[];
  /** w x y z. */
  readonly quaternion?: readonly number[];
}

/** `FA FF MID LEN data CS`, with an extended length from 255 bytes on. */
export function encodeXbus(messageId: number, payload: Uint8Array): Uint8Array {
  const lengthBytes = payload.length < 255 ? [payload.length] : [255, payload.length >> 8, payload.length & 0xff];
  const body = Uint8Array.from([masterBus, messageId, ...lengthBytes, ...payload]);
  return Uint8Array.from([preamble, ...body, -sum8(body) & 0xff]);
}

/** A whole MTData2 message; numbers in one format. */
export function encodeMtData2(data: MtData2, format: NumberFormat = 0): Uint8Array {
  const items: number[] = [];
  const item = (id: number, bytes: Uint8Array) => items.push(id >> 8, id & 0xff, bytes.length, ...bytes);
  const numbers = (id: number, values: readonly number[] | undefined) => {
    if (values !== undefined) item(id | format, encodeNumbers(values, format));
  };
  if (data.packetCounter !== undefined) item(packetCounter, bigEndian(data.packetCounter, 2));
  if (data.sampleTimeFine !== undefined) item(sampleTimeFine, bigEndian(data.sampleTimeFine, 4));
  numbers(quaternion, data.quaternion);
  numbers(acceleration, data.acceleration);
  numbers(rateOfTurn, data.rateOfTurn);
  return encodeXbus(mtData2, Uint8Array.from(items));
}

/** The items that the driver knows; undefined when the items don't fill the payload exactly or a known one has a wrong length. */
export function decodeMtData2(payload: Uint8Array): MtData2 | undefined {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const data: { -readonly [Key in keyof MtData2]: MtData2[Key] } = {};
  let at = 0;
  while (at < payload.length) {
    if (at + 3 > payload.length) return undefined;
    const id = view.getUint16(at);
    const length = view.getUint8(at + 2);
    const start = at + 3;
    at = start + length;
    if (at > payload.length) return undefined;
    const format = (id & 3) as NumberFormat;
    const read = (count: number) => (length === count * bytesOfFormat[format] ? decodeNumbers(view, start, { count, format }) : undefined);
    switch (id & 0xfff0) {
      case packetCounter:
        if (length !== 2) return undefined;
        data.packetCounter = view.getUint16(start);
        break;
      case sampleTimeFine:
        if (length !== 4) return undefined;
        data.sampleTimeFine = view.getUint32(start);
        break;
      case acceleration:
      case rateOfTurn:
      case quaternion: {
        const kind = id & 0xfff0;
        const values = read(kind === quaternion ? 4 : 3);
        if (values === undefined) return undefined;
        data[kind === acceleration ? "acceleration" : kind === rateOfTurn ? "rateOfTurn" : "quaternion"] = values;
        break;
      }
      default:
    }
  }
  return data;
}

const bigEndian = (value: number, bytes: number) =>
  Uint8Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** (bytes - 1 - i)) & 0xff);

function encodeNumbers(values: readonly number[], format: NumberFormat): Uint8Array {
  const width = bytesOfFormat[format];
  const out = new Uint8Array(width * values.length);
  const view = new DataView(out.buffer);
  values.forEach((value, i) => {
    const at = i * width;
    if (format === 0) view.setFloat32(at, value);
    else if (format === 1) view.setInt32(at, Math.round(value * 2 ** 20));
    else if (format === 3) view.setFloat64(at, value);
    else {
      const scaled = Math.round(value * 2 ** 32);
      const whole = Math.floor(scaled / 2 ** 32);
      view.setUint32(at, scaled - whole * 2 ** 32);
      view.setInt16(at + 4, whole);
    }
  });
  return out;
}

function decodeNumbers(view: DataView, start: number, { count, format }: { count: number; format: NumberFormat }): number[] {
  return Array.from({ length: count }, (_, i) => {
    const at = start + i * bytesOfFormat[format];
    if (format === 0) return view.getFloat32(at);
    if (format === 1) return view.getInt32(at) / 2 ** 20;
    // The fraction stands before the whole part.
    if (format === 2) return view.getInt16(at + 4) + view.getUint32(at) / 2 ** 32;
    return view.getFloat64(at);
  });
}
