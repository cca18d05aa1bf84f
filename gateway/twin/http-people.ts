/** The twin's routes about people: state, vitals, beats, alerts, strip. */

import type { Context, Hono } from "hono";
import { httpError } from "../ops/problem.ts";
import { readTimeUs } from "../ops/request.ts";
import type { TwinEnv, TwinHttpOptions } from "./http.ts";
import type { SpanQuery } from "./store/twin-store.ts";
import { alertToWire, stateToWire, stripToTrace } from "./wire.ts";

const defaultSpanUs = 300_000_000;
const maxRows = 10_000;
const maxAlerts = 500;
const maxStripUs = 600_000_000;

export function addPersonRoutes(api: Hono<TwinEnv>, { store, silenceOf, nowUs }: TwinHttpOptions): void {
  const personOf = (c: Context<TwinEnv, "/people/:id/:rest">): { home: string; person: string } => {
    const home = c.get("home");
    const person = c.req.param("id");
    if (!store.people(home).some(({ id }) => id === person))
      throw httpError("http.not_found", "No person with this id is known here.", "id");
    return { home, person };
  };
  /** The query's span; without one the last five minutes that the twin has. */
  const spanOf = (c: Context, home: string, person: string): SpanQuery => {
    const newestUs = store.state(home, person).asOfUs ?? nowUs();
    const toUs = readTimeUs(c, "to") ?? newestUs + 1;
    const fromUs = readTimeUs(c, "from") ?? toUs - defaultSpanUs;
    if (toUs <= fromUs) throw httpError("http.bad_field", "'to' must be after 'from'.", "to");
    return { fromUs, toUs, limit: maxRows };
  };

  api.get("/people", (c) => c.json({ people: store.people(c.get("home")).map(({ id, name }) => ({ id, name: name ?? null })) }));
  api.get("/people/:id/state", (c) => {
    const { home, person } = personOf(c);
    return c.json(stateToWire(store.state(home, person), store.gateway(home), silenceOf(home), nowUs()));
  });
  api.get("/people/:id/vitals", (c) => {
    const { home, person } = personOf(c);
    return c.json({ person, vitals: store.vitals(home, person, spanOf(c, home, person)) });
  });
  api.get("/people/:id/beats", (c) => {
    const { home, person } = personOf(c);
    const span = spanOf(c, home, person);
    const beats = store.beats(home, person, span);
    return c.json({ person, beats, rhythms: store.rhythms(home, person, span), gaps: store.gaps(home, person, span) });
  });
  api.get("/people/:id/alerts", (c) => {
    const { home, person } = personOf(c);
    const open = c.req.query("open");
    if (open !== undefined && open !== "true" && open !== "false")
      throw httpError("http.bad_field", "'open' must be true or false.", "open");
    return c.json({ person, alerts: store.alerts(home, person, { open: open === "true", limit: maxAlerts }).map(alertToWire) });
  });
  api.get("/people/:id/strip", (c) => {
    const { home, person } = personOf(c);
    const fromUs = readTimeUs(c, "from");
    const toUs = readTimeUs(c, "to");
    if ((fromUs === undefined) !== (toUs === undefined)) throw httpError("http.bad_field", "Give both 'from' and 'to', or neither.", "to");
    const isSpan = fromUs !== undefined && toUs !== undefined;
    if (isSpan && (toUs <= fromUs || toUs - fromUs > maxStripUs))
      throw httpError("http.bad_field", "The span must be 0 to 600 s long.", "to");
    const strips = store.strips(home, person, isSpan ? { fromUs, toUs } : undefined);
    return c.json({ person, ...(isSpan ? { fromUs, toUs } : {}), traces: strips.map(stripToTrace) });
  });
}
