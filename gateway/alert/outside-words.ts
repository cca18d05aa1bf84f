/** Sentences of alerts that somebody outside the gateway has begun, in their words and with their name. */

import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { RuleText } from "../rules/alert-words.ts";
import { isFromOutside } from "./outside-port.ts";

const ended = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** Undefined for what the gateway itself has found. */
export function outsideWords({ rule, person, said }: AlertRecord): RuleText | undefined {
  if (said === undefined || !isFromOutside(rule)) return undefined;
  const { by, title = rule, text } = said;
  if (rule === "manual.help")
    return {
      title: (w) => `${w.person} calls for help`,
      body: (w) => `Since ${w.since}, pressed by ${by}. Go to ${w.person} or call now; call emergency services if there is no answer.`,
      clear: (w) => `${w.person}: the call for help is over.`,
    };
  const whose = (name: string) => (person === "gateway" ? title : `${name}: ${title}`);
  const own = text === undefined ? "" : `${ended(text)} `;
  return {
    title: (w) => whose(w.person),
    body: (w) =>
      `${own}${w.hasValue ? `Value ${w.value}. ` : ""}Since ${w.since}. Raised by ${by}, another program of this home, not by the gateway's own rules.`,
    clear: (w) => `Over: ${whose(w.person)}`,
  };
}
