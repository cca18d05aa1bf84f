/** Reads fields of a payload's content, which nobody vouches for. Each throws GatewayError `semantic.undecodable`. */

import { undecodable } from "../bits.ts";
import { safeInteger } from "../cbor.ts";

type Fields = ReadonlyMap<unknown, unknown>;

export function fields(content: unknown): Fields {
  if (!(content instanceof Map)) throw undecodable("it is no map");
  return content;
}

export function text(value: unknown): string {
  if (typeof value !== "string") throw undecodable("a text is missing");
  return value;
}

export function integer(value: unknown): number {
  const whole = safeInteger(value);
  if (whole === undefined) throw undecodable("a whole number is missing");
  return whole;
}

export function real(value: unknown): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw undecodable("a number is missing");
  return number;
}

export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw undecodable("a list is missing");
  return value;
}
