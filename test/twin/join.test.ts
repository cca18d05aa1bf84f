/** Two machines' worth of one: a twin alone and a home that joins it, both as their people start them. */

import { afterAll, expect, test } from "vitest";
import { openHomes } from "../support/homes.ts";

const homes = openHomes();
const { hearth, start, readJson } = homes;
const poll = <Value>(look: () => Value) => expect.poll(look, { timeout: 120_000, interval: 100 });

afterAll(homes.close, 60_000);

async function gatewayAtTwin(): Promise<Record<string, unknown> | undefined> {
  const url = `http://127.0.0.1:${readJson("twin", "ports.json").twin}/api/v1/gateways`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${readJson("twin", "tokens.json").admin}` } });
  return ((await answer.json()) as { gateways?: Record<string, unknown>[] }).gateways?.[0];
}

test("a home joins a distant twin with its claim, its frames arrive; revoked it is out, and a new claim lets it in again", async () => {
  // It makes the twin's key and says that it is not known yet where the twin listens.
  expect((await hearth("twin", "twin", "claim", "home-a")).error).toContain("twin.reach");
  const twin = start("twin", "twin");
  await poll(twin.said).toContain("The twin runs");
  expect((await hearth("twin", "twin", "claim", "home-a")).answer).toMatchObject({ gateway: "home-a" });
  await hearth("home", "init");
  expect((await hearth("home", "twin", "join", "home-a.claim")).answer).toMatchObject({ gateway: "home-a" });
  const gateway = start("home", "run");
  await poll(gateway.said).toContain("#code=");
  await poll(gatewayAtTwin).toMatchObject({
    id: "home-a",
    connected: true,
    frames: expect.any(Number),
    last_heartbeat_at: expect.any(String),
  });
  expect((await hearth("home", "twin", "join", "home-a.claim")).error).toContain("stop it");

  expect((await hearth("twin", "twin", "revoke", "home-a")).answer).toEqual({ gateway: "home-a", revoked: true });
  expect((await hearth("twin", "twin", "gateways")).answer).toMatchObject({
    gateways: [],
    acts: [{ what: "revoked" }, { what: "joined", by: "gateway" }, { what: "claimed" }],
  });
  await poll(gatewayAtTwin).toBeUndefined();
  await gateway.stop();
  expect((await hearth("home", "twin", "join", "home-a.claim")).error).toContain("no such claim");

  await hearth("twin", "twin", "claim", "home-a");
  expect((await hearth("home", "twin", "join", "home-a.claim")).error).toBe("");
  await poll(start("home", "run").said).toContain("#code=");
  await poll(gatewayAtTwin).toMatchObject({ id: "home-a", connected: true });
});
