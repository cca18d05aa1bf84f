/** Finds the entry of a list that hearth.yaml names by its kind. */

import { GatewayError } from "../../device-drivers/contract/error.ts";

/** Throws `config.unknown_<what>` (operator) with the kinds that there are. */
export function kindOf<Entry extends { readonly kind: string }>(what: "link" | "channel", kind: string, entries: readonly Entry[]): Entry {
  const found = entries.find((entry) => entry.kind === kind);
  if (found !== undefined) return found;
  const known = entries.map((entry) => entry.kind).join(", ");
  throw new GatewayError(`config.unknown_${what}`, "operator", `There is no ${what} "${kind}"; there are ${known}.`, { fields: { kind } });
}
