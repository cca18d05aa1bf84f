/**
 * The bytes of a segment or capture file: one header, then frames, one per lane and commit. Knows layout and checksums, never keys or files.
 *
 *   header  "HEARTHJ" · version u8 · flags u8 (1 = sealed) · salt 16 · varints {firstPosition, baseTimeUs, ±axisUs, ±wallUs} · texts {bootId, lane} · CRC-32
 *   frame   marker u8 (0xA4 | 1 = defines sources) · varints {bodyLength, serial, position − firstPosition, count, ±(firstTime − baseTime),
 *           firstTime − minTime, maxTime − firstTime} · body · tag 16 (sealed only) · CRC-32 over all before
 */

import { crc32 } from "node:zlib";
import { ByteReader, ByteWriter } from "./byte-cursor.ts";
import type { StampOrigin } from "./record-codec.ts";

export const saltBytes = 16;
const tagBytes = 16;
const magic = new TextEncoder().encode("HEARTHJ");
const version = 1;
const marker = 0xa4;
const crcBytes = 4;

export interface SegmentHeader {
  readonly isSealed: boolean;
  readonly salt: Uint8Array;
  readonly firstPosition: number;
  readonly baseTimeUs: number;
  readonly origin: StampOrigin;
  readonly bootId: string;
  readonly lane: string;
}

interface FrameHeader {
  readonly definesSources: boolean;
  /** Never used twice in a segment, not even for a group that failed: it is the seal's nonce. */
  readonly serial: number;
  readonly position: number;
  readonly count: number;
  readonly firstTimeUs: number;
  readonly minTimeUs: number;
  readonly maxTimeUs: number;
}

export interface Frame extends FrameHeader {
  /** The frame's header bytes, which the seal authenticates too. */
  readonly head: Uint8Array;
  readonly body: Uint8Array;
  readonly tag: Uint8Array;
  readonly startByte: number;
  readonly endByte: number;
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const writer = new ByteWriter(128);
  writer.raw(magic);
  writer.raw(Uint8Array.of(version, header.isSealed ? 1 : 0));
  writer.raw(header.salt);
  writer.varint(header.firstPosition);
  writer.varint(header.baseTimeUs);
  writer.signed(header.origin.axisUs);
  writer.signed(header.origin.wallUs);
  writer.text(header.bootId);
  writer.text(header.lane);
  writer.raw(checksum(writer.view()));
  return writer.view();
}

/** Undefined when the bytes are not (yet) a whole header of a version that is known here. */
export function parseSegmentHeader(bytes: Uint8Array): { header: SegmentHeader; endByte: number } | undefined {
  if (!magic.every((byte, i) => bytes[i] === byte) || bytes[magic.length] !== version) return undefined;
  const reader = new ByteReader(bytes, magic.length + 1);
  const header = {
    isSealed: (reader.byte() & 1) === 1,
    salt: reader.raw(saltBytes),
    firstPosition: reader.varint(),
    baseTimeUs: reader.varint(),
    origin: { axisUs: reader.signed(), wallUs: reader.signed() },
    bootId: reader.text(),
    lane: reader.text(),
  };
  if (reader.isShort || !checksumHolds(bytes, 0, reader.offset)) return undefined;
  return { header, endByte: reader.offset + crcBytes };
}

export function encodeFrameHeader(frame: FrameHeader, bodyLength: number, segment: SegmentHeader): Uint8Array {
  const writer = new ByteWriter(64);
  writer.raw(Uint8Array.of(marker | (frame.definesSources ? 1 : 0)));
  writer.varint(bodyLength);
  writer.varint(frame.serial);
  writer.varint(frame.position - segment.firstPosition);
  writer.varint(frame.count);
  writer.signed(frame.firstTimeUs - segment.baseTimeUs);
  writer.varint(frame.firstTimeUs - frame.minTimeUs);
  writer.varint(frame.maxTimeUs - frame.firstTimeUs);
  return writer.view();
}

/** CRC-32 of the parts one after the other, as the 4 bytes that end a header or frame. */
export function checksum(...parts: readonly Uint8Array[]): Uint8Array {
  let value = 0;
  for (const part of parts) value = crc32(part, value);
  return Uint8Array.of(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
}

/** The frame that begins at `startByte`, or undefined if none whole and sound does. `atLeast` rejects frames from before a known point. */
function parseFrame(
  bytes: Uint8Array,
  startByte: number,
  segment: SegmentHeader,
  atLeast?: { serial: number; position: number },
): Frame | undefined {
  const first = bytes[startByte];
  if (first === undefined || (first & 0xfe) !== marker) return undefined;
  const reader = new ByteReader(bytes, startByte + 1);
  const bodyLength = reader.varint();
  const serial = reader.varint();
  const position = segment.firstPosition + reader.varint();
  const count = reader.varint();
  const firstTimeUs = segment.baseTimeUs + reader.signed();
  const minTimeUs = firstTimeUs - reader.varint();
  const maxTimeUs = firstTimeUs + reader.varint();
  const head = bytes.subarray(startByte, reader.offset);
  if (reader.isShort || count === 0 || (atLeast !== undefined && (serial < atLeast.serial || position < atLeast.position)))
    return undefined;
  const body = reader.raw(bodyLength);
  const tag = reader.raw(segment.isSealed ? tagBytes : 0);
  if (reader.isShort || !checksumHolds(bytes, startByte, reader.offset)) return undefined;
  const endByte = reader.offset + crcBytes;
  return {
    definesSources: (first & 1) === 1,
    serial,
    position,
    count,
    firstTimeUs,
    minTimeUs,
    maxTimeUs,
    head,
    body,
    tag,
    startByte,
    endByte,
  };
}

/**
 * All sound frames in order. Damaged bytes are stepped over to the next sound frame, so one bad sector costs the group it hit, never the rest.
 */
export function* scanFrames(bytes: Uint8Array, segment: SegmentHeader, startByte: number): Generator<Frame, void> {
  let at = startByte;
  let atLeast = { serial: 0, position: segment.firstPosition };
  while (at < bytes.length) {
    const frame = parseFrame(bytes, at, segment, atLeast);
    if (frame === undefined) {
      at += 1;
      continue;
    }
    yield frame;
    at = frame.endByte;
    atLeast = { serial: frame.serial + 1, position: frame.position + frame.count };
  }
}

function checksumHolds(bytes: Uint8Array, startByte: number, endByte: number): boolean {
  if (endByte + crcBytes > bytes.length) return false;
  const expected = checksum(bytes.subarray(startByte, endByte));
  return expected.every((byte, i) => bytes[endByte + i] === byte);
}
