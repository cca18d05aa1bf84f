import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import type { BeatEvent } from "../../device-drivers/contract/event.ts";
import { letTimePass } from "../../test/support/let-time-pass.ts";
import { createLog } from "../runtime/log.ts";
import { openAck } from "../semantic/acknowledgement.ts";
import { encodeFrame } from "../semantic/frame.ts";
import { encodePayload } from "../semantic/payload-codec.ts";
import type { TwinPayload } from "../semantic/payloads/index.ts";
import { createMemoryIngest, type MemoryIngest } from "./ingest/memory.ts";
import type { UpMessage } from "./ingest/port.ts";
import { createLocalLive, type TwinLive } from "./live.ts";
import type { TwinStore } from "./store/port.ts";
import { openTwinStore } from "./store/sqlite/store.ts";
import { startWorker, type Worker } from "./worker.ts";

const gateway = generateKeyPairSync("ed25519");
const twin = generateKeyPairSync("ed25519");
const everUs = { fromUs: 0, toUs: 10 ** 15, limit: 10_000 };

let dir: string;
let clock: VirtualClock;
let ingest: MemoryIngest;
let live: TwinLive;
let stores: TwinStore[];
let workers: Worker[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "hearth-twin-workers-"));
  clock = virtualClock(1_700_000_000_000_000);
  ingest = createMemoryIngest();
  live = createLocalLive();
  stores = [];
  workers = [];
});
afterEach(async () => {
  await letTimePass(clock, Promise.all(workers.map((worker) => worker.close())));
  for (const store of stores) await store.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A worker as it would run in a process of its own: its own connection to the one database. */
async function start(wrap: (store: TwinStore) => TwinStore = (store) => store): Promise<Worker> {
  const store = openTwinStore(dir, () => undefined);
  stores.push(store);
  for (const home of ["home-a", "home-b"]) await store.enrol({ gateway: home, publicKeyPem: "key", passwordHash: "hash" });
  const worker = await startWorker({
    ...{ store: wrap(store), openIngest: ingest.open, live, clock, privateKey: twin.privateKey },
    keyOf: async () => gateway.publicKey,
    log: createLog({ level: "silent" }),
  });
  workers.push(worker);
  return worker;
}

const beat = (i: number): BeatEvent => ({ kind: "beat", device: "d", stream: "ecg", timeUs: i, label: "N", confidence: 1 });
const nothing = { kind: "events", person: "person-a", fromUs: 0, toUs: 5, rhythms: [], vitals: [], gaps: [], watched: [] } as const;
const beats = (i: number): TwinPayload => ({ ...nothing, toUs: i, beats: [beat(i)] });

function message(n: number, payload: TwinPayload, { home = "home-a", name = "semantic" as UpMessage["class"] } = {}): UpMessage {
  const fields = { g: home, e: new Uint8Array(8), n, c: name, t: n, p: encodePayload(payload) };
  const bytes = encodeFrame(fields, (signed) => new Uint8Array(sign(null, signed, gateway.privateKey)));
  return { gateway: home, class: name, bytes };
}
const sumOf = (key: "framesStoredTotal" | "framesRepeatedTotal") => workers.reduce((sum, { counters }) => sum + counters[key], 0);
const acknowledgedRows = (home: string) =>
  ingest.acknowledged.filter((each) => each.gateway === home).flatMap(({ bytes }) => openAck(home, bytes, twin.publicKey).numbers);

test("two workers over one store and one way in: every frame is stored once, acknowledged after it, told once, and both answer the same", async () => {
  const told: object[] = [];
  live.subscribe("home-a", ({ data }) => told.push(data));
  await start();
  await start();
  const sent = Array.from({ length: 120 }, (_, n) => message(n, beats(n)));
  for (const one of [...sent, ...sent.slice(40, 80), ...sent.slice(0, 30).reverse()]) ingest.send(one);
  for (let n = 0; n < 20; n++) ingest.send(message(n, beats(n), { home: "home-b" }));
  await letTimePass(clock, ingest.settled());
  expect([sumOf("framesStoredTotal"), sumOf("framesRepeatedTotal")]).toEqual([140, 70]);
  expect(workers.every(({ counters }) => counters.framesStoredTotal > 30)).toBe(true);
  expect(new Set(acknowledgedRows("home-a"))).toEqual(new Set(sent.map((_, n) => n)));
  expect(told).toHaveLength(120);
  expect(ingest.mostUnsettled).toBe(32);
  for (const store of stores) {
    expect((await store.beats("home-a", "person-a", everUs)).map(({ timeUs }) => timeUs)).toEqual(sent.map((_, n) => n));
    expect(await store.gateway("home-b")).toEqual({ gateway: "home-b", frames: 20, opaque: 0 });
  }
});

test("a worker that is killed between its commit and its acknowledgement costs nothing: another one acknowledges", async () => {
  const held = Promise.withResolvers<void>();
  const doomed = await start((store) => ({
    ...store,
    async commit(received, receivedUs) {
      const isNew = await store.commit(received, receivedUs);
      await held.promise;
      return isNew;
    },
  }));
  for (let n = 0; n < 16; n++) ingest.send(message(n, beats(n)));
  while ((await stores[0]!.gateway("home-a")).frames < 8) await new Promise((resolve) => setImmediate(resolve));
  expect(ingest.acknowledged).toEqual([]);
  await start();
  ingest.kill(doomed.ingest);
  held.resolve();
  await letTimePass(clock, ingest.settled());
  expect(acknowledgedRows("home-a").sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, n) => n));
  expect(await stores[1]!.beats("home-a", "person-a", everUs)).toHaveLength(16);
});

test("what a worker's store refuses is given again, to whichever worker can", async () => {
  let refusals = 0;
  await start((store) => ({
    ...store,
    async commit(received, receivedUs) {
      if (++refusals < 4) throw Object.assign(new Error("full"), { code: "SQLITE_FULL" });
      return store.commit(received, receivedUs);
    },
  }));
  await start();
  for (let n = 0; n < 60; n++) ingest.send(message(n, beats(n)));
  await letTimePass(clock, ingest.settled());
  expect(acknowledgedRows("home-a").sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, n) => n));
  expect(await stores[0]!.beats("home-a", "person-a", everUs)).toHaveLength(60);
});

test("a worker that stops stores and acknowledges what it has; the rest goes to the others", async () => {
  const first = await start();
  for (let n = 0; n < 40; n++) ingest.send(message(n, beats(n)));
  await letTimePass(clock, first.close());
  const before = acknowledgedRows("home-a").length;
  expect(before).toBeGreaterThanOrEqual(16);
  await start();
  await letTimePass(clock, ingest.settled());
  expect(acknowledgedRows("home-a").sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n));
  expect(sumOf("framesRepeatedTotal")).toBe(0);
});

test("a wish that one worker took is what the gateway gets, and a report that one worker took is what every one answers", async () => {
  const [one] = [await start(), await start()];
  await one.wishes.put("home-a", { flush: 30 }, undefined);
  await ingest.report("home-a", new TextEncoder().encode('{"version":1}'));
  await ingest.report("home-a", new TextEncoder().encode("[]"));
  expect(JSON.parse(ingest.desired.get("home-a") ?? "")).toMatchObject({ version: 1, settings: { flush: 30 } });
  expect(await stores[1]!.reported("home-a")).toBe('{"version":1}');
  expect(workers[0]!.counters.refused).toEqual({ malformed: 1 });
  await workers[1]!.wishes.put("home-a", { flush: 60 }, 1);
  expect(JSON.parse(ingest.desired.get("home-a") ?? "")).toMatchObject({ version: 2 });
});

const heartbeat = (n: number) =>
  message(n, { kind: "heartbeat", timeUs: n, uptimeS: 1, version: "1", people: [], devices: [], outboxDepth: 0 }, { name: "status" });
const silenceOf = (home: string) => Promise.all(stores.map(async (store) => (await store.gateway(home)).silence?.level));
/** Lets `minutes` pass in steps between which everything runs that can. */
async function pass(minutes: number): Promise<void> {
  for (let step = 0; step < minutes * 6; step++) {
    clock.advance(10_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("of two workers one tells a silence and one tells its end, whoever took the heartbeats, and both answer it", async () => {
  const told: (string | null)[] = [];
  live.subscribe("home-a", ({ event, data }) => {
    if (event === "gateway" && "silent" in data) told.push((data.silent as { level: string } | null)?.level ?? null);
  });
  await start();
  for (let n = 1; n <= 6; n++) {
    ingest.send(heartbeat(n));
    await letTimePass(clock, ingest.settled());
    if (n === 3) await start();
    await pass(5);
  }
  expect(workers.map(({ counters }) => counters.framesStoredTotal > 0)).toEqual([true, true]);
  expect(told).toEqual([]);
  await pass(9);
  expect([told, await silenceOf("home-a")]).toEqual([[], [undefined, undefined]]);
  await pass(2);
  expect([told, await silenceOf("home-a")]).toEqual([["warn"], ["warn", "warn"]]);
  await pass(15);
  expect([told, await silenceOf("home-a")]).toEqual([
    ["warn", "urgent"],
    ["urgent", "urgent"],
  ]);
  ingest.send(heartbeat(7));
  await letTimePass(clock, ingest.settled());
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect([told, await silenceOf("home-a")]).toEqual([
    ["warn", "urgent", null],
    [undefined, undefined],
  ]);
});

test("the worker that told a silence may be gone: another one tells that it has become worse, and when it is over", async () => {
  const told: unknown[] = [];
  live.subscribe("home-a", ({ data }) => "silent" in data && told.push(data.silent && (data.silent as { level: string }).level));
  const first = await start();
  ingest.send(heartbeat(1));
  await letTimePass(clock, ingest.settled());
  await pass(16);
  await first.close();
  await start();
  await pass(10);
  expect(told).toEqual(["warn"]);
  await pass(6);
  expect(told).toEqual(["warn", "urgent"]);
  ingest.send(heartbeat(2));
  await letTimePass(clock, ingest.settled());
  await pass(1);
  expect(told).toEqual(["warn", "urgent", null]);
});
