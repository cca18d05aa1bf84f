/** The routes that lead to the twin: what it knows, and what is wished there of this gateway. */

import type { Hono } from "hono";
import type { Log } from "../runtime/log.ts";
import type { Authority } from "./auth.ts";
import { httpError } from "./problem.ts";
import { readJson } from "./request.ts";
import type { Env } from "./routes-read.ts";
import { askTwin, type TwinAddress, wishAtTwin } from "./twin-proxy.ts";
import { WishBody } from "./wish-bodies.ts";

interface TwinParts {
  readonly twin: TwinAddress | undefined;
  readonly authority: Authority;
  readonly log: Pick<Log, "info">;
}

/** Adds them to the API app (paths below /api/v1). */
export function addTwinRoutes(api: Hono<Env>, { twin, authority, log }: TwinParts): void {
  const path = (id: string) => `gateways/${id}/desired`;
  api.get("/twin/gateways/:id/desired", (c) => wishAtTwin(twin, path(c.req.param("id")), { persons: c.get("guest").persons }));
  api.put("/twin/gateways/:id/desired", async (c) => {
    const { persons, name } = c.get("guest");
    authority.permit(c.get("guest"), "wish");
    // A wish is whole: who sees only some of the home would take out what is wished of the others.
    if (persons !== undefined) throw httpError("http.forbidden", "A token that is bound to persons can't wish for the whole gateway.");
    const wish = await readJson(c, WishBody);
    const answer = await wishAtTwin(twin, path(c.req.param("id")), { wish, persons });
    if (answer.ok) log.info({ by: name }, "a wish was given to the twin");
    return answer;
  });
  api.get("/twin/:path{.+}", (c) =>
    askTwin(twin, c.req.param("path"), { query: new URL(c.req.url).searchParams, persons: c.get("guest").persons }),
  );
}
