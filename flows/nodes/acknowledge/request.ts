/** Which alert a message means, and what is to be done with it. Pure. */

import { HearthProblem } from "../../client/problem.ts";
import type { Alert } from "../../client/wire.ts";
import type { Message, Settings } from "../../node-red/host.ts";
import { idOf, isObject, numberOf, textOf } from "../message.ts";

interface VerbRequest {
  readonly verb: string;
  readonly path: string;
  readonly body: { readonly by?: string; readonly reason?: string; readonly minutes?: number };
}

const verbs = ["acknowledge", "snooze", "reject", "close"];
const maxNote = 400;
const maxName = 80;

/** The message goes before the dialog. Throws `flows.bad_message`. */
export function verbRequest(settings: Settings, message: Message): VerbRequest {
  const { payload, alert } = message;
  const verb = textOf("verb", maxName, message.verb, settings.verb) ?? "acknowledge";
  if (!verbs.includes(verb)) throw new HearthProblem("flows.bad_message", `'verb' must be one of: ${verbs.join(", ")}.`);
  const id = idOf("alert", isObject(alert) ? alert.id : alert, isObject(payload) ? payload.id : payload);
  const by = textOf("by", maxName, message.by, settings.by);
  const reason = textOf("note", maxNote, message.note, message.reason, settings.note);
  const minutes = numberOf("minutes", message.minutes, settings.minutes);
  return {
    verb,
    path: `/api/v1/alerts/${id}/${verb}`,
    body: {
      ...(by === undefined ? {} : { by }),
      ...(reason === undefined ? {} : { reason }),
      ...(minutes === undefined ? {} : { minutes }),
    },
  };
}

/** Who had done it before, where it had been done. */
export function doneBefore(alert: Alert, already: boolean): string | undefined {
  return already ? (alert.acknowledged_by ?? "") : undefined;
}
