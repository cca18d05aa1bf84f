/** The twin's routes about itself: what a token opens here, and what its operator was told. */

import type { Hono } from "hono";
import { httpError } from "../api/problem.ts";
import { isoOf, isoOrNull } from "../runtime/iso-time.ts";
import type { TwinEnv, TwinHttpOptions } from "./http-options.ts";
import type { Incident } from "./store/port.ts";

const maxIncidents = 50;
/** What a page lists; each of the others is asked for by its name. */
const maxHomes = 500;

export function addHomeRoutes(api: Hono<TwinEnv>, { store, nowUs, version }: Pick<TwinHttpOptions, "store" | "nowUs" | "version">): void {
  api.get("/status", (c) =>
    c.json({
      ...{ version, time: isoOf(nowUs()), homes_count: c.get("opened").length },
      homes: c
        .get("opened")
        .slice(0, maxHomes)
        .map(({ gateway, role }) => ({ id: gateway, role })),
    }),
  );
  api.get("/incidents", async (c) => {
    // Of all homes together, as the metrics are.
    if (!c.get("opened").some(({ role }) => role === "admin" || role === "integrator"))
      throw httpError("http.forbidden", "Only the roles admin and integrator may read incidents.");
    return c.json({ incidents: (await store.incidents(maxIncidents)).map(incidentToWire) });
  });
}

function incidentToWire({ openedUs, gateways, of, endedUs }: Incident) {
  return { opened_at: isoOf(openedUs), ended_at: isoOrNull(endedUs), gateways, of };
}
