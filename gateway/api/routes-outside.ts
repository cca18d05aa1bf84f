/** The routes by which others say something: conditions of other programs of the home, calls for help, and where somebody is. */

import type { Context, Hono } from "hono";
import { type HelpState, type OutsideCondition, outsideLimits } from "../alert/outside-port.ts";
import { isoOf, isoOrNull } from "../runtime/iso-time.ts";
import type { Authority } from "./auth.ts";
import { outsideSchemas } from "./outside-bodies.ts";
import { ofPerson, pageOf } from "./paging.ts";
import { readJson, timeUsOf } from "./request.ts";
import { signedBy } from "./routes-act.ts";
import type { Env } from "./routes-read.ts";
import { presenceToWire } from "./wire.ts";

const { ConditionBody, ActBody, PresenceBody } = outsideSchemas;

/** Adds them to the API app (paths below /api/v1). */
export function addOutsideRoutes(api: Hono<Env>, authority: Authority): void {
  const speaker = (c: Context<Env>, by: string | undefined) => {
    const guest = c.get("guest");
    return { account: guest.id, name: signedBy(guest, by).name };
  };
  const of = (c: Context<Env>) => ({ person: c.req.param("id") ?? "", rule: c.req.param("rule") ?? "" });

  api.get("/conditions", (c) => {
    const { items, ...more } = pageOf(c, ofPerson(c, c.get("view").outside.list()), ({ person, rule }) => `${person}/${rule}`);
    return c.json({ conditions: items.map(conditionToWire), ...more });
  });
  api.put("/people/:id/conditions/:rule", async (c) => {
    authority.permit(c.get("guest"), "raise");
    const { by, lease_s: leaseS = outsideLimits.leaseS.usual, priority = "medium", ...said } = await readJson(c, ConditionBody);
    const { condition, already } = await c.get("view").outside.say(of(c), { ...said, priority, leaseS }, speaker(c, by));
    return c.json({ condition: conditionToWire(condition), already });
  });
  api.delete("/people/:id/conditions/:rule", async (c) => {
    authority.permit(c.get("guest"), "raise");
    const { by } = await readJson(c, ActBody);
    const { condition, already } = await c.get("view").outside.end(of(c), speaker(c, by));
    return c.json({ condition: condition === undefined ? null : conditionToWire(condition), already });
  });

  const helpToWire = (c: Context<Env>, { person, state, by, dueUs, alert }: HelpState) => {
    const leftS = state !== "counting" || dueUs === undefined ? null : Math.max(0, (dueUs - c.get("view").status().timeUs) / 1e6);
    return { person, state, by: by ?? null, due_at: isoOrNull(dueUs), remaining_s: leftS, alert: alert ?? null };
  };
  const person = (c: Context<Env>) => c.req.param("id") ?? "";

  api.get("/people/:id/help", (c) => c.json({ help: helpToWire(c, c.get("view").help.state(person(c))) }));
  for (const [method, act] of [
    ["POST", "call"],
    ["DELETE", "cancel"],
  ] as const)
    api.on(method, "/people/:id/help", async (c) => {
      authority.permit(c.get("guest"), "help");
      const { by } = await readJson(c, ActBody);
      const { help, already } = await c.get("view").help[act](person(c), speaker(c, by).name);
      return c.json({ help: helpToWire(c, help), already });
    });

  api.get("/people/:id/presence", (c) => c.json({ person: person(c), presence: presenceToWire(c.get("view").presence.of(person(c))) }));
  api.put("/people/:id/presence", async (c) => {
    const guest = c.get("guest");
    authority.permit(guest, "presence");
    const { state, until, by } = await readJson(c, PresenceBody);
    const untilUs = timeUsOf(until, "until");
    const saying = { state, ...(untilUs === undefined ? {} : { untilUs }) };
    const { presence, already } = await c.get("view").presence.say(person(c), saying, signedBy(guest, by));
    return c.json({ person: person(c), presence: presenceToWire(presence), already });
  });
}

function conditionToWire({ person, rule, priority, title, text, value, unit, limit, by, alert, ...times }: OutsideCondition) {
  return {
    ...{ person, rule, priority, title, text: text ?? null, value: value ?? null, unit: unit ?? null, limit: limit ?? null, by, alert },
    ...{ since: isoOf(times.sinceUs), said_at: isoOf(times.saidUs), lease_until: isoOf(times.leaseUntilUs) },
  };
}
