/** The twin's routes about a longer time of a person: a row a minute, rhythms, and what was watched of it. */

import type { Hono } from "hono";
import { httpError } from "../api/problem.ts";
import type { TwinEnv, TwinHttpOptions } from "./http-options.ts";
import { personQuery } from "./person-query.ts";

const maxParts = 48;
const maxCoverageUs = 40 * 86_400_000_000;

/** Into how many parts of equal length a span is told. */
function partsOf(text = "1"): number {
  const parts = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (parts < 1 || parts > maxParts) throw httpError("http.bad_field", `'parts' must be a number from 1 to ${maxParts}.`, "parts");
  return parts;
}

export function addDayRoutes(api: Hono<TwinEnv>, options: Pick<TwinHttpOptions, "store" | "nowUs" | "names">): void {
  const { store } = options;
  const { personOf, spanOf } = personQuery(options);

  api.get("/people/:id/minutes", async (c) => {
    const { home, person } = await personOf(c);
    const code = c.req.query("code");
    const span = { ...(await spanOf(c, home, person)), ...(code === undefined ? {} : { code }) };
    return c.json({ person, minutes: await store.minutes(home, person, span) });
  });
  api.get("/people/:id/rhythms", async (c) => {
    const { home, person } = await personOf(c);
    const span = await spanOf(c, home, person);
    const [rhythms, gaps] = await Promise.all([store.rhythms(home, person, span), store.gaps(home, person, span)]);
    return c.json({ person, rhythms, gaps });
  });
  api.get("/people/:id/coverage", async (c) => {
    const { home, person } = await personOf(c);
    const { fromUs, toUs } = await spanOf(c, home, person);
    if (toUs - fromUs > maxCoverageUs) throw httpError("http.bad_field", "What was watched is told of at most 40 days at once.", "to");
    const parts = partsOf(c.req.query("parts"));
    const spans = Array.from({ length: parts }, (_, i) =>
      [0, 1].map((more) => fromUs + Math.round(((toUs - fromUs) * (i + more)) / parts)),
    );
    const watched = [];
    for (const [from = fromUs, to = toUs] of spans)
      watched.push({ fromUs: from, toUs: to, watched_s: await store.watchedS(home, person, from, to) });
    return c.json({ person, span_s: (toUs - fromUs) / 1e6, watched_s: await store.watchedS(home, person, fromUs, toUs), parts: watched });
  });
}
