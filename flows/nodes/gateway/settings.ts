/** What the configuration node's dialog stored, as a client needs it. Pure. */

import { baseOf } from "../../client/address.ts";
import { HearthProblem } from "../../client/problem.ts";
import type { Settings } from "../../node-red/host.ts";

interface GatewaySettings {
  readonly base: URL;
  readonly token: string;
  /** A PEM file on the machine that runs Node-RED; undefined = the authorities that Node trusts. */
  readonly caFile: string | undefined;
}

/** Throws `flows.bad_address`, `flows.no_token`. */
export function gatewaySettings(settings: Settings, credentials: Settings): GatewaySettings {
  const text = (value: unknown) => (typeof value === "string" ? value.trim() : "");
  const token = text(credentials.token);
  const base = baseOf(text(settings.address));
  if (token === "") throw new HearthProblem("flows.no_token", "No token is given; make one with `hearth token add`.", 401);
  // A header can't carry anything else, and a token of Hearth has nothing else.
  if (!/^[\w.~+/=-]{1,512}$/.test(token)) throw new HearthProblem("flows.bad_token", "This is no token of Hearth.", 401);
  return { base, token, caFile: text(settings.caFile) || undefined };
}
