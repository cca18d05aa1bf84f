/** The twin's routes that act on a home's alerts. The home decides; until it has answered an act waits. */

import type { Hono } from "hono";
import Type from "typebox";
import { nameFrom, plainPattern } from "../../device-drivers/contract/name.ts";
import { httpError } from "../api/problem.ts";
import { readJson } from "../api/request.ts";
import { isoOrNull } from "../runtime/iso-time.ts";
import { actRoles, actVerbs } from "../semantic/act.ts";
import type { TwinEnv, TwinHttpOptions } from "./http-options.ts";
import type { StoredAct } from "./store/port.ts";
import { alertToWire } from "./wire.ts";

export const ActBody = Type.Object(
  {
    by: Type.String({ minLength: 1, maxLength: 64, description: "Name of the person who acts." }),
    minutes: Type.Optional(
      Type.Number({ minimum: 1, maximum: 720, description: "How long it stays quiet; the home says which it takes." }),
    ),
    reason: Type.Optional(
      Type.String({ minLength: 1, maxLength: 400, pattern: plainPattern, description: "A note that everybody who is told of it sees." }),
    ),
  },
  { additionalProperties: false },
);

export function addActRoutes(api: Hono<TwinEnv>, { store, putAct }: Pick<TwinHttpOptions, "store" | "putAct">): void {
  for (const verb of actVerbs) {
    api.post(`/alerts/:id/${verb}`, async (c) => {
      const [home, given] = [c.get("home"), c.get("role")];
      const role = actRoles.find((each) => each === given);
      if (role === undefined || (verb === "reject" && role === "patient"))
        throw httpError("http.forbidden", `The role ${given} may not ${verb} an alert.`);
      const { by, minutes, reason } = await readJson(c, ActBody);
      const name = nameFrom(by);
      if (name === undefined) throw httpError("http.bad_field", "'by' must be a name.", "by");
      const more = { ...(minutes === undefined ? {} : { minutes }), ...(reason === undefined ? {} : { reason }) };
      const act = await putAct(home, { alert: c.req.param("id"), verb, role, by: name, ...more });
      const alert = await store.alert(home, act.alert);
      return c.json({ alert: alert === undefined ? null : alertToWire(alert), act: actToWire(act) }, act.outcome === undefined ? 202 : 200);
    });
  }
  api.get("/acts/:id", async (c) => {
    const act = await store.act(c.get("home"), c.req.param("id"));
    if (act === undefined) throw httpError("http.not_found", "No act with this id is known here.", "id");
    return c.json({ act: actToWire(act) });
  });
}

/** `state`: `waiting` until the home has answered, `done`, `already`, or the code with which the home has refused it. */
function actToWire({ id, alert, atUs, outcome = "waiting" }: StoredAct) {
  return { id, alert, at: isoOrNull(atUs), state: outcome };
}
