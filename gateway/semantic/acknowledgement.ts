/**
 * What the twin says when it has stored rows: a CBOR map `{e, n, s}` with the outbox's epoch, the rows' numbers and the twin's Ed25519 signature.
 *
 * Signed are the bytes "hearth ack 1", a newline, the gateway's id, a newline (UTF-8), then the same map without s. So nobody but the twin empties an
 * outbox, and no acknowledgement of one home serves in another.
 */

import { type KeyObject, verify } from "node:crypto";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { decodeCbor, encodeCbor, safeInteger, wireInteger } from "./cbor.ts";

interface Acknowledgement {
  /** Outbox epoch, 8 bytes. */
  readonly epoch: Uint8Array;
  /** Rows of that epoch that are stored. */
  readonly numbers: readonly number[];
}

/** More rows than any uplink has on its way at once. */
const maxNumbers = 256;
const maxAckBytes = 4096;
/** The map, its three keys and values, the numbers, and some keys that a newer twin may add. */
const maxItems = maxNumbers + 32;

/** @param sign Ed25519 under the twin's key. */
export function encodeAck(gateway: string, ack: Acknowledgement, sign: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  return encodeCbor({ ...wireOf(ack), s: sign(signedBytes(gateway, ack)) });
}

/** Reads an acknowledgement for `gateway` and checks who signed it. @throws GatewayError `semantic.bad_cbor`, `ack.malformed`, `ack.forged` (world). */
export function openAck(gateway: string, bytes: Uint8Array, twinPublicKey: KeyObject): Acknowledgement {
  const { ack, signature } = parse(bytes);
  if (!verify(null, signedBytes(gateway, ack), twinPublicKey, signature))
    throw new GatewayError("ack.forged", "world", "The acknowledgement is not signed by the twin.");
  return ack;
}

function parse(bytes: Uint8Array): { ack: Acknowledgement; signature: Uint8Array } {
  if (bytes.length > maxAckBytes) throw malformed();
  const item = decodeCbor(bytes, { maxItems });
  if (!(item instanceof Map)) throw malformed();
  const [epoch, listed, signature] = [item.get("e"), item.get("n"), item.get("s")];
  if (!(epoch instanceof Uint8Array) || epoch.length !== 8) throw malformed();
  if (!(signature instanceof Uint8Array) || signature.length !== 64) throw malformed();
  if (!Array.isArray(listed) || listed.length > maxNumbers) throw malformed();
  const numbers = (listed as readonly unknown[]).map(safeInteger).filter((number) => number !== undefined && number >= 0) as number[];
  if (numbers.length !== listed.length) throw malformed();
  return { ack: { epoch, numbers }, signature };
}

function signedBytes(gateway: string, ack: Acknowledgement): Uint8Array {
  return Buffer.concat([Buffer.from(`hearth ack 1\n${gateway}\n`), encodeCbor(wireOf(ack))]);
}

function wireOf({ epoch, numbers }: Acknowledgement): Record<string, unknown> {
  return { e: epoch, n: numbers.map(wireInteger) };
}

function malformed(): GatewayError {
  return new GatewayError("ack.malformed", "world", "The acknowledgement is malformed.");
}
