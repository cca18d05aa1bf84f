/** What somebody does at the twin with an alert of the home, on its way there: a JSON document that the twin signs. What comes of it is decided at home. */

import { type KeyObject, sign, verify } from "node:crypto";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { nameFrom } from "../../device-drivers/contract/name.ts";
import { readJson } from "../../device-drivers/framing/json-reader.ts";
import { sortedJson } from "./desired.ts";

/** Neither is quieter than what anybody at home may do, and none ends an alert: that is done at home. */
export const actVerbs = ["acknowledge", "reject"] as const;

export const actRoles = ["patient", "caregiver", "admin"] as const;

export interface Act {
  /** 32 hex digits, another one for each press. */
  readonly id: string;
  /** The alert's id. */
  readonly alert: string;
  readonly verb: (typeof actVerbs)[number];
  readonly role: (typeof actRoles)[number];
  /** Who signs it. */
  readonly by: string;
  /** When it was done, by the twin's wall clock, microseconds. */
  readonly atUs: number;
  readonly minutes?: number;
  readonly reason?: string;
}

/** Largest document that is read. */
const maxActBytes = 8192;
const maxAlertId = 200;
const maxReason = 400;

/** What is signed: these lines in UTF-8, the last with sorted keys. */
const signedBytes = (gateway: string, act: Act): Uint8Array => new TextEncoder().encode(`hearth act 1\n${gateway}\n${sortedJson(act)}\n`);

/** On the wire: the act and its `signature`, Ed25519, base64url. */
export function signAct(gateway: string, act: Act, privateKey: KeyObject): string {
  return JSON.stringify({ ...act, signature: sign(null, signedBytes(gateway, act), privateKey).toString("base64url") });
}

/** Reads an act for `gateway` and checks who signed it. @throws GatewayError `act.malformed`, `act.forged` (world). */
export function openAct(gateway: string, bytes: Uint8Array, twinPublicKey: KeyObject): Act {
  const value = readJson(bytes, { maxBytes: maxActBytes })?.value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed();
  const { signature, ...document } = value as Record<string, unknown>;
  if (typeof signature !== "string") throw malformed();
  const act = actOf(document);
  if (!verify(null, signedBytes(gateway, act), twinPublicKey, Buffer.from(signature, "base64url")))
    throw new GatewayError("act.forged", "world", "The act is not signed by the twin.");
  return act;
}

/** The fields that this version knows; any other one is not covered by the signature as this version reckons it, and so refused. */
function actOf({ id, alert, verb: verbName, role: roleName, by, atUs, minutes, reason }: Record<string, unknown>): Act {
  const verb = actVerbs.find((each) => each === verbName);
  const role = actRoles.find((each) => each === roleName);
  const isText = (value: unknown, most: number): value is string => typeof value === "string" && value !== "" && value.length <= most;
  if (typeof id !== "string" || !/^[0-9a-f]{32}$/.test(id) || !isText(alert, maxAlertId) || verb === undefined || role === undefined)
    throw malformed();
  if (typeof by !== "string" || nameFrom(by) !== by || typeof atUs !== "number" || !Number.isSafeInteger(atUs)) throw malformed();
  if (minutes !== undefined && typeof minutes !== "number") throw malformed();
  if (reason !== undefined && !isText(reason, maxReason)) throw malformed();
  return { id, alert, verb, role, by, atUs, ...(minutes === undefined ? {} : { minutes }), ...(reason === undefined ? {} : { reason }) };
}

function malformed(): GatewayError {
  return new GatewayError("act.malformed", "world", "The act is malformed.");
}
