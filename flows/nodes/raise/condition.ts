/** What a message says of a condition: begin or go on, or that it is over. Pure. */

import type { Message, Settings } from "../../node-red/host.ts";
import { badMessage, idOf, isObject, numberOf, switchOf, textOf } from "../message.ts";

export interface ConditionRequest {
  readonly method: "PUT" | "DELETE";
  readonly path: string;
  readonly body: Readonly<Record<string, string | number>>;
}

const max = { title: 80, text: 400, unit: 16, by: 80, word: 8 };

/**
 * `payload`: true, "on" … begins or says it again, false, "off" … or null ends it; a number says it again with that value; an object has any of the fields
 * below, and `active` for the switch. Fields of the message go before those of the dialog. Throws `flows.bad_message`.
 */
export function conditionRequest(settings: Settings, message: Message): ConditionRequest {
  const { payload } = message;
  const said = isObject(payload) ? payload : {};
  const pick = (name: string) => [said[name], message[name], settings[name]];
  const rule = idOf("rule", ...pick("rule"));
  if (!/^flow\.[a-z0-9.-]+$/.test(rule))
    throw badMessage("'rule' must begin with 'flow.' and go on with small letters, digits, dots and dashes.");
  const path = `/api/v1/people/${idOf("person", ...pick("person"))}/conditions/${rule}`;
  const by = textOf("by", max.by, ...pick("by"));
  const signed: Record<string, string> = by === undefined ? {} : { by };
  if (!isActive(payload, said)) return { method: "DELETE", path, body: signed };
  const given = {
    title: textOf("title", max.title, ...pick("title")),
    text: textOf("text", max.text, ...pick("text")),
    priority: textOf("priority", max.word, ...pick("priority")),
    value: numberOf("value", typeof payload === "number" ? payload : undefined, said.value, message.value),
    unit: textOf("unit", max.unit, ...pick("unit")),
    limit: numberOf("limit", ...pick("limit")),
    lease_s: numberOf("lease_s", said.lease_s, message.lease_s, settings.leaseS),
    ...signed,
  };
  if (given.title === undefined) throw badMessage("'title' is missing: what is so, in a few words.");
  const body = Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string | number] => entry[1] !== undefined));
  return { method: "PUT", path, body };
}

/** A number is a value, not a switch. */
function isActive(payload: unknown, said: Readonly<Record<string, unknown>>): boolean {
  if (payload === null || payload === undefined) return false;
  if (typeof payload === "number") return true;
  if (isObject(payload)) return said.active === undefined || switchOf(said.active) === true;
  const active = switchOf(payload);
  if (active === undefined) throw badMessage("'payload' says neither on nor off: send true, false, a number or an object.");
  return active;
}
