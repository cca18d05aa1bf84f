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
      { token: "both", gateway: "home-b", role: "caregiver" },
      { token: "both", gateway: "home-c", role: "admin" },
    ],
    nowUs: () => 0,
    isConnected: async () => true,
    putAct: async () => Promise.reject(new Error("not asked")),
    putDesired: async (gateway) => ({ version: 1, settings: { gateway }, signature: "" }),
    metrics: () => "",
    version: "0.1.0",
    pages: async (path) => (path === "/" ? { type: "text/html", body: "<p>page</p>" } : undefined),
  });
  const ask = (path: string, token = "one") => app.request(`/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { live, bounds, ask, app };
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
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('event: gateway\ndata: {"home":"home-b","silent":null}\n\n');
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

test("a token of several homes opens each of them as what it is there, by ?home= or by the gateway's own id, and no third one", async () => {
  const { ask, app } = house({
    people: async (gateway) => [{ id: `person-of-${gateway}` }],
    gateway: async (gateway) => ({ gateway, frames: 0, opaque: 0 }),
  });
  const read = async (path: string) => (await ask(path, "both")).json();
  expect((await read("status")).homes).toEqual([
    { id: "home-b", role: "caregiver" },
    { id: "home-c", role: "admin" },
  ]);
  expect((await read("gateways")).gateways.map(({ id }: { id: string }) => id)).toEqual(["home-b", "home-c"]);
  expect((await read("gateways?home=home-c")).gateways.map(({ id }: { id: string }) => id)).toEqual(["home-c"]);
  const people = async (query: string) => (await read(`people${query}`)).people[0].id;
  expect([await people(""), await people("?home=home-c")]).toEqual(["person-of-home-b", "person-of-home-c"]);
  expect((await ask("people?home=home-a", "both")).status).toBe(404);
  const wish = (home: string) =>
    app.request(`/api/v1/gateways/${home}/desired`, {
      ...{ method: "PUT", body: JSON.stringify({ settings: {} }) },
      headers: { authorization: "Bearer both" },
    });
  expect([(await wish("home-b")).status, (await wish("home-c")).status, (await wish("home-a")).status]).toEqual([403, 200, 404]);
});

test("incidents of all homes together are told to those who may read the metrics", async () => {
  const { ask } = house({ incidents: async () => [{ openedUs: 1e6, gateways: 34, of: 1000 }] });
  expect((await ask("incidents")).status).toBe(403);
  expect(await (await ask("incidents", "both")).json()).toEqual({
    incidents: [{ opened_at: "1970-01-01T00:00:01.000Z", ended_at: null, gateways: 34, of: 1000 }],
  });
});

test("the page's files stand at the root, and what is no file of it is not there", async () => {
  const { app } = house();
  const get = async (path: string) => (await app.request(path)).status;
  expect([await get("/"), await get("/elsewhere"), await get("/api/v1")]).toEqual([200, 404, 401]);
});

test("what was watched is told in parts of equal length, and a number or a span beyond the bound is refused with its field", async () => {
  const asked: number[][] = [];
  const { ask } = house({
    people: async () => [{ id: "person-a" }],
    watchedS: async (_home, _person, fromUs, toUs) => {
      asked.push([fromUs / 1e6, toUs / 1e6]);
      return { "hr.high": 5 };
    },
  });
  const coverage = (query: string) => ask(`people/person-a/coverage?from=1000&${query}`);
  const told = await (await coverage("to=1090&parts=3")).json();
  expect([told.span_s, told.watched_s, told.parts[2]]).toEqual([
    90,
    { "hr.high": 5 },
    { fromUs: 1060e6, toUs: 1090e6, watched_s: { "hr.high": 5 } },
  ]);
  expect(asked).toEqual([
    [1000, 1030],
    [1030, 1060],
    [1060, 1090],
    [1000, 1090],
  ]);
  for (const [query, field] of [
    ["to=1090&parts=49", "parts"],
    ["to=1090&parts=0", "parts"],
    ["to=1090&parts=x", "parts"],
    [`to=${1001 + 40 * 86_400}`, "to"],
  ] as const) {
    const answer = await coverage(query);
    expect([query, answer.status, (await answer.json()).field]).toEqual([query, 400, field]);
  }
});

test("what waits in the stream and the last word of each gateway are told page by page, of the token's homes alone", async () => {
  const heard = { "home-a": 1e6, "home-b": 2e6, "home-c": undefined };
  const { ask } = house({
    watched: async () =>
      Object.entries(heard).map(([gateway, heardUs]) => ({
        ...{ gateway, heardCount: 3, ...(heardUs === undefined ? {} : { heardUs }) },
        ...(gateway === "home-c" ? { told: { level: "urgent" as const, heardCount: 3 } } : {}),
      })),
  });
  const read = async (path: string) => (await ask(path, "both")).json();
  const gateway = (id: string, heard_at: string | null, silent: string | null) => ({
    id,
    connected: true,
    heard_at,
    heard_age_s: heard_at === null ? null : 0,
    silent,
  });
  const first = gateway("home-b", "1970-01-01T00:00:02.000Z", null);
  const page = await read("fleet?limit=1");
  expect(page).toEqual({ stream: null, gateways_count: 2, gateways: [first], cursor: expect.any(String) });
  const rest = { stream: null, gateways_count: 2, gateways: [gateway("home-c", null, "urgent")] };
  expect(await read(`fleet?limit=1&cursor=${encodeURIComponent(page.cursor)}`)).toEqual(rest);
  expect((await ask("fleet?limit=501", "both")).status).toBe(400);
  expect((await ask("fleet", "nobody")).status).toBe(401);
});
