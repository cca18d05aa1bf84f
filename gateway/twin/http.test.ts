import { expect, test } from "vitest";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { createHttpBounds } from "../api/bounds.ts";
import { createLog } from "../runtime/log.ts";
import type { PosePayload } from "../semantic/payloads/pose.ts";
import { decodePose, encodePose } from "../semantic/pose-code.ts";
import { createTwinApp } from "./http.ts";
import { createLocalLive } from "./live.ts";
import type { TwinStore } from "./store/port.ts";

function house(store: Partial<TwinStore> = {}) {
  const live = createLocalLive();
  const bounds = createHttpBounds();
  const app = createTwinApp({
    ...{ store: store as TwinStore, live, bounds, log: createLog({ level: "silent" }), host: "127.0.0.1" },
    tokens: () => [
      { token: "one", gateway: "home-a", role: "caregiver" },
      { token: "other", gateway: "home-b", role: "caregiver" },
    ],
    nowUs: () => 0,
    isConnected: async () => true,
    putAct: async () => Promise.reject(new Error("not asked")),
    putDesired: async () => Promise.reject(new Error("not asked")),
    metrics: () => "",
  });
  const ask = (path: string, token = "one") => app.request(`/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { live, bounds, ask };
}

test("100 live readers of one home's token: 32 read, the others are told to come later, and another home's reader gets in", async () => {
  const { ask, live, bounds } = house();
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask("live")));
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(68);
  expect(answers.at(-1)?.headers.get("retry-after")).toBe("10");
  const other = await ask("live", "other");
  expect([other.status, bounds.counters.liveReaders, bounds.counters.refused.readers]).toEqual([200, 33, 68]);
  const reader = other.body!.getReader();
  await reader.read();
  live.publish("home-b", { event: "gateway", data: { silent: null } });
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('event: gateway\ndata: {"silent":null}\n\n');
  await reader.cancel();
  for (const { status, body } of answers) if (status === 200) await body?.cancel();
  expect(bounds.counters.liveReaders).toBe(0);
});

test("100 requests of one token at once: 32 run, and they have room again when they are answered", async () => {
  const waiting: (() => void)[] = [];
  const { ask, bounds } = house({ people: () => new Promise((resolve) => waiting.push(() => resolve([]))) });
  const running = Array.from({ length: 100 }, () => ask("people"));
  await expect.poll(() => waiting.length, { timeout: 60_000 }).toBe(32);
  const other = ask("people", "other");
  await expect.poll(() => waiting.length, { timeout: 60_000 }).toBe(33);
  for (const answer of waiting.splice(0)) answer();
  expect([(await other).status, bounds.counters.refused.requests]).toEqual([200, 68]);
  expect((await Promise.all(running)).filter(({ status }) => status === 200)).toHaveLength(32);
  const next = ask("people");
  await expect.poll(() => waiting.length, { timeout: 60_000 }).toBe(1);
  waiting[0]?.();
  expect((await next).status).toBe(200);
});

test("a broken database is told without its place, and a bug without its text", async () => {
  const path = "/home/person-a/.hearth/twin/twin.db";
  const failing = (error: Error) => house({ people: () => Promise.reject(error) });
  const world = await failing(new GatewayError("twin.io", "world", `${path} can't be read`)).ask("people");
  expect([world.status, (await world.json()).detail]).toEqual([503, "twin.db can't be read"]);
  const bug = await failing(new TypeError(`${path} is undefined`)).ask("people");
  expect([bug.status, await bug.text()]).toEqual([500, expect.not.stringMatching(/home|twin\.db|\.ts/)]);
});

test("a body is told stretch by stretch, at most five minutes at once, with the error that each states", async () => {
  const pose = { rateHz: 30, rotations: new Float32Array(60).fill(0.5), states: new Uint8Array(15).fill(2) };
  const { code, errorDeg } = encodePose(pose, 1);
  const about = ["head", "pelvis"].map((device) => ({ device, stream: "imu" })) as unknown as PosePayload["about"];
  const payload: PosePayload = { kind: "pose", person: "person-a", about, startUs: 5, code, pose: decodePose(code) };
  const { ask } = house({
    people: async () => [{ id: "person-a" }],
    state: async () => ({ asOfUs: 100 }) as never,
    kept: async (_home, _person, kind) => (kind === "pose" ? [payload] : []),
  });
  const told = (await (await ask("people/person-a/pose")).json()) as { stretches: { rotations: number[] }[] };
  expect(told.stretches).toMatchObject([
    { devices: ["head", "pelvis"], model: null, startUs: 5, states: ["2".repeat(15)], error_deg: errorDeg },
  ]);
  expect(told.stretches[0]?.rotations).toHaveLength(60);
  expect((await ask("people/person-a/pose?from=1&to=400")).status).toBe(400);
});
