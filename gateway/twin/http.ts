/** The twin's HTTP door: page, REST and live stream. A token opens its homes and every other one looks as if it were not there. */

import { createHash, timingSafeEqual } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import { isPlain, plainMeans } from "../../device-drivers/contract/name.ts";
import { createHttpBounds } from "../api/bounds.ts";
import { isFromThisMachine } from "../api/from-where.ts";
import { hostGuard, securityHeaders } from "../api/guard.ts";
import { livePath } from "../api/http-server.ts";
import { httpError, problemResponse, statusOf } from "../api/problem.ts";
import { addActRoutes } from "./http-acts.ts";
import { addDayRoutes } from "./http-days.ts";
import { addEnrolmentRoutes } from "./http-enrolments.ts";
import { addFleetRoutes } from "./http-fleet.ts";
import { addGatewayRoutes } from "./http-gateways.ts";
import { addHomeRoutes } from "./http-homes.ts";
import type { TwinEnv, TwinHttpOptions, TwinToken } from "./http-options.ts";
import { addPersonRoutes } from "./http-people.ts";
import { liveResponse } from "./live.ts";
import { twinOpenApi } from "./openapi.ts";

/** The routes without a socket; `app.request(path)` is how tests ask it. */
export function createTwinApp(options: TwinHttpOptions): Hono<TwinEnv> {
  const { bounds = createHttpBounds() } = options;
  const identify = createIdentify(options.tokens);
  const accountOf = (c: Context<TwinEnv>) => c.get("account");
  const requests = bounds.requests(accountOf);
  const app = new Hono<TwinEnv>();
  app.use(securityHeaders(), hostGuard(options.host, options.hosts));
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
      const opened = identify(c.req.header("authorization"), undefined);
      if (!opened.some(({ role }) => role === "admin" || role === "integrator"))
        throw httpError("http.forbidden", "Only the roles admin and integrator may read the metrics.");
    }
    return c.body(options.metrics() + bounds.counters.text(), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  });
  app.get("/api/v1/openapi.json", (c) => c.json(twinOpenApi(options.version)));

  app.use(
    "/api/v1/enrolments",
    bounds.requests(() => "enrolments"),
  );
  if (options.enrolments !== undefined) addEnrolmentRoutes(app, options.enrolments);

  const api = new Hono<TwinEnv>();
  api.use(async (c, next) => {
    const isLive = c.req.path === livePath;
    const opened = identify(c.req.header("authorization"), isLive ? c.req.query("token") : undefined);
    const asked = c.req.query("home");
    const found = asked === undefined ? opened[0] : opened.find(({ gateway }) => gateway === asked);
    if (found === undefined) throw httpError("http.not_found", "No home with this id is known here.", "home");
    c.set("opened", asked === undefined ? opened : [found]);
    c.set("home", found.gateway);
    c.set("role", found.role);
    c.set("account", `${opened[0]?.gateway} ${opened[0]?.role}`);
    const incoming = (c.env as Partial<HttpBindings> | undefined)?.incoming;
    if (incoming !== undefined) options.admit?.(incoming.socket, accountOf(c));
    await next();
  });
  api.use(async (c, next) => {
    permitSigns(c);
    await next();
  });
  api.use(async (c, next) => (c.req.path === livePath ? next() : requests(c, next)));
  api.use(async (c, next) => {
    await next();
    const names = options.names?.();
    if (names === undefined || !/^application\/json\b/.test(c.res.headers.get("content-type") ?? "")) return;
    c.res = new Response(names.inJson(await c.res.text()), c.res);
  });
  addHomeRoutes(api, options);
  addPersonRoutes(api, options);
  addDayRoutes(api, options);
  addGatewayRoutes(api, options);
  addActRoutes(api, options);
  addFleetRoutes(api, options);
  api.get("/live", (c) => {
    const homes = c.get("opened").map(({ gateway }) => gateway);
    return liveResponse(c, { ...options, takePlace: (end) => bounds.takeReader(accountOf(c), end) }, homes);
  });
  app.route("/api/v1", api);
  app.get("*", async (c) => {
    const file = c.req.path.startsWith("/api/") ? undefined : await options.pages?.(c.req.path);
    return file === undefined ? c.notFound() : c.body(file.body, 200, { "content-type": file.type });
  });
  return app;
}

/** What a token opens, home by home. Digests are compared, so that the time taken shows nothing of a token. Throws `http.unauthorized`. */
function createIdentify(
  tokens: TwinHttpOptions["tokens"],
): (header: string | undefined, query: string | undefined) => readonly TwinToken[] {
  return (header, query) => {
    const given = /^Bearer ([\w.~+/=-]+)$/i.exec(header ?? "")?.[1] ?? query;
    if (given === undefined || given === "") throw httpError("http.unauthorized", "Send the token as 'Authorization: Bearer …'.");
    const digest = digestOf(given);
    const opened = tokens().filter(({ token }) => timingSafeEqual(digestOf(token), digest));
    if (opened.length === 0) throw httpError("http.unauthorized", "This token is not known here.");
    return opened;
  };
}

/** No id, kind or time has a sign that hides, and not every database takes one. Throws `http.not_found`, `http.bad_field`. */
function permitSigns(c: Context<TwinEnv>): void {
  if (!isPlain(decoded(c.req.path) ?? "\0")) throw httpError("http.not_found", "Nothing is under this address.");
  for (const [name, value] of Object.entries(c.req.query()))
    if (!isPlain(value)) throw httpError("http.bad_field", `A value must have only ${plainMeans}.`, name);
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token, "utf8").digest();
}
