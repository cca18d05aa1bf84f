/** The gateway's HTTP door: page, REST, live stream, metrics. It only translates; what is true is asked from the GatewayView. */

import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { type Clock, systemClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import type { Access } from "../access/access.ts";
import { type Door, openDoor, type Peer } from "../runtime/door.ts";
import type { Log } from "../runtime/log.ts";
import { type Cause, systemWords } from "../runtime/refusals.ts";
import { viewOfPersons } from "../view/view-of-persons.ts";
import type { GatewayView } from "../view/view-port.ts";
import { createAccessMetrics } from "./access-metrics.ts";
import { createAuthority, type Guest } from "./auth.ts";
import { createHttpBounds, type HttpBounds } from "./bounds.ts";
import { httpDoorLimits } from "./door-limits.ts";
import { isFromThisMachine } from "./from-where.ts";
import { hostGuard, securityHeaders } from "./guard.ts";
import { createHttpServer, livePath } from "./http-server.ts";
import { methodsOf, openApi } from "./openapi.ts";
import { httpError, problemResponse, statusOf } from "./problem.ts";
import { addAccessRoutes, addSignInRoute, type DeviceAccounts } from "./routes-access.ts";
import { addActRoutes } from "./routes-act.ts";
import { addCalibrationRoutes } from "./routes-calibrate.ts";
import { addConsentRoutes } from "./routes-consent.ts";
import { addLearnRoutes } from "./routes-learn.ts";
import { addLeaveRoutes, type Departures } from "./routes-leave.ts";
import { addOutsideRoutes } from "./routes-outside.ts";
import { addReadRoutes, type Env } from "./routes-read.ts";
import { addSetupRoutes } from "./routes-setup.ts";
import { addStreamsInRoutes } from "./routes-streams-in.ts";
import { addTwinRoutes } from "./routes-twin.ts";
import type { TwinAddress } from "./twin-proxy.ts";
import { createUploads } from "./upload.ts";
import type { AlertText } from "./wire.ts";

/** A file of the page by its path ("/", "/app.js" …), or undefined. */
type PageFiles = (path: string) => Promise<{ readonly type: string; readonly body: string } | undefined>;

interface HttpOptions {
  readonly view: GatewayView;
  /** Who may come in. */
  readonly access: Access;
  readonly log: Log;
  /** Title and body of an alert in people's words. */
  readonly alertText: AlertText;
  /** What people call a person or a device, of earlier times too; without it the view's present names. */
  readonly names?: { readonly person: (id: string) => string; readonly device: (id: string) => string };
  /** The accounts of the home's broker, which an admin may revoke. */
  readonly accounts?: DeviceAccounts;
  /** Base addresses of the page for other machines of the home. */
  readonly addresses?: () => readonly string[];
  /** Who reads /metrics without a token; "this-machine" unless it is set. */
  readonly metricsFor?: "this-machine" | "everyone" | "nobody";
  /** Address to listen on; the host guard follows it. */
  readonly host: string;
  /** More names under which the page may be opened. */
  readonly hosts?: readonly string[];
  readonly pages?: PageFiles;
  readonly twin?: TwinAddress;
  /** Told of each request that was refused or failed. */
  readonly onRefused?: (cause: Omit<Cause, "where">) => void;
  /** Told which connection has shown a token, and whose. */
  readonly admit?: (peer: Peer, account: string) => void;
  /** Its own unless told. */
  readonly bounds?: HttpBounds;
  /** Who carries out that somebody leaves; without it nobody does. */
  readonly departures?: Departures;
}

export interface HttpDoor {
  /** The port in use (the chosen one where 0 was asked for). */
  readonly port: number;
  readonly app: Hono<Env>;
  /** Ends every connection, live streams too. */
  close(): Promise<void>;
}

const noAccounts: DeviceAccounts = { list: () => [], has: () => false, revoke: async () => {} };
const askedWrongly: ReadonlySet<number> = new Set([400, 404, 405, 409]);

/** Ids of alerts and people stay out: what was asked for is told by its first parts. */
function routeOf(c: Context): string {
  const [, ...parts] = c.req.path.split("/");
  return `${c.req.method} /${parts.slice(0, 3).join("/")}`;
}

/** An address that takes other methods says which; what this home has no part for is not there at all. */
function nothingAt(c: Context): GatewayError {
  const methods = methodsOf(c.req.path);
  if (methods.length === 0 || methods.includes(c.req.method)) return httpError("http.not_found", "Nothing is under this address.");
  const allow = methods.join(", ");
  return new GatewayError("http.method_not_allowed", "operator", `This address takes ${allow}.`, { fields: { allow } });
}

/** The routes without a socket; `app.request(path)` is how tests ask it. */
export function createApp(options: HttpOptions): Hono<Env> {
  const { view, log, bounds = createHttpBounds() } = options;
  const authority = createAuthority(options.access);
  const accessMetrics = createAccessMetrics(options.access);
  const wording = {
    isStored: (id: string) => view.isStored(id),
    text: options.alertText,
    person: options.names?.person ?? ((id: string) => view.people().find((person) => person.id === id)?.name ?? id),
    device: options.names?.device ?? ((id: string) => view.devices().find((device) => device.id === id)?.title ?? id),
  };
  const app = new Hono<Env>();
  app.use(securityHeaders(), hostGuard(options.host, options.hosts));
  app.onError((thrown, c) => {
    const error = toGatewayError(thrown, "http.internal");
    // The path names alerts and people; the route's pattern does not.
    if (statusOf(error) >= 500) log.error({ code: error.code, method: c.req.method, err: error.cause ?? error }, "request failed");
    // What a client asked wrongly it hears itself; these are for whoever looks after the home.
    if (!askedWrongly.has(statusOf(error))) {
      const incoming = (c.env as Partial<HttpBindings> | undefined)?.incoming;
      const { name: account } = (c.get("guest") as Guest | undefined) ?? {};
      const says = error.kind === "world" ? { error: systemWords(error) } : {};
      options.onRefused?.({ reason: error.code, account, path: routeOf(c), address: incoming?.socket.remoteAddress, ...says });
    }
    return problemResponse(error);
  });
  app.notFound((c) => problemResponse(nothingAt(c)));

  /** Figures of the house: for this machine's own programs, and elsewhere for who shows a token that may read them. Throws `http.unauthorized`, `http.forbidden`. */
  const permitFigures = (c: Context) => {
    const { metricsFor = "this-machine" } = options;
    if (metricsFor === "everyone" || (metricsFor === "this-machine" && isFromThisMachine(c))) return;
    authority.permit(authority.identify({ authorization: c.req.header("authorization"), queryToken: undefined }), "metrics");
  };
  app.get("/healthz", (c) => {
    const failing = view.status().health.flatMap(({ part, ok }) => (ok ? [] : part));
    const says = { status: failing.length === 0 ? "ok" : "failing" };
    return c.json(isFromThisMachine(c) ? { ...says, failing } : says, failing.length === 0 ? 200 : 503);
  });
  app.get("/metrics", (c) => {
    permitFigures(c);
    return c.body(view.metrics() + bounds.counters.text() + accessMetrics(), 200, {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
    });
  });
  app.get("/api/v1/openapi.json", (c) => c.json(openApi(view.status().version)));

  const admit = (c: Context, account: string) => {
    const incoming = (c.env as Partial<HttpBindings> | undefined)?.incoming;
    if (incoming !== undefined) options.admit?.(incoming.socket, account);
  };

  const api = new Hono<Env>();
  const requests = bounds.requests((c: Context<Env>) => c.get("guest").id);
  api.use(async (c, next) => {
    const isLive = c.req.method === "GET" && c.req.path === livePath;
    c.set(
      "guest",
      authority.identify({ authorization: c.req.header("authorization"), queryToken: isLive ? c.req.query("token") : undefined }),
    );
    const guest = c.get("guest");
    authority.permit(guest, "read");
    c.set("view", guest.persons === undefined ? view : viewOfPersons(view, guest.persons));
    admit(c, guest.id);
    await next();
  });
  // A live stream has a place of its own kind.
  api.use(async (c, next) => (c.req.path === livePath ? next() : requests(c, next)));
  addReadRoutes(api, { wording, bounds, access: options.access, hasTwin: options.twin !== undefined });
  addActRoutes(api, { wording, authority, uploads: createUploads(bounds.counters.refuse) });
  addSetupRoutes(api, authority);
  addOutsideRoutes(api, authority);
  addLearnRoutes(api, authority);
  addCalibrationRoutes(api, authority);
  addConsentRoutes(api, authority);
  addTwinRoutes(api, { twin: options.twin, authority, log });
  addAccessRoutes(api, {
    ...{ access: options.access, authority, accounts: options.accounts ?? noAccounts, addresses: options.addresses ?? (() => []) },
    audit: (fields, says) => log.info(fields, says),
  });
  addSignInRoute(app, options);
  addStreamsInRoutes(app, { view, authority, bounds, admit });
  if (options.departures !== undefined) addLeaveRoutes(api, { authority, people: () => view.people(), departures: options.departures });
  app.route("/api/v1", api);

  app.get("*", async (c) => {
    const file = c.req.path.startsWith("/api/") ? undefined : await options.pages?.(c.req.path);
    if (file === undefined) throw nothingAt(c);
    return c.body(file.body, 200, { "content-type": file.type });
  });
  return app;
}

/** Listens. Throws `http.port_busy` (operator) when the port is taken; `port` 0 asks for a free one. */
export async function startHttp(options: HttpOptions & { readonly port: number; readonly clock?: Clock }): Promise<HttpDoor> {
  const { host, port, clock = systemClock() } = options;
  let door: Door | undefined;
  const bounds = options.bounds ?? createHttpBounds();
  const app = createApp({ ...options, bounds, admit: (peer, account) => door?.admit(peer, account) });
  const server = createHttpServer(app.fetch, { clock, counters: bounds.counters });
  door = await openDoor(server, {
    name: "http",
    area: "http",
    host,
    port,
    clock,
    limits: httpDoorLimits,
    onRefused(reason, address) {
      bounds.counters.refuse(reason);
      options.onRefused?.({ reason, address });
    },
  });
  return { port: door.port, app, close: () => door.close() };
}
