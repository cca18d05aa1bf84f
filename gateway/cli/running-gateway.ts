/** The running gateway of this home, asked over its own REST door, as anyone with a token may. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { homeFolder } from "../config/load.ts";

interface Request {
  /** Without one: GET. */
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** `path` stands behind `/api/v1/`. Throws `gateway.not_running` (world) with the way out, or what the gateway refused, under its own code. */
export async function askGateway(path: string, { method = "GET", body }: Request = {}): Promise<Record<string, unknown>> {
  const home = homeFolder();
  const ports = await readJson<{ http?: number }>(join(home, "ports.json"));
  const tokens = await readJson<Record<string, string>>(join(home, "tokens.json"));
  if (ports.http === undefined || tokens.admin === undefined) throw notRunning(home);
  const response = await fetch(`http://127.0.0.1:${ports.http}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${tokens.admin}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause) => {
    throw notRunning(home, cause);
  });
  // Another program may have the port since the gateway ended.
  const answer = (await response.json().catch((cause) => {
    throw notRunning(home, cause);
  })) as Record<string, unknown>;
  if (!response.ok)
    throw new GatewayError(String(answer.code ?? "gateway.refused"), "world", String(answer.detail ?? answer.title ?? response.statusText));
  return answer;
}

/** True for what `askGateway` throws where nobody answers. */
export const isNotRunning = (thrown: unknown) => thrown instanceof GatewayError && thrown.code === "gateway.not_running";

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
