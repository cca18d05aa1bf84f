/** Tells the dialog what is wrong with a descriptor while it is being made. */

import { problemOf } from "../../client/problem.ts";
import type { Settings } from "../../node-red/host.ts";
import type { Red } from "../../node-red/red-api.ts";
import { outSettings } from "./settings.ts";

export function registerStreamCheck(RED: Red): void {
  const answer = ({ body = {} }: { body?: Settings }, response: { json(value: object): void }) => {
    response.json({ fault: faultIn(body) ?? null });
  };
  RED.httpAdmin.post("/hearth-stream-out/check", RED.auth.needsPermission("flows.write"), answer);
}

function faultIn(settings: Settings): string | undefined {
  try {
    outSettings(settings);
    return undefined;
  } catch (error) {
    return problemOf(error).message;
  }
}
