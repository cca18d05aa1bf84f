/** Ends a gateway's enrolment at the twin. What it has sent stays; it is let in no more, and nothing that it signs is stored. */

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { loadTwinEnrolment } from "./enrol.ts";
import { openStoreAt, type StorePlace } from "./store/open.ts";
import type { Doing } from "./store/port.ts";

/** In a message. */
const mostNamed = 20;

/**
 * @param place where the twin keeps its state, if it has any yet; a twin that runs on it notices within seconds
 * @param enrolmentDir of the twin, see `enrol`
 * @throws GatewayError `enrol.unknown` (operator), `enrol.incomplete`, `twin.*`
 */
export async function withdrawGateway(gateway: string, place: StorePlace, enrolmentDir: string, doing: Doing): Promise<void> {
  const { listed } = loadTwinEnrolment(enrolmentDir);
  const hasStore = place.database !== undefined || existsSync(join(place.dir, "twin.db"));
  const store = hasStore ? await openStoreAt(place, () => {}) : undefined;
  try {
    const known = new Set([...listed, ...((await store?.enrolled()) ?? []).map((each) => each.gateway)]);
    if (!known.has(gateway)) {
      const says = known.size === 0 ? "it knows none" : `it knows ${[...known].slice(0, mostNamed).join(", ")}`;
      throw new GatewayError("enrol.unknown", "operator", `This twin knows no gateway "${gateway}"; ${says}.`, { fields: { gateway } });
    }
    // The files first: a start in between takes over what they say.
    rmSync(join(enrolmentDir, "gateways", gateway), { recursive: true, force: true });
    await store?.withdraw(gateway, doing);
  } finally {
    await store?.close();
  }
}
