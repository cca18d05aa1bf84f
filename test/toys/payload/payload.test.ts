import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type VirtualClock, virtualClock } from "../../../device-drivers/contract/clock.ts";
import { createLog } from "../../../gateway/runtime/log.ts";
import { encodeFrame } from "../../../gateway/semantic/frame.ts";
import { type PayloadCodec, payloadCodec } from "../../../gateway/semantic/payload-codec.ts";
import { payloadKinds } from "../../../gateway/semantic/payloads/index.ts";
import type { AnyPayload } from "../../../gateway/semantic/payloads/kind.ts";
import { createTwinApp } from "../../../gateway/twin/http.ts";
import { createMemoryIngest } from "../../../gateway/twin/ingest/memory.ts";
import { createLocalLive } from "../../../gateway/twin/live.ts";
import { openTwinStore } from "../../../gateway/twin/store/sqlite/store.ts";
import { startWorker } from "../../../gateway/twin/worker.ts";
import { letTimePass } from "../../support/let-time-pass.ts";
import { type MoodPayload, moodKind } from "./mood.ts";

// The toy's file, and its line in the list.
const withMood = payloadCodec<AnyPayload>([...payloadKinds, moodKind]);

const gateway = generateKeyPairSync("ed25519");
const twin = generateKeyPairSync("ed25519");
const home = "home-a";
const who = "person-a";
const everUs = { fromUs: 0, toUs: 10 ** 15, limit: 100 };
const mood = (timeUs: number, value: number): MoodPayload => ({ kind: "mood", person: who, timeUs, mood: value });

let dir: string;
let clock: VirtualClock;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "hearth-toy-payload-"));
  clock = virtualClock(1_700_000_000_000_000);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function open(codec?: PayloadCodec) {
  const onRepair = (what: string) => {
    throw new Error(what);
  };
  return openTwinStore(dir, onRepair, codec);
}

/** A twin that knows the kinds of `codec` (the shipped ones unless told) takes the payloads in, and is stopped. */
async function send(payloads: readonly MoodPayload[], from: number, codec?: PayloadCodec) {
  const store = open(codec);
  const ingest = createMemoryIngest();
  const worker = await startWorker({
    ...{ store, openIngest: ingest.open, live: createLocalLive(), clock, privateKey: twin.privateKey, log: createLog({ level: "silent" }) },
    keyOf: async () => gateway.publicKey,
    ...(codec === undefined ? {} : { codec }),
  });
  payloads.forEach((payload, i) => {
    const { class: name, timeUs, payload: p } = withMood.toOutbox(payload);
    const fields = { g: home, e: new Uint8Array(8), n: from + i, c: name, t: timeUs, p };
    const bytes = encodeFrame(fields, (signed) => new Uint8Array(sign(null, signed, gateway.privateKey)));
    ingest.send({ gateway: home, class: name, bytes });
  });
  await letTimePass(clock, ingest.settled());
  await letTimePass(clock, worker.close());
  await store.close();
  return { counters: worker.counters, acknowledged: ingest.acknowledged.length };
}

test("a kind of payload that is a file and a line goes through frame and twin, and is read back by its span", async () => {
  const { counters } = await send([mood(1_000_000, 7), mood(2_000_000, 3), mood(9_000_000, 5)], 0, withMood);
  expect(counters).toMatchObject({ framesStoredTotal: 3, framesOpaqueTotal: 0 });
  const store = open(withMood);
  expect(await store.kept(home, who, "mood", { ...everUs, fromUs: 1_500_000 })).toEqual([mood(2_000_000, 3), mood(9_000_000, 5)]);
  expect(await store.kept(home, who, "mood", { ...everUs, toUs: 9_000_000, limit: 1 })).toEqual([mood(1_000_000, 7)]);
  expect(await store.kept("home-b", who, "mood", everUs)).toEqual([]);
  expect(await store.people(home)).toEqual([{ id: who }]);
  await store.close();
});

test("a twin from before the kind acknowledges its frames, keeps them as they came, and reads them once it knows the kind", async () => {
  const { counters, acknowledged } = await send([mood(1_000_000, 7)], 0);
  expect(counters).toMatchObject({ framesStoredTotal: 1, framesOpaqueTotal: 1 });
  expect(acknowledged).toBeGreaterThan(0);
  const old = open();
  expect(await old.kept(home, who, "mood", everUs)).toEqual([]);
  expect(await old.gateway(home)).toMatchObject({ opaque: 1 });
  await old.close();
  const updated = open(withMood);
  expect(await updated.kept(home, who, "mood", everUs)).toEqual([mood(1_000_000, 7)]);
  expect(await updated.gateway(home)).toMatchObject({ opaque: 0 });
  await updated.close();
});

test("who may read a home reads what is kept over HTTP, and another home's token gets 404", async () => {
  await send([mood(1_000_000, 7)], 0, withMood);
  const store = open(withMood);
  const app = createTwinApp({
    ...{ store, live: createLocalLive(), log: createLog({ level: "silent" }), host: "127.0.0.1", nowUs: clock.wallUs },
    tokens: () => [home, "home-b"].map((of) => ({ token: of, gateway: of, role: "patient" as const })),
    isConnected: async () => true,
    putAct: async () => Promise.reject(new Error("not asked")),
    putDesired: async () => {
      throw new Error("nothing is wished here");
    },
    metrics: () => "",
    version: "0.1.0",
  });
  const ask = (token: string) =>
    app.request(`http://127.0.0.1/api/v1/people/${who}/kept/mood?from=1&to=2`, { headers: { authorization: `Bearer ${token}` } });
  expect(await (await ask(home)).json()).toEqual({ person: who, kind: "mood", payloads: [mood(1_000_000, 7)] });
  expect((await ask("home-b")).status).toBe(404);
  await store.close();
});

test("of two payloads in one place the larger of one time stays, whichever came first", async () => {
  await send([mood(1_000_000, 7), mood(1_000_000, 3)], 0, withMood);
  const store = open(withMood);
  expect(await store.kept(home, who, "mood", everUs)).toEqual([mood(1_000_000, 7)]);
  await store.close();
});

test("two kinds with one name or one layout number are refused", () => {
  expect(() => payloadCodec<AnyPayload>([moodKind, { ...moodKind, kind: "other" }])).toThrow("one layout number");
  expect(() => payloadCodec<AnyPayload>([moodKind, { ...moodKind, layouts: [1001] }])).toThrow("one name");
});
