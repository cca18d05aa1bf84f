/** The routes that change something: alert verbs, who wears what, and the demo's buttons. Each asks the authority first. */

import type { Hono } from "hono";
import { nameFrom } from "../../device-drivers/contract/name.ts";
import { alertVerbs } from "../alert/verbs.ts";
import type { Caller } from "../view/view-port.ts";
import type { Authority, Guest } from "./auth.ts";
import { httpError } from "./problem.ts";
import { readJson, timeUsOf, VerbBody, WearingBody } from "./request.ts";
import type { Env } from "./routes-read.ts";
import type { createUploads } from "./upload.ts";
import { alertToWire, type Wording } from "./wire.ts";

interface ActParts {
  readonly wording: Wording;
  readonly authority: Authority;
  readonly uploads: ReturnType<typeof createUploads>;
}

/** Adds the acting routes to the API app (paths below /api/v1). */
export function addActRoutes(api: Hono<Env>, { wording, authority, uploads }: ActParts): void {
  for (const { verb } of alertVerbs) {
    api.post(`/alerts/:id/${verb}`, async (c) => {
      const guest = c.get("guest");
      authority.permit(guest, verb);
      const body = await readJson(c, VerbBody);
      const outcome = await c.get("view").act(c.req.param("id"), verb, signedBy(guest, body.by ?? body.name), {
        ...(body.minutes === undefined ? {} : { minutes: body.minutes }),
        ...(body.reason === undefined ? {} : { reason: body.reason }),
      });
      return c.json({ alert: alertToWire(outcome.alert, wording), already: outcome.already });
    });
  }

  api.put("/devices/:id/wearing", async (c) => {
    const guest = c.get("guest");
    authority.permit(guest, "assign");
    const view = c.get("view");
    const device = c.req.param("id");
    if (!view.devices().some((known) => known.id === device))
      throw httpError("http.not_found", "No device with this id is known here.", "id");
    const body = await readJson(c, WearingBody);
    const person = body.person ?? undefined;
    if (person !== undefined && !view.people().some((known) => known.id === person)) {
      throw httpError(
        "http.bad_field",
        `'person' must be one of: ${view
          .people()
          .map((known) => known.id)
          .join(", ")}.`,
        "person",
      );
    }
    const sinceUs = timeUsOf(body.since, "since");
    await view.setup.wear(device, person, body.placement ?? "", signedBy(guest, undefined).name, sinceUs);
    return c.json({ device, person: person ?? null, placement: body.placement ?? "" });
  });

  api.get("/demo/actions", (c) => c.json({ actions: c.get("view").demoActions() }));
  api.post("/demo/actions/:id", async (c) => {
    authority.permit(c.get("guest"), "demo");
    const view = c.get("view");
    const id = c.req.param("id");
    if (!view.demoActions().some((action) => action.id === id)) throw httpError("http.not_found", "There is no such demo action.", "id");
    const isForm = (c.req.header("content-type") ?? "").startsWith("multipart/form-data");
    await (isForm ? uploads.read(c, (files) => view.demoAct(id, files)) : view.demoAct(id, undefined));
    return c.json({ actions: view.demoActions() });
  });
}

/** A shared role token signs with the name that the request brings; a personal token with its own. */
export function signedBy(guest: Guest, by: string | undefined): Caller {
  const name = guest.isNamed || by === undefined ? guest.name : nameFrom(by);
  if (name === undefined) throw httpError("http.bad_field", "'by' must be a name.", "by");
  return { role: guest.role, name };
}
