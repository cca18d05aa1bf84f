/** The routes that only look: status, lists, strips, coverage and the live stream. */

import type { Context, Hono } from "hono";
import type { Access } from "../access/access.ts";
import { isoOrNull } from "../runtime/iso-time.ts";
import type { GatewayView, LiveMessage, LiveWants } from "../view/view-port.ts";
import type { Guest } from "./auth.ts";
import type { HttpBounds } from "./bounds.ts";
import { liveResponse, type StreamMessage } from "./live.ts";
import { liveFilterOf } from "./live-filter.ts";
import { ofPerson, pageOf } from "./paging.ts";
import { probeToWire } from "./probe-wire.ts";
import { httpError } from "./problem.ts";
import { reachToWire } from "./reach-wire.ts";
import { readCount, readSpanUs } from "./request.ts";
import { eventFrames } from "./sse.ts";
import {
  alertToWire,
  deviceToWire,
  liveToWire,
  personToWire,
  refusalsToWire,
  statusToWire,
  streamToWire,
  type Wording,
  wearingToWire,
} from "./wire.ts";

/** `view` shows what this guest may see, and nothing else. */
export type Env = { Variables: { guest: Guest; view: GatewayView } };

interface ReadParts {
  readonly access: Pick<Access, "onEnd">;
  readonly wording: Wording;
  /** Whether there is a twin to show. */
  readonly hasTwin: boolean;
  readonly bounds: HttpBounds;
}

const maxStripS = 600;
const maxProbeS = 60;
const usualProbeS = 10;
const maxCoverageS = 366 * 86_400;

/** Adds the reading routes to the API app (paths below /api/v1). */
export function addReadRoutes(api: Hono<Env>, { access, wording, hasTwin, bounds }: ReadParts): void {
  const knownPerson = (c: Context<Env>, id: string): string => {
    if (
      !c
        .get("view")
        .people()
        .some((person) => person.id === id)
    )
      throw httpError("http.not_found", "No person with this id lives here.", "id");
    return id;
  };

  api.get("/status", (c) => {
    const status = c.get("view").status();
    const { role, persons } = c.get("guest");
    const refusals = role === "integrator" || role === "admin" ? { refusals: refusalsToWire(status.refusals) } : {};
    return c.json({ ...statusToWire(status), role, persons: persons ?? null, twin: hasTwin, ...refusals });
  });
  api.get("/reach", (c) => c.json(reachToWire(c.get("view").reach())));
  api.get("/devices/:id/probe", async (c) =>
    c.json(probeToWire(await c.get("view").probe(c.req.param("id"), readCount(c, "seconds", maxProbeS) ?? usualProbeS))),
  );
  api.get("/outbox", async (c) => {
    const figures = await c.get("view").outbox();
    return c.json({
      outbox: {
        epoch: figures.epoch,
        depth: figures.depth,
        bytes: figures.bytes,
        oldest_at: isoOrNull(figures.oldestUs),
        dropped: figures.dropped,
      },
    });
  });
  api.get("/alerts", async (c) => {
    const person = c.req.query("person");
    const open = c.req.query("open");
    if (open !== undefined && open !== "true" && open !== "false")
      throw httpError("http.bad_field", "'open' must be true or false.", "open");
    const limit = readCount(c, "limit", 500);
    const cursor = c.req.query("cursor");
    const page = await c.get("view").alerts({
      ...(person === undefined ? {} : { person }),
      ...(open === undefined ? {} : { open: open === "true" }),
      ...(limit === undefined ? {} : { limit }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return c.json({
      alerts: page.alerts.map((alert) => alertToWire(alert, wording)),
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
    });
  });
  api.get("/alerts/:id/strip", async (c) => c.json(await c.get("view").alertStrip(c.req.param("id"))));
  api.get("/people/:id/strip", async (c) => {
    const person = knownPerson(c, c.req.param("id"));
    const { fromUs, toUs } = readSpanUs(c, maxStripS);
    return c.json(await c.get("view").strip(person, fromUs, toUs));
  });
  api.get("/people/:id/coverage", async (c) => {
    const person = knownPerson(c, c.req.param("id"));
    const { fromUs, toUs } = readSpanUs(c, maxCoverageS);
    return c.json({ person, span_s: (toUs - fromUs) / 1e6, watched_s: await c.get("view").coverage(person, fromUs, toUs) });
  });
  addListRoutes(api);
  addLiveRoutes(api, { access, wording, bounds }, knownPerson);
}

/** Who and what is in the house, in pages. */
function addListRoutes(api: Hono<Env>): void {
  api.get("/people", (c) => {
    const { items, ...more } = pageOf(c, c.get("view").people(), ({ id }) => id);
    return c.json({ people: items.map(personToWire), ...more });
  });
  api.get("/devices", async (c) => {
    const wearings = await c.get("view").wearings();
    const { items, ...more } = pageOf(c, ofPerson(c, c.get("view").devices()), ({ id }) => id);
    const devices = items.map((device) => ({
      ...deviceToWire(device),
      wearings: wearings.filter((wearing) => wearing.device === device.id).map(wearingToWire),
    }));
    return c.json({ devices, ...more });
  });
  api.get("/streams", (c) => {
    const { items, ...more } = pageOf(c, ofPerson(c, c.get("view").streams()), ({ device, stream }) => `${device}/${stream}`);
    return c.json({ streams: items.map(streamToWire), ...more });
  });
  api.get("/models", (c) => {
    const { items, ...more } = pageOf(c, c.get("view").models(), ({ id, version }) => `${id}/${version}`);
    return c.json({ models: items, ...more });
  });
}

/** What goes on while it is asked for. */
function addLiveRoutes(
  api: Hono<Env>,
  { access, wording, bounds }: Omit<ReadParts, "hasTwin">,
  knownPerson: (c: Context<Env>, id: string) => string,
): void {
  const frame = eventFrames<StreamMessage>((message) => ({
    event: message.kind,
    data: message.kind === "reset" ? {} : liveToWire(message, wording),
    id: message.kind === "alert" || message.kind === "reset" ? message.id : undefined,
  }));
  api.get("/live", (c) => {
    const person = c.req.query("person");
    if (person !== undefined) knownPerson(c, person);
    const filter = liveFilterOf(c);
    const { id } = c.get("guest");
    const source = {
      live: (listener: (message: LiveMessage) => void, wants?: LiveWants) => c.get("view").live(listener, wants),
      frame,
      alerts: c.get("view"),
      takePlace: (end: () => void) => bounds.takeReader(id, end),
      onDropped: () => void bounds.counters.liveDropped++,
      onEnd: (end: () => void) => access.onEnd(id, end),
    };
    return liveResponse(c, source, person, filter);
  });
}
