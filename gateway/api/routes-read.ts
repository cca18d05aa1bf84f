/** The routes that only look: status, lists, strips, coverage, the live stream and the twin's view. */

import type { Hono } from "hono";
import { isoOrNull } from "../runtime/iso-time.ts";
import type { GatewayView } from "../view/view-port.ts";
import type { Guest } from "./auth.ts";
import { liveResponse } from "./live.ts";
import { httpError } from "./problem.ts";
import { readCount, readSpanUs } from "./request.ts";
import { askTwin, type TwinAddress } from "./twin-proxy.ts";
import { alertToWire, deviceToWire, liveToWire, personToWire, statusToWire, streamToWire, type Wording, wearingToWire } from "./wire.ts";

export type Env = { Variables: { guest: Guest } };

interface ReadParts {
  readonly view: GatewayView;
  readonly wording: Wording;
  readonly twin: TwinAddress | undefined;
  onLiveDropped(): void;
}

const maxStripS = 600;
const maxCoverageS = 366 * 86_400;

/** Adds the reading routes to the API app (paths below /api/v1). */
export function addReadRoutes(api: Hono<Env>, { view, wording, twin, onLiveDropped }: ReadParts): void {
  const knownPerson = (id: string): string => {
    if (!view.people().some((person) => person.id === id)) throw httpError("http.not_found", "No person with this id lives here.", "id");
    return id;
  };

  api.get("/status", (c) => c.json({ ...statusToWire(view.status()), role: c.get("guest").role, twin: twin !== undefined }));
  api.get("/people", (c) => c.json({ people: view.people().map(personToWire) }));
  api.get("/devices", async (c) => {
    const wearings = await view.wearings();
    const devices = view.devices().map((device) => ({
      ...deviceToWire(device),
      wearings: wearings.filter((wearing) => wearing.device === device.id).map(wearingToWire),
    }));
    return c.json({ devices });
  });
  api.get("/streams", (c) => c.json({ streams: view.streams().map(streamToWire) }));
  api.get("/models", (c) => c.json({ models: view.models() }));
  api.get("/outbox", async (c) => {
    const figures = await view.outbox();
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
    const page = await view.alerts({
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
  api.get("/alerts/:id/strip", async (c) => c.json(await view.alertStrip(c.req.param("id"))));
  api.get("/people/:id/strip", async (c) => {
    const person = knownPerson(c.req.param("id"));
    const { fromUs, toUs } = readSpanUs(c, maxStripS);
    return c.json(await view.strip(person, fromUs, toUs));
  });
  api.get("/people/:id/coverage", async (c) => {
    const person = knownPerson(c.req.param("id"));
    const { fromUs, toUs } = readSpanUs(c, maxCoverageS);
    return c.json({ person, span_s: (toUs - fromUs) / 1e6, watched_s: await view.coverage(person, fromUs, toUs) });
  });
  api.get("/live", (c) => {
    const person = c.req.query("person");
    if (person !== undefined) knownPerson(person);
    return liveResponse(
      c,
      { live: (listener) => view.live(listener), toWire: (message) => liveToWire(message, wording), onDropped: onLiveDropped },
      person,
    );
  });
  api.get("/twin/:path{.+}", (c) => askTwin(twin, c.req.param("path"), new URL(c.req.url).searchParams));
}
