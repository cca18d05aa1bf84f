/** A home's answer to an act; the first one stays. */

import type { ActedPayload } from "../../../../semantic/payloads/acted.ts";
import type { Write } from "./kind.ts";

export const writeActed: Write<ActedPayload> = async (ask, { g }, { act, outcome }) => {
  await ask("UPDATE acts SET outcome = $3 WHERE g = $1 AND id = $2 AND outcome IS NULL", [g, act, outcome]);
};
