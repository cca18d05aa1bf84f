/** `hearth status | devices | alerts | models | outbox`: what the running gateway answers, for people or as JSON. */

import { answerText, type Verb } from "./answers.ts";
import { askGateway } from "./running-gateway.ts";

export async function ask(verb: Verb, options: { json: boolean }): Promise<void> {
  const answer = await askGateway(`${verb}${verb === "alerts" ? "?open=true&limit=500" : ""}`);
  process.stdout.write(options.json ? `${JSON.stringify(answer)}\n` : `${answerText(verb, answer, Date.now())}\n`);
}
