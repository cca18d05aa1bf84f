/** Ends a gateway's enrolment at the twin. What it has sent stays; it is let in no more, and nothing that it signs is stored. */

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { loadTwinEnrolment } from "./enrol.ts";
import { openStoreAt, type StorePlace } from "./store/open.ts";

/**
 * @param place where the twin keeps its state, if it has any yet; a twin that runs on it notices within seconds
 * @param enrolmentDir of the twin, see `enrol`
 * @throws GatewayError `enrol.unknown` (operator), `enrol.incomplete`, `twin.*`
 */
export async function withdrawGateway(gateway: string, place: StorePlace, enrolmentDir: string): Promise<void> {
  const { listed } = loadTwinEnrolment(enrolmentDir);
  if (!listed.includes(gateway)) {
    const known = listed.length === 0 ? "it knows none" : `it knows ${listed.join(", ")}`;
    throw new GatewayError("enrol.unknown", "operator", `This twin knows no gateway "${gateway}"; ${known}.`, { fields: { gateway } });
  }
  // The files first: a start in between takes over what they say.
  rmSync(join(enrolmentDir, "gateways", gateway), { recursive: true });
  if (place.database === undefined && !existsSync(join(place.dir, "twin.db"))) return;
  const store = await openStoreAt(place, () => {});
  try {
    await store.withdraw(gateway);
  } finally {
    await store.close();
  }
}
