/** `hearth status | devices | alerts | models | outbox`: asks the running gateway over its own REST door, as anyone may. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { homeFolder } from "../config/load.ts";
import { answerText, type Verb } from "./answers.ts";

type Answer = Record<string, unknown>;

/** Throws `gateway.not_running` (world) with the way out. */
export async function ask(verb: Verb, options: { json: boolean }): Promise<void> {
  const home = homeFolder();
  const ports = await readJson<{ http?: number }>(join(home, "ports.json"));
  const tokens = await readJson<Record<string, string>>(join(home, "tokens.json"));
  if (ports.http === undefined || tokens.admin === undefined) throw notRunning(home);
  const response = await fetch(`http://127.0.0.1:${ports.http}/api/v1/${verb}${verb === "alerts" ? "?open=true&limit=500" : ""}`, {
    headers: { authorization: `Bearer ${tokens.admin}` },
  }).catch((cause) => {
    throw notRunning(home, cause);
  });
  // Another program may have the port since the gateway ended.
  const answer = (await response.json().catch((cause) => {
    throw notRunning(home, cause);
  })) as Answer;
  if (!response.ok)
    throw new GatewayError(String(answer.code ?? "gateway.refused"), "world", String(answer.detail ?? answer.title ?? response.statusText));
  process.stdout.write(options.json ? `${JSON.stringify(answer)}\n` : `${answerText(verb, answer, Date.now())}\n`);
}

async function readJson<T>(path: string): Promise<Partial<T>> {
  return readFile(path, "utf8").then(
    (text) => JSON.parse(text) as T,
    () => ({}),
  );
}

function notRunning(home: string, cause?: unknown): GatewayError {
  return new GatewayError(
    "gateway.not_running",
    "world",
    `No gateway answers for ${home}. Start one with "npm start", or set HEARTH_HOME to the folder of the one that runs.`,
    {
      cause,
    },
  );
}
