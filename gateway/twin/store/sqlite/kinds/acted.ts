/** A home's answer to an act; the first one stays. */

import type { ActedPayload } from "../../../../semantic/payloads/acted.ts";
import type { PrepareWrite } from "./kind.ts";

export const writeActed: PrepareWrite<ActedPayload> = (db) => {
  const write = db.prepare("UPDATE acts SET outcome = ? WHERE g = ? AND id = ? AND outcome IS NULL");
  return ({ g }, { act, outcome }) => void write.run(outcome, g, act);
};
