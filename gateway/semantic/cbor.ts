/** The one way in which Hearth writes and reads CBOR towards the twin: plain maps, shortest headers, same bytes for the same value. Never native code. */

import { Decoder } from "cbor-x/decode";
import { Encoder } from "cbor-x/encode";
import { GatewayError } from "../../device-drivers/contract/error.ts";

const options = { useRecords: false, mapsAsObjects: true, variableMapSize: true, tagUint8Array: false } as const;
// With objects as maps off, a Map is written as a plain map too, without the tag of a JavaScript Map.
const encoder = new Encoder({ ...options, mapsAsObjects: false });
const decoder = new Decoder(options);

/** Bytes of a plain value (maps with rising integer or fixed text keys, so that the order is the caller's). */
export function encodeCbor(value: unknown): Uint8Array {
  return new Uint8Array(encoder.encode(value));
}

/** The decoder marks the view it is given, so it gets its own. @throws GatewayError `semantic.bad_cbor` for anything but exactly one item. */
export function decodeCbor(bytes: Uint8Array): unknown {
  try {
    return decoder.decode(bytes.subarray());
  } catch (cause) {
    throw new GatewayError("semantic.bad_cbor", "world", "The bytes are not one CBOR item.", { cause });
  }
}

/** Items of a CBOR sequence (RFC 8742). @throws GatewayError `semantic.bad_cbor` where it breaks off. */
export function decodeCborSequence(bytes: Uint8Array): unknown[] {
  if (bytes.length === 0) return [];
  const items: unknown[] = [];
  try {
    decoder.decodeMultiple(bytes.subarray(), (item: unknown) => void items.push(item));
  } catch (cause) {
    throw new GatewayError("semantic.bad_cbor", "world", "The bytes are not a CBOR sequence.", { cause, fields: { items: items.length } });
  }
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
