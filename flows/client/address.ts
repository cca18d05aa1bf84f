/** The gateway's address as people type it. Pure. */

import { HearthProblem } from "./problem.ts";

/** `192.168.1.20:8099`, `http://hearth.local:8099/` … as a base without a path. Throws `flows.bad_address`. */
export function baseOf(typed: string): URL {
  const text = typed.trim();
  if (text === "") throw new HearthProblem("flows.bad_address", "No address of a gateway is given.");
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || !["http:", "https:"].includes(url.protocol))
    throw new HearthProblem("flows.bad_address", `"${text.slice(0, 80)}" is no address such as http://192.168.1.20:8099.`);
  if (url.username !== "" || url.password !== "")
    throw new HearthProblem("flows.bad_address", "Put the token into its own field, not into the address.");
  if (!["", "/"].includes(url.pathname) || url.search !== "" || url.hash !== "")
    throw new HearthProblem("flows.bad_address", "The address ends after the port; leave out what follows.");
  return url;
}
