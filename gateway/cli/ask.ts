/** `hearth status | devices | alerts | models | outbox`: what the running gateway answers, for people or as JSON. */

import { answerText, type Verb } from "./answers.ts";
import { askGateway } from "./running-gateway.ts";
import { type Json, say } from "./say.ts";

export async function ask(verb: Verb, options: Json): Promise<void> {
  const answer = await askGateway(`${verb}${verb === "alerts" ? "?open=true&limit=500" : ""}`);
  say(options, answer, answerText(verb, answer, Date.now()));
}
