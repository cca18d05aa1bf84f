/** What a message asks for, and how a call for help looks. Pure. */

import type { Look, Message, Settings, StatusLine } from "../../node-red/host.ts";
import { badMessage, idOf, isObject, switchOf, textOf } from "../message.ts";

export interface HelpCall {
  readonly person: string;
  /** counting: it can be taken back; told: the alert is open and waits for a named person. */
  readonly state: "none" | "counting" | "told";
  readonly by: string | null;
  readonly due_at: string | null;
  readonly remaining_s: number | null;
  readonly alert: string | null;
}

interface HelpRequest {
  readonly method: "POST" | "DELETE";
  readonly person: string;
  readonly body: { readonly by?: string };
}

/** `payload`: true, "on", "pressed" … calls, false, "off", "cancel" … takes it back. Throws `flows.bad_message` for what says neither. */
export function helpRequest(settings: Settings, message: Message): HelpRequest {
  const { payload } = message;
  const said = isObject(payload) ? payload : {};
  const calls = switchOf(isObject(payload) ? (said.call ?? said.action) : payload);
  if (calls === undefined) throw badMessage("'payload' says neither call nor cancel: send true or false.");
  const by = textOf("by", 80, said.by, message.by, settings.by);
  return {
    method: calls ? "POST" : "DELETE",
    person: idOf("person", said.person, message.person, settings.person),
    body: by === undefined ? {} : { by },
  };
}

export function lookOf({ state, remaining_s: leftS }: HelpCall): Required<StatusLine> {
  const looks: Readonly<Record<HelpCall["state"], Look>> = { none: "good", counting: "waiting", told: "attention" };
  return { look: looks[state], key: `help.status.${state}`, values: { left: Math.ceil(leftS ?? 0) } };
}

/** Once a second while it counts; undefined when there is nothing to wait for. */
export function nextLookMs({ state, remaining_s: leftS }: HelpCall): number | undefined {
  return state === "counting" ? Math.min(1000, Math.max(100, (leftS ?? 1) * 1000)) : undefined;
}
