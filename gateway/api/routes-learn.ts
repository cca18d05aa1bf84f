/** What is usual for a person: how far it is learnt, "this is normal for me", and its ways back. */

import type { Hono } from "hono";
import { isoOf } from "../runtime/iso-time.ts";
import type { Authority } from "./auth.ts";
import { learnActToWire, learnBodies, learningToWire } from "./learning-wire.ts";
import { httpError } from "./problem.ts";
import { readJson, VerbBody } from "./request.ts";
import { signedBy } from "./routes-act.ts";
import type { Env } from "./routes-read.ts";

/** Adds the routes to the API app (paths below /api/v1). */
export function addLearnRoutes(api: Hono<Env>, authority: Authority): void {
  api.get("/people/:id/learning", (c) => {
    const id = c.req.param("id");
    const view = c.get("view");
    const acts = view.setup.learnActs(id);
    const learning = view.people().find((person) => person.id === id)?.learning ?? [];
    return c.json({ person: id, learning: learning.map(learningToWire), acts: acts.map(learnActToWire).reverse() });
  });
  api.post("/people/:id/learning", async (c) => {
    const guest = c.get("guest");
    authority.permit(guest, "learn");
    const person = c.req.param("id");
    const { act, number, placement, by } = await readJson(c, learnBodies.LearningBody);
    if (act === "undo" && number === undefined) throw httpError("http.bad_field", "'number' says what is taken back.", "number");
    const said = act === "undo" ? { kind: act, number: number ?? 0 } : { kind: act, ...(placement === undefined ? {} : { of: placement }) };
    const dated = await c.get("view").setup.learn(person, said, signedBy(guest, by).name);
    return c.json({ person, number: dated.number, from: isoOf(dated.fromUs) });
  });
  api.post("/alerts/:id/normal", async (c) => {
    const guest = c.get("guest");
    authority.permit(guest, "learn");
    const view = c.get("view");
    const { by, name } = await readJson(c, VerbBody);
    const alert = await view.alert(c.req.param("id"));
    if (alert?.evidence === undefined)
      throw httpError("http.not_found", "There is no alert with this id whose heartbeats could be called normal.", "id");
    const { of, model, beats: evidence } = alert.evidence;
    const act = { kind: "normal", model: model.id, of, evidence, alert: alert.id } as const;
    const dated = await view.setup.learn(alert.person, act, signedBy(guest, by ?? name).name);
    return c.json({ person: alert.person, number: dated.number, from: isoOf(dated.fromUs) });
  });
}
