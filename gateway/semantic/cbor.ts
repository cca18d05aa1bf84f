/** The one way in which Hearth writes and reads CBOR towards the twin: plain maps, shortest headers, same bytes for the same value. Never native code. */

import { Encoder } from "cbor-x/encode";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type CborLimits, type CborValue, readCbor, readCborSequence } from "../../device-drivers/framing/cbor-reader.ts";

// With objects as maps off, a Map is written as a plain map too, without the tag of a JavaScript Map.
const encoder = new Encoder({ useRecords: false, mapsAsObjects: false, variableMapSize: true, tagUint8Array: false });

/** Bytes of a plain value (maps with rising integer or fixed text keys, so that the order is the caller's). */
export function encodeCbor(value: unknown): Uint8Array {
  return new Uint8Array(encoder.encode(wellFormed(value)));
}

/** Texts from people may hold half a character, which UTF-8 can't carry: it goes as U+FFFD. */
function wellFormed(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (value instanceof Map) return new Map([...value].map(([key, inner]) => [key, wellFormed(inner)]));
  return value;
}

/** One item. @param limits what the caller expects of it. @throws GatewayError `semantic.bad_cbor` for anything but exactly one item within the limits. */
export function decodeCbor(bytes: Uint8Array, limits?: CborLimits): CborValue {
  const read = readCbor(bytes, limits);
  if (read === undefined) throw new GatewayError("semantic.bad_cbor", "world", "The bytes are not one CBOR item.");
  return read.value;
}

/** Items of a CBOR sequence (RFC 8742). @throws GatewayError `semantic.bad_cbor` where it breaks off. */
export function decodeCborSequence(bytes: Uint8Array): CborValue[] {
  const items = readCborSequence(bytes);
  if (items === undefined) throw new GatewayError("semantic.bad_cbor", "world", "The bytes are not a CBOR sequence.");
  return items;
}

/** A whole number that JavaScript holds exactly, also where CBOR carried it in 64 bits; undefined for anything else. */
export function safeInteger(value: unknown): number | undefined {
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}

/** How a whole number is written so that its bytes are CBOR's shortest integer: beyond 32 bits cbor-x would write a float. */
export function wireInteger(value: number): number | bigint {
  return value > 0xffff_ffff ? BigInt(value) : value;
}
