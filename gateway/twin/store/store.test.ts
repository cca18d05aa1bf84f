import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AlertRecord } from "../../../device-drivers/contract/event.ts";
import type { Frame } from "../../semantic/frame.ts";
import type { TwinPayload } from "../../semantic/payload.ts";
import { encodePayload } from "../../semantic/payload-codec.ts";
import { openTwinStore } from "./store.ts";
import type { Received, TwinStore } from "./twin-store.ts";

let dir: string;
let store: TwinStore;
let repairs: string[];
beforeEach(() => {
  repairs = [];
  dir = mkdtempSync(join(tmpdir(), "hearth-twin-store-"));
  store = openTwinStore(dir, (what) => repairs.push(what));
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

const everUs = { fromUs: 0, toUs: 10 ** 15, limit: 100 };
const events = (more: object): TwinPayload => ({
  kind: "events",
  person: "person-a",
  fromUs: 0,
  toUs: 60_000_000,
  beats: [],
  rhythms: [],
  vitals: [],
  gaps: [],
  watched: [],
  ...more,
});
const beats = (...timesUs: number[]) =>
  events({ beats: timesUs.map((timeUs) => ({ kind: "beat", device: "d", stream: "ecg", timeUs, label: "N", confidence: 1, rrMs: 800 })) });

function frame(n: number, payload: TwinPayload, more: Partial<Frame> = {}): Frame {
  return { g: "home-a", e: new Uint8Array(8), n, c: "semantic", t: n, p: encodePayload(payload), s: new Uint8Array(64), ...more };
}
const received = (n: number, payload: TwinPayload, more: Partial<Frame> = {}): Received => ({ frame: frame(n, payload, more), payload });
const alert = (more: Partial<AlertRecord>): TwinPayload => ({
  kind: "alert",
  alert: {
    id: "a1",
    person: "person-a",
    rule: "hr.high",
    device: "d",
    priority: "medium",
    kind: "physiological",
    state: "active",
    mode: "real",
    onsetUs: 1,
    raisedUs: 2,
    lastSeenUs: 3,
    count: 1,
    quality: "good",
    snoozes: [],
    deliveries: [],
    ...more,
  },
});

test("a frame is new once per gateway, epoch and number", () => {
  expect(store.commit([received(1, beats(5)), received(1, beats(5))], 0)).toEqual([true, false]);
  expect(
    store.commit(
      [received(1, beats(6), { e: new Uint8Array(8).fill(1) }), received(1, beats(7), { g: "home-b" }), received(2, beats(8))],
      0,
    ),
  ).toEqual([true, true, true]);
  expect(store.beats("home-a", "person-a", everUs).map(({ timeUs }) => timeUs)).toEqual([5, 6, 8]);
  expect(store.beats("home-b", "person-a", everUs)).toEqual([
    { kind: "beat", device: "d", stream: "ecg", timeUs: 7, label: "N", confidence: 1, rrMs: 800 },
  ]);
});

test("what was readable by nobody is taken up by the first start that can read it", () => {
  store.commit(
    [
      { frame: frame(1, beats(5)), payload: undefined },
      { frame: { ...frame(2, beats(6)), p: new Uint8Array([0]) }, payload: undefined },
    ],
    0,
  );
  expect([store.beats("home-a", "person-a", everUs), store.gateway("home-a").opaque]).toEqual([[], 2]);
  store.close();
  store = openTwinStore(dir, (what) => repairs.push(what));
  expect(store.beats("home-a", "person-a", everUs)).toHaveLength(1);
  expect(store.gateway("home-a")).toMatchObject({ frames: 2, opaque: 1 });
  expect(store.commit([received(1, beats(5))], 0)).toEqual([false]);
});

test("within an epoch the higher number is the newer alert, whatever came first", () => {
  store.commit([received(9, alert({ state: "resolved", endedUs: 9 })), received(4, alert({ state: "active" }), { h: true, t: 99 })], 0);
  expect(store.alerts("home-a", "person-a", { limit: 9 })).toMatchObject([{ state: "resolved" }]);
  expect(store.alerts("home-a", "person-a", { open: true, limit: 9 })).toEqual([]);
  store.commit([received(10, alert({ id: "a2", state: "notified", onsetUs: 50 }))], 0);
  expect(store.alerts("home-a", "person-a", { limit: 9 }).map(({ id }) => id)).toEqual(["a2", "a1"]);
  expect(store.state("home-a", "person-a").openAlerts).toMatchObject([{ id: "a2" }]);
});

test("watched time that overlaps is counted once, within the span alone", () => {
  const span = (fromS: number, toS: number, rule = "rhythm.vt") => ({ kind: "watched", rule, fromUs: fromS * 1e6, toUs: toS * 1e6 });
  store.commit(
    [
      received(1, events({ watched: [span(0, 60), span(0, 10, "hr.high")] })),
      received(2, events({ watched: [span(30, 90), span(100, 110)] })),
    ],
    0,
  );
  expect(store.watchedS("home-a", "person-a", 20e6, 105e6)).toEqual({ "rhythm.vt": 75 });
  expect(store.watchedS("home-a", "person-a", 0, 200e6)).toEqual({ "rhythm.vt": 100, "hr.high": 10 });
});

test("the state names the newest rhythm and vital sign, and how far the twin knows", () => {
  const vital = (timeUs: number, value: number) => ({ kind: "vital", code: "hr", timeUs, value, unit: "bpm" });
  const rhythm = (timeUs: number, label: string) => ({ kind: "rhythm", device: "d", stream: "ecg", timeUs, label });
  store.commit(
    [
      received(
        1,
        events({ toUs: 70e6, vitals: [vital(5, 70), vital(9, 72)], rhythms: [rhythm(6, "(VT"), rhythm(8, "(N"), rhythm(9, "~noise")] }),
      ),
    ],
    42,
  );
  store.commit([received(2, events({ toUs: 60e6, vitals: [vital(7, 90)] }))], 43);
  expect(store.state("home-a", "person-a")).toMatchObject({ asOfUs: 70e6, receivedUs: 43, vital: { value: 72 }, rhythm: { label: "(N" } });
});

test("numbers of devices stand beside the derived heart rate, each with its source, and never in its place", () => {
  const number = (timeUs: number, code: string, value: number, device: string) => ({
    ...{ kind: "vital", code, device, stream: "oxi", timeUs, value, unit: "%" },
  });
  const derived = { kind: "vital", code: "hr", timeUs: 5, value: 70, unit: "bpm" };
  const numbers = [
    number(6, "spo2", 96, "clip"),
    number(9, "spo2", 97, "clip"),
    number(9, "spo2", 91, "band"),
    number(9, "hr", 74, "clip"),
  ];
  store.commit([received(1, events({ toUs: 70e6, vitals: [derived, ...numbers] }))], 42);
  const state = store.state("home-a", "person-a");
  expect(state.vital).toEqual(derived);
  expect(state.numbers.map(({ code, device, value }) => `${code} ${device} ${value}`)).toEqual([
    "hr clip 74",
    "spo2 band 91",
    "spo2 clip 97",
  ]);
  expect(store.vitals("home-a", "person-a", everUs)).toHaveLength(5);
});

test("a database of before devices' own numbers keeps what it had", () => {
  store.close();
  rmSync(join(dir, "twin.db"));
  const old = new SqliteDatabase(join(dir, "twin.db"));
  old.exec(
    "CREATE TABLE vitals(g TEXT, person TEXT, time_us INTEGER, code TEXT, value REAL, unit TEXT, PRIMARY KEY(g, person, time_us, code)) WITHOUT ROWID",
  );
  old.exec("INSERT INTO vitals VALUES ('home-a', 'person-a', 7, 'hr', 71, 'bpm')");
  old.close();
  for (let i = 0; i < 2; i++) {
    store = openTwinStore(dir, (what) => repairs.push(what));
    expect(repairs).toEqual([]);
    expect(store.vitals("home-a", "person-a", everUs)).toEqual([{ kind: "vital", code: "hr", timeUs: 7, value: 71, unit: "bpm" }]);
    if (i === 0) store.close();
  }
});

test("an older heartbeat does not take the place of a newer one", () => {
  const heartbeat = (timeUs: number): TwinPayload => ({
    kind: "heartbeat",
    timeUs,
    uptimeS: 1,
    version: "1",
    people: [{ id: "person-a", name: "Person A" }],
    devices: [],
    outboxDepth: 0,
  });
  store.commit([received(2, heartbeat(20), { c: "status", t: 20 }), received(1, heartbeat(10), { c: "status", t: 10, h: true })], 5);
  expect(store.gateway("home-a").heartbeat?.timeUs).toBe(20);
  expect(store.people("home-a")).toEqual([{ id: "person-a", name: "Person A" }]);
});

test("strips are found by overlap and come back whole", () => {
  const strip = (startUs: number): TwinPayload => ({
    kind: "strip",
    person: "person-a",
    alertIds: ["a1"],
    device: "d",
    stream: "ecg",
    channel: "c",
    unit: "mV",
    scale: 1,
    offset: 0,
    rateHz: 250,
    startUs,
    samples: new Int32Array(500).fill(3),
  });
  store.commit([received(1, strip(0)), received(2, strip(10_000_000))], 0);
  store.commit([received(3, strip(0))], 0);
  expect(store.strips("home-a", "person-a", { fromUs: 1_999_999, toUs: 9_000_000 })).toEqual([strip(0)]);
  expect(store.strips("home-a", "person-a", { fromUs: 2_000_000, toUs: 9_000_000 })).toEqual([]);
  expect(store.strips("home-a", "person-a")).toEqual([strip(10_000_000)]);
});

test.each([
  ["garbled", (bytes: Buffer) => bytes.fill(0xa5, 0, 40)],
  ["cut in the middle", (bytes: Buffer) => bytes.subarray(0, 5000)],
  ["empty", (bytes: Buffer) => bytes.subarray(0, 0)],
])("a database that is %s is never taken for a whole one: it stands aside, a new one goes on, and it is told", (_how, harm) => {
  store.commit([received(1, beats(1_000_000))], 1);
  store.close();
  const file = join(dir, "twin.db");
  writeFileSync(file, harm(readFileSync(file)));
  store = openTwinStore(dir, (what) => repairs.push(what));
  expect(repairs).toEqual([expect.stringContaining(file)]);
  expect(store.beats("home-a", "person-a", everUs)).toEqual([]);
  store.commit([received(2, beats(2_000_000))], 2);
  expect(store.beats("home-a", "person-a", everUs)).toHaveLength(1);
  expect(existsSync(`${file}.damaged`)).toBe(!repairs[0]?.includes("was empty"));
});
