/** Whom and which span a request to the twin is about. */

import type { Context } from "hono";
import { httpError } from "../api/problem.ts";
import { readTimeUs } from "../api/request.ts";
import type { TwinEnv, TwinHttpOptions } from "./http-options.ts";
import type { SpanQuery } from "./store/port.ts";

const defaultSpanUs = 300_000_000;
const maxRows = 10_000;

/** Both throw `http.*`: another home's person is not there. */
export function personQuery({ store, nowUs, names }: Pick<TwinHttpOptions, "store" | "nowUs" | "names">) {
  const personOf = async (c: Context<TwinEnv, "/people/:id/:rest">): Promise<{ home: string; person: string }> => {
    const home = c.get("home");
    const asked = c.req.param("id");
    const known = await store.people(home);
    const person = [names?.()?.aliasOf(asked) ?? asked, asked].find((name) => known.some(({ id }) => id === name));
    if (person === undefined) throw httpError("http.not_found", "No person with this id is known here.", "id");
    return { home, person };
  };
  /** The query's span; without one the last five minutes that the twin has. */
  const spanOf = async (c: Context, home: string, person: string): Promise<SpanQuery> => {
    const toUs = readTimeUs(c, "to") ?? ((await store.state(home, person)).asOfUs ?? nowUs()) + 1;
    const fromUs = readTimeUs(c, "from") ?? toUs - defaultSpanUs;
    if (toUs <= fromUs) throw httpError("http.bad_field", "'to' must be after 'from'.", "to");
    return { fromUs, toUs, limit: maxRows };
  };
  return { personOf, spanOf };
}
