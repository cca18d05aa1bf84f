/** Reads the fields of a message and says which one is wrong. Pure; a value itself is never repeated, it may be a person's. */

import { HearthProblem } from "../client/problem.ts";

export function badMessage(detail: string): HearthProblem {
  return new HearthProblem("flows.bad_message", detail);
}

/** The first of `values` that is there, as a text of at most `max` characters; undefined where none is. Throws `flows.bad_message`. */
export function textOf(name: string, max: number, ...values: unknown[]): string | undefined {
  const value = values.find((each) => each !== undefined && each !== null && each !== "");
  if (value === undefined) return undefined;
  if (typeof value !== "string" && typeof value !== "number") throw badMessage(`'${name}' must be a text.`);
  const text = String(value).trim();
  if (text.length > max) throw badMessage(`'${name}' has ${text.length} characters; ${max} are allowed.`);
  return text === "" ? undefined : text;
}

/** The same as a finite number. */
export function numberOf(name: string, ...values: unknown[]): number | undefined {
  const value = values.find((each) => each !== undefined && each !== null && each !== "");
  if (value === undefined) return undefined;
  const number = typeof value === "string" && value.length < 40 ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw badMessage(`'${name}' must be a number.`);
  return number;
}

/** A text that has to be there, as one part of an address. */
export function idOf(name: string, ...values: unknown[]): string {
  const text = textOf(name, 80, ...values);
  if (text === undefined) throw badMessage(`'${name}' is missing: set it in the dialog or in the message.`);
  return encodeURIComponent(text);
}

/** What a flow says by true, 1, "on", "open" or by false, 0, "off", "closed"; undefined for anything else. */
export function switchOf(value: unknown): boolean | undefined {
  const word = typeof value === "string" && value.length < 12 ? value.trim().toLowerCase() : value;
  if (on.has(word)) return true;
  if (off.has(word)) return false;
  return undefined;
}

const on = new Set<unknown>([true, 1, "1", "true", "on", "yes", "open", "begin", "pressed", "call"]);
const off = new Set<unknown>([false, 0, "0", "false", "off", "no", "closed", "end", "cancel", "released"]);

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
