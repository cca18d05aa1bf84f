/** The twin's routes about people: state, vitals, beats, alerts, strip, and what is kept of kinds without a route of their own. */

import type { Hono } from "hono";
import { httpError } from "../api/problem.ts";
import { readTimeUs } from "../api/request.ts";
import type { PosePayload } from "../semantic/payloads/pose.ts";
import type { WaveformPayload } from "../semantic/payloads/waveform.ts";
import type { TwinEnv, TwinHttpOptions } from "./http-options.ts";
import { personQuery } from "./person-query.ts";
import { reconstruct } from "./reconstruct.ts";
import { alertToWire, poseToWire, stateToWire, stripToTrace } from "./wire.ts";

const maxAlerts = 500;
const maxStripUs = 600_000_000;
const maxWaveforms = 200;
const maxPoseUs = 300_000_000;
const maxPoses = 60;
export function addPersonRoutes(api: Hono<TwinEnv>, options: TwinHttpOptions): void {
  const { store, nowUs } = options;
  const { personOf, spanOf } = personQuery(options);

  api.get("/people", async (c) =>
    c.json({ people: (await store.people(c.get("home"))).map(({ id, name }) => ({ id, name: name ?? null })) }),
  );
  api.get("/people/:id/state", async (c) => {
    const { home, person } = await personOf(c);
    const [state, gateway] = await Promise.all([store.state(home, person), store.gateway(home)]);
    return c.json(stateToWire(state, gateway, nowUs()));
  });
  api.get("/people/:id/vitals", async (c) => {
    const { home, person } = await personOf(c);
    return c.json({ person, vitals: await store.vitals(home, person, await spanOf(c, home, person)) });
  });
  api.get("/people/:id/beats", async (c) => {
    const { home, person } = await personOf(c);
    const span = await spanOf(c, home, person);
    const [beats, rhythms, gaps] = await Promise.all([
      store.beats(home, person, span),
      store.rhythms(home, person, span),
      store.gaps(home, person, span),
    ]);
    return c.json({ person, beats, rhythms, gaps });
  });
  api.get("/people/:id/alerts", async (c) => {
    const { home, person } = await personOf(c);
    const open = c.req.query("open");
    if (open !== undefined && open !== "true" && open !== "false")
      throw httpError("http.bad_field", "'open' must be true or false.", "open");
    const alerts = await store.alerts(home, person, { open: open === "true", limit: maxAlerts });
    return c.json({ person, alerts: alerts.map(alertToWire) });
  });
  api.get("/people/:id/strip", async (c) => {
    const { home, person } = await personOf(c);
    const fromUs = readTimeUs(c, "from");
    const toUs = readTimeUs(c, "to");
    if ((fromUs === undefined) !== (toUs === undefined)) throw httpError("http.bad_field", "Give both 'from' and 'to', or neither.", "to");
    const isSpan = fromUs !== undefined && toUs !== undefined;
    if (isSpan && (toUs <= fromUs || toUs - fromUs > maxStripUs))
      throw httpError("http.bad_field", "The span must be 0 to 600 s long.", "to");
    const strips = await store.strips(home, person, isSpan ? { fromUs, toUs } : undefined);
    const traces = strips.map(stripToTrace);
    if (!isSpan) return c.json({ person, traces });
    const waveforms = (await store.kept(home, person, "waveform", { fromUs, toUs, limit: maxWaveforms })) as WaveformPayload[];
    return c.json({ person, fromUs, toUs, traces, reconstructions: reconstruct(strips, waveforms, { fromUs, toUs }) });
  });
  api.get("/people/:id/pose", async (c) => {
    const { home, person } = await personOf(c);
    const span = await spanOf(c, home, person);
    if (span.toUs - span.fromUs > maxPoseUs) throw httpError("http.bad_field", "A body is told of at most 300 s at once.", "to");
    const stretches = (await store.kept(home, person, "pose", { ...span, limit: maxPoses })) as PosePayload[];
    return c.json({ person, stretches: stretches.map(poseToWire) });
  });
  api.get("/people/:id/kept/:kind", async (c) => {
    const { home, person } = await personOf(c);
    const kind = c.req.param("kind");
    return c.json({ person, kind, payloads: await store.kept(home, person, kind, await spanOf(c, home, person)) });
  });
}
