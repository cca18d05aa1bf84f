/**
 * What a person lets leave the house. The person gives and takes back, an admin does so for whoever has no screen, a carer only takes back: what leaves less
 * harms nobody at home, and what leaves more is nobody else's to give.
 */

import type { Hono } from "hono";
import type { GatewayView } from "../view/view-port.ts";
import type { Authority, Guest } from "./auth.ts";
import { type ConsentMay, consentSchemas, consentToWire } from "./consent-wire.ts";
import { readJson } from "./request.ts";
import { signedBy } from "./routes-act.ts";
import type { Env } from "./routes-read.ts";

/** Adds the routes to the API app (paths below /api/v1). */
export function addConsentRoutes(api: Hono<Env>, authority: Authority): void {
  api.get("/people/:id/consent", (c) => {
    const [person, view] = [c.req.param("id"), c.get("view")];
    return c.json(consentToWire(person, view.consent.view(person), mayOf(c.get("guest"), view)));
  });
  api.put("/people/:id/consent", async (c) => {
    const [guest, person, view] = [c.get("guest"), c.req.param("id"), c.get("view")];
    authority.permit(guest, "consent");
    const { by, ...change } = await readJson(c, consentSchemas.ConsentBody);
    const may = mayOf(guest, view);
    const who = { by: signedBy(guest, by).name, mayGive: may === "give" };
    return c.json(consentToWire(person, await view.consent.change(person, change, who), may));
  });
}

/** A patient's token that sees several people says of none of them that it is theirs. */
function mayOf({ role }: Guest, view: Pick<GatewayView, "people">): ConsentMay {
  if (role === "admin" || (role === "patient" && view.people().length === 1)) return "give";
  return role === "integrator" ? "look" : "take_back";
}
