/** What a message asks of the twin. Pure. */

import type { Message, Settings } from "../../node-red/host.ts";
import { badMessage, idOf, isObject, textOf } from "../message.ts";

const ofPerson = ["state", "vitals", "beats", "alerts", "strip", "pose", "forecast"];

/** The path below /api/v1/twin/ of the gateway. `what` and `person`, `from`, `to` of the message go before the dialog. Throws `flows.bad_message`. */
export function twinPath(settings: Settings, message: Message): string {
  const what = textOf("what", 20, message.what, settings.what) ?? "state";
  if (what === "gateways" || what === "people") return `/api/v1/twin/${what}`;
  if (!ofPerson.includes(what)) throw badMessage(`'what' must be one of: ${["gateways", "people", ...ofPerson].join(", ")}, desired.`);
  const query = ["from", "to"].flatMap((name) => {
    const time = textOf(name, 40, message[name]);
    return time === undefined ? [] : `${name}=${encodeURIComponent(time)}`;
  });
  return `/api/v1/twin/people/${idOf("person", message.person, settings.person)}/${what}${query.length === 0 ? "" : `?${query.join("&")}`}`;
}

/** A document as the twin keeps it: what is wished of a gateway. */
export interface Desired {
  readonly version: number;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The wish with the message's settings put into it; null takes one out. A wish is sent whole, so what the message does not name stays as it is. */
export function wishOf(before: Desired | null, payload: unknown): { settings: Record<string, unknown>; version: number } {
  if (!isObject(payload)) throw badMessage("'payload' must be an object of settings.");
  const settings: Record<string, unknown> = { ...before?.settings };
  for (const [name, value] of Object.entries(payload)) {
    if (value === null) delete settings[name];
    else settings[name] = value;
  }
  return { settings, version: before?.version ?? 0 };
}
