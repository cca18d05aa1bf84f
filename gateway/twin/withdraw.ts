/** Ends a gateway's enrolment at the twin. What it has sent stays; it is let in no more, and nothing that it signs is stored. */

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { loadTwinEnrolment } from "./enrol.ts";
import { openTwinStore } from "./store/sqlite/store.ts";

/**
 * @param dir of the twin's database, where it has one already; a twin that runs on it notices within seconds
 * @param enrolmentDir of the twin, see `enrol`
 * @throws GatewayError `enrol.unknown` (operator), `enrol.incomplete`, `twin.*`
 */
export async function withdrawGateway(gateway: string, dir: string, enrolmentDir: string): Promise<void> {
  const { listed } = loadTwinEnrolment(enrolmentDir);
  if (!listed.includes(gateway)) {
    const known = listed.length === 0 ? "it knows none" : `it knows ${listed.join(", ")}`;
    throw new GatewayError("enrol.unknown", "operator", `This twin knows no gateway "${gateway}"; ${known}.`, { fields: { gateway } });
  }
  // The files first: a start in between takes over what they say.
  rmSync(join(enrolmentDir, "gateways", gateway), { recursive: true });
  if (!existsSync(join(dir, "twin.db"))) return;
  const store = openTwinStore(dir, () => {});
  try {
    await store.withdraw(gateway);
  } finally {
    await store.close();
  }
}
