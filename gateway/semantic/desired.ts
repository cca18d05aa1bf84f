/** The twin's wish for a gateway's settings: a versioned JSON document that the twin signs. Pure text and signatures; what the wish means is decided at home. */

import { type KeyObject, sign, verify } from "node:crypto";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { readJson } from "../../device-drivers/framing/json-reader.ts";

interface Desired {
  /** Rises with every change; a lower or equal one is old. */
  readonly version: number;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What is on the wire: {"version", "settings", "signature"}; the signature is Ed25519, base64url. */
export interface SignedDesired extends Desired {
  readonly signature: string;
}

/** Largest document that is read. */
export const maxDesiredBytes = 65_536;

/** Signed are these bytes: "hearth desired 1", gateway, version and the settings as JSON with sorted keys, each on a line, UTF-8. */
function desiredBytes(gateway: string, { version, settings }: Desired): Uint8Array {
  return new TextEncoder().encode(`hearth desired 1\n${gateway}\n${version}\n${sortedJson(settings)}\n`);
}

export function signDesired(gateway: string, desired: Desired, privateKey: KeyObject): SignedDesired {
  return { ...desired, signature: sign(null, desiredBytes(gateway, desired), privateKey).toString("base64url") };
}

/** Reads a document and checks who signed it. @throws GatewayError `desired.malformed`, `desired.forged` (world). */
export function openDesired(gateway: string, bytes: Uint8Array, publicKey: KeyObject): SignedDesired {
  const { version, settings, signature } = parse(bytes);
  const isWhole = typeof version === "number" && Number.isSafeInteger(version) && version > 0;
  if (!isWhole || !isObject(settings) || typeof signature !== "string") throw malformed();
  const desired: SignedDesired = { version, settings, signature };
  if (!verify(null, desiredBytes(gateway, desired), publicKey, Buffer.from(signature, "base64url"))) {
    throw new GatewayError("desired.forged", "world", "The desired document is not signed by the twin.");
  }
  return desired;
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  const value = readJson(bytes, { maxBytes: maxDesiredBytes })?.value;
  if (!isObject(value)) throw malformed();
  return value;
}

function malformed(): GatewayError {
  return new GatewayError("desired.malformed", "world", "The desired document is malformed.");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Keys in one order at every depth, so that both sides sign the same bytes. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
