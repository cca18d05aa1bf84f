import { expect, test } from "vitest";
import { HearthProblem } from "../../client/problem.ts";
import type { OwnStatus } from "../../client/wire.ts";
import { createFakeGateway, openFakeHost, settled } from "../../node-red/fake-host.ts";
import { status } from "./node.ts";

function home() {
  const answers = {
    status: { gateway: "home", open_alerts: 0, uplink: { connected: true, depth: 0 }, health: [{ part: "journal", ok: true }] },
    devices: { devices: [{ id: "strap", state: "online", person: "person-a" }] },
    outbox: { outbox: { depth: { alert: 1 }, bytes: 9, oldest_at: null } },
    people: { people: [{ id: "person-a", watched_s: { "rhythm.vt": 60 } }] },
  };
  const fake = createFakeGateway(async (_method, path) => answers[path.slice("/api/v1/".length) as keyof typeof answers]);
  return { ...fake, answers };
}

test("the whole picture is told at the start and when something of it changes; counters alone are no news", async () => {
  const { gateway, become, answers } = home();
  const node = openFakeHost(status, {}, gateway);
  become({ kind: "live", status: {} as OwnStatus });
  await settled();
  expect(node.sent).toMatchObject([
    {
      topic: "connected",
      payload: { connected: true, why: null, failing: [], outbox: { bytes: 9 }, watched_s: { "person-a": { "rhythm.vt": 60 } } },
    },
  ]);
  expect(node.line()).toEqual({ look: "good", key: "status.status.well", values: { devices: 1, all: 1, open: 0 } });
  answers.outbox.outbox.bytes = 10;
  await node.pass(5000);
  expect(node.sent).toHaveLength(1);
  answers.status.health[0]!.ok = false;
  await node.pass(5000);
  expect(node.sent.at(-1)).toMatchObject({ payload: { failing: [{ part: "journal" }] } });
  expect(node.line()).toMatchObject({ look: "attention", values: { part: "journal" } });
});

test("a gateway that goes away is a message too, once, and so is its return", async () => {
  const { gateway, become } = home();
  const node = openFakeHost(status, {}, gateway);
  become({ kind: "lost", problem: new HearthProblem("flows.silent", "silent") });
  expect(node.sent).toEqual([]);
  become({ kind: "live", status: {} as OwnStatus });
  await settled();
  become({ kind: "lost", problem: new HearthProblem("flows.silent", "It went silent.") });
  become({ kind: "lost", problem: new HearthProblem("flows.silent", "It went silent.") });
  become({ kind: "live", status: {} as OwnStatus });
  await settled();
  expect(node.sent.map(({ topic }) => topic)).toEqual(["connected", "away", "connected"]);
  expect(node.sent[1]).toMatchObject({ payload: { connected: false, why: "It went silent." } });
});

test("a message asks for all of it", async () => {
  const { gateway } = home();
  expect(await openFakeHost(status, {}, gateway).input({})).toMatchObject([
    { payload: { gateway: { gateway: "home" }, devices: [{ id: "strap" }] } },
  ]);
});
