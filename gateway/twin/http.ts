/** The twin's HTTP door: REST and live stream. A token opens one home and every other one looks as if it were not there. */

import { createHash, timingSafeEqual } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import { createHttpBounds } from "../api/bounds.ts";
import { isFromThisMachine } from "../api/from-where.ts";
import { hostGuard, securityHeaders } from "../api/guard.ts";
import { livePath } from "../api/http-server.ts";
import { httpError, problemResponse, statusOf } from "../api/problem.ts";
import { addActRoutes } from "./http-acts.ts";
import { addGatewayRoutes } from "./http-gateways.ts";
import type { TwinEnv, TwinHttpOptions, TwinToken } from "./http-options.ts";
import { addPersonRoutes } from "./http-people.ts";
import { liveResponse } from "./live.ts";

/** The routes without a socket; `app.request(path)` is how tests ask it. */
export function createTwinApp(options: TwinHttpOptions): Hono<TwinEnv> {
  const { bounds = createHttpBounds() } = options;
  const identify = createIdentify(options.tokens);
  const accountOf = (c: Context<TwinEnv>) => `${c.get("home")} ${c.get("role")}`;
  const requests = bounds.requests(accountOf);
  const app = new Hono<TwinEnv>();
  app.use(securityHeaders(), hostGuard(options.host));
  app.onError((thrown) => {
    const error = toGatewayError(thrown, "http.internal");
    if (statusOf(error) >= 500) options.log.error({ code: error.code }, "a request to the twin failed");
    return problemResponse(error);
  });
  app.notFound(() => problemResponse(httpError("http.not_found", "Nothing is under this address.")));
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/metrics", (c) => {
    // Of all homes together: not even a proxy of this machine is asked for nothing.
    if (!isFromThisMachine(c)) {
      const { role } = identify(c.req.header("authorization"), undefined);
      if (role !== "admin" && role !== "integrator")
        throw httpError("http.forbidden", "Only the roles admin and integrator may read the metrics.");
    }
    return c.body(options.metrics() + bounds.counters.text(), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  });

  const api = new Hono<TwinEnv>();
  api.use(async (c, next) => {
    const isLive = c.req.path === livePath;
    const { gateway, role } = identify(c.req.header("authorization"), isLive ? c.req.query("token") : undefined);
    c.set("home", gateway);
    c.set("role", role);
    const incoming = (c.env as Partial<HttpBindings> | undefined)?.incoming;
    if (incoming !== undefined) options.admit?.(incoming.socket, accountOf(c));
    await next();
  });
  api.use(async (c, next) => (c.req.path === livePath ? next() : requests(c, next)));
  api.use(async (c, next) => {
    await next();
    const names = options.names?.();
    if (names === undefined || !/^application\/json\b/.test(c.res.headers.get("content-type") ?? "")) return;
    c.res = new Response(names.inJson(await c.res.text()), c.res);
  });
  addPersonRoutes(api, options);
  addGatewayRoutes(api, options);
  addActRoutes(api, options);
  api.get("/live", (c) => liveResponse(c, { ...options, takePlace: (end) => bounds.takeReader(accountOf(c), end) }, c.get("home")));
  app.route("/api/v1", api);
  return app;
}

/** Digests are compared, so that the time taken shows nothing of a token. Throws `http.unauthorized`. */
function createIdentify(tokens: TwinHttpOptions["tokens"]): (header: string | undefined, query: string | undefined) => TwinToken {
  return (header, query) => {
    const given = /^Bearer ([\w.~+/=-]+)$/i.exec(header ?? "")?.[1] ?? query;
    if (given === undefined || given === "") throw httpError("http.unauthorized", "Send the token as 'Authorization: Bearer …'.");
    const digest = digestOf(given);
    let found: TwinToken | undefined;
    for (const token of tokens()) if (timingSafeEqual(digestOf(token.token), digest)) found = token;
    if (found === undefined) throw httpError("http.unauthorized", "This token is not known here.");
    return found;
  };
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token, "utf8").digest();
}
