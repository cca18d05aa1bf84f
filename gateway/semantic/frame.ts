/**
 * A frame towards the twin: the envelope of one outbox row, signed under the gateway's enrolled key. It never looks into the payload.
 *
 * Bytes: a CBOR map with the text keys v g e n c t p [h] s in this order, integers in shortest form, e p s as byte strings, h only when true.
 * Signed are exactly the bytes of the same map without its last entry s (so the map head counts one less), in the same order.
 * c is the index in `trafficClasses`: 0 alert, 1 status, 2 semantic, 3 raw.
 * v is 1, and 2 for a frame that must be understood: a twin which can't read its payload, or knows no version 2, does not acknowledge it.
 */

import { type KeyObject, verify } from "node:crypto";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type TrafficClass, trafficClasses } from "../../device-drivers/contract/event.ts";
import type { CborValue } from "../../device-drivers/framing/cbor-reader.ts";
import { decodeCbor, encodeCbor, safeInteger, wireInteger } from "./cbor.ts";

const versions = { plain: 1, mustBeUnderstood: 2 } as const;
/** Largest frame that is read; a strip of ten minutes at 1 kHz stays below. */
export const maxFrameBytes = 4 << 20;
/** An envelope is a map of nine keys with nothing inside them. */
const maxFrameItems = 32;

export interface FrameFields {
  /** Gateway id, [a-z0-9][a-z0-9-]{0,31}. */
  readonly g: string;
  /** Outbox epoch, 8 bytes. */
  readonly e: Uint8Array;
  /** Sequence in the epoch, from 0. */
  readonly n: number;
  readonly c: TrafficClass;
  /** Time of the row on the gateway's axis, microseconds. */
  readonly t: number;
  readonly p: Uint8Array;
  /** Historical: it waited for the uplink. */
  readonly h?: boolean;
  /** It asks for something, and is never kept for a later version to read. */
  readonly mustBeUnderstood?: boolean;
}

export interface Frame extends FrameFields {
  /** Ed25519 signature, 64 bytes. */
  readonly s: Uint8Array;
}

const idPattern = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** The bytes that the signature covers. */
export function signedBytes(fields: FrameFields): Uint8Array {
  return encodeCbor(wireOf(fields));
}

/** @throws GatewayError `semantic.bad_frame` (bug) for fields outside their ranges. */
export function encodeFrame(fields: FrameFields, sign: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const wrong = wrongField(fields);
  if (wrong !== undefined) {
    throw new GatewayError("semantic.bad_frame", "bug", `a frame's field ${wrong} is out of range`, { fields: { field: wrong } });
  }
  const wire = wireOf(fields);
  return encodeCbor({ ...wire, s: sign(encodeCbor(wire)) });
}

/** Reads and checks every field but the signature. @throws GatewayError `semantic.bad_cbor`, `semantic.bad_frame`, `semantic.wrong_version` (world). */
export function parseFrame(bytes: Uint8Array): Frame {
  if (bytes.length > maxFrameBytes) throw malformed("size");
  return frameOf(decodeCbor(bytes, { maxItems: maxFrameItems }));
}

const frameKeys = new Set(["v", "g", "e", "n", "c", "t", "p", "h", "s"]);

/** A decoded CBOR item as a frame; errors as in `parseFrame`. */
export function frameOf(item: CborValue): Frame {
  if (!(item instanceof Map)) throw malformed("map");
  const field = (key: string): CborValue => item.get(key);
  const version = field("v");
  if (version !== versions.plain && version !== versions.mustBeUnderstood)
    throw new GatewayError("semantic.wrong_version", "world", "The frame has another version.");
  if ([...item.keys()].some((key) => typeof key !== "string" || !frameKeys.has(key))) throw malformed("keys");
  const [g, e, p, h, s] = [field("g"), field("e"), field("p"), field("h"), field("s")];
  const index = safeInteger(field("c"));
  const name = index === undefined ? undefined : trafficClasses[index];
  const number = safeInteger(field("n"));
  const timeUs = safeInteger(field("t"));
  if (typeof g !== "string") throw malformed("g");
  if (!(e instanceof Uint8Array)) throw malformed("e");
  if (number === undefined) throw malformed("n");
  if (name === undefined) throw malformed("c");
  if (timeUs === undefined) throw malformed("t");
  if (!(p instanceof Uint8Array)) throw malformed("p");
  if (h !== undefined && h !== true) throw malformed("h");
  if (!(s instanceof Uint8Array) || s.length !== 64) throw malformed("s");
  const fields: FrameFields = { g, e, n: number, c: name, t: timeUs, p, ...(h === true ? { h } : {}) };
  if (version === versions.mustBeUnderstood) Object.assign(fields, { mustBeUnderstood: true });
  const wrong = wrongField(fields);
  if (wrong !== undefined) throw malformed(wrong);
  return { ...fields, s };
}

/** True if the frame was signed by the owner of the Ed25519 key. */
export function verifyFrame(frame: Frame, publicKey: KeyObject): boolean {
  return verify(null, signedBytes(frame), publicKey, frame.s);
}

function wireOf({ g, e, n, c, t, p, h, mustBeUnderstood }: FrameFields): Record<string, unknown> {
  const v = mustBeUnderstood === true ? versions.mustBeUnderstood : versions.plain;
  const base = { v, g, e, n: wireInteger(n), c: trafficClasses.indexOf(c), t: wireInteger(t), p };
  return h === true ? { ...base, h } : base;
}

function wrongField({ g, e, n, t }: FrameFields): string | undefined {
  if (!idPattern.test(g)) return "g";
  if (e.length !== 8) return "e";
  if (!Number.isSafeInteger(n) || n < 0) return "n";
  if (!Number.isSafeInteger(t) || t < 0) return "t";
  return undefined;
}

function malformed(field: string): GatewayError {
  return new GatewayError("semantic.bad_frame", "world", "The frame is malformed.", { fields: { field } });
}
