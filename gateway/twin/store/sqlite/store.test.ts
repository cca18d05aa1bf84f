import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import SqliteDatabase from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { alert, beats, everUs, received, testTwinStore } from "../../../../test/conformance/twin-store-suite.ts";
import type { TwinStore } from "../port.ts";
import { openTwinDatabase } from "./database.ts";
import { openTwinStore } from "./store.ts";

testTwinStore(async (dir) =>
  openTwinStore(dir, (what) => {
    throw new Error(what);
  }),
);

let dir: string;
let store: TwinStore | undefined;
let repairs: string[];
beforeEach(() => {
  repairs = [];
  dir = mkdtempSync(join(tmpdir(), "hearth-twin-sqlite-"));
});
afterEach(async () => {
  await store?.close();
  rmSync(dir, { recursive: true, force: true });
});
const open = () => {
  store = openTwinStore(dir, (what) => repairs.push(what));
  return store;
};

test("a database from before it had a version opens with everything it had, and takes more", async () => {
  const testdata = new URL("./testdata/unversioned.db.gz", import.meta.url);
  writeFileSync(join(dir, "twin.db"), gunzipSync(readFileSync(testdata)));
  for (let start = 0; start < 2; start++) {
    const store = open();
    expect(repairs).toEqual([]);
    expect(await store.people("home-a")).toEqual([{ id: "person-a", name: "Person A" }]);
    expect((await store.beats("home-a", "person-a", everUs)).map(({ timeUs, label, rrMs }) => [timeUs, label, rrMs])).toEqual([
      [1e6, "N", undefined],
      [2e6, "N", 1000],
      [3e6, "V", 1000],
    ]);
    expect(await store.rhythms("home-a", "person-a", everUs)).toMatchObject([{ timeUs: 1e6, label: "(N" }]);
    expect(await store.gaps("home-a", "person-a", everUs)).toMatchObject([{ fromUs: 10e6, toUs: 12e6 }]);
    expect(await store.state("home-a", "person-a")).toMatchObject({
      ...{ name: "Person A", asOfUs: 60e6, receivedUs: 1_700_000_000_000_000, watchedS: { "hr.high": 60 }, vital: { value: 61 } },
      ...{ numbers: [{ code: "spo2", value: 97, device: "clip" }], rhythm: { label: "(N" } },
      openAlerts: [{ id: "a3" }, { id: "a1", state: "acknowledged", acknowledgedBy: "Person B" }],
    });
    expect((await store.alerts("home-a", "person-a", { limit: 9 })).map(({ id }) => id)).toEqual(["a3", "a2", "a1"]);
    expect((await store.strips("home-a", "person-a"))[0]?.samples).toEqual(Int32Array.from({ length: 250 }, (_, i) => i % 50));
    expect(await store.gateway("home-a")).toMatchObject({
      ...{ frames: 8, opaque: 1, heartbeat: { timeUs: 60e6, outboxDepth: 2 }, heartbeatReceivedUs: 1_700_000_000_000_000 },
    });
    expect(JSON.parse((await store.desired("home-a")) ?? "")).toMatchObject({ version: 3 });
    expect(await store.reported("home-a")).toBe('{"version":2}');
    await store.enrol({ gateway: "home-a", publicKeyPem: "key", passwordHash: "hash" });
    expect(await store.watched()).toEqual([{ gateway: "home-a", heardCount: 0, heardUs: 1_700_000_000_000_000 }]);
    await store.close();
  }
  const again = open();
  expect(await again.commit([received(1, beats(1_000_000)), received(9, beats(9_000_000))], 1)).toEqual([false, true]);
  expect(await again.beats("home-a", "person-a", everUs)).toHaveLength(4);
});

test("a database of before devices' own numbers keeps what it had", async () => {
  const old = new SqliteDatabase(join(dir, "twin.db"));
  old.exec(
    "CREATE TABLE vitals(g TEXT, person TEXT, time_us INTEGER, code TEXT, value REAL, unit TEXT, PRIMARY KEY(g, person, time_us, code)) WITHOUT ROWID",
  );
  old.exec("INSERT INTO vitals VALUES ('home-a', 'person-a', 7, 'hr', 71, 'bpm')");
  old.close();
  for (let start = 0; start < 2; start++) {
    expect(await open().vitals("home-a", "person-a", everUs)).toEqual([{ kind: "vital", code: "hr", timeUs: 7, value: 71, unit: "bpm" }]);
    expect(repairs).toEqual([]);
    await store?.close();
  }
});

test("a database of before rejected and expired alerts were open has them open", async () => {
  const states = ["rejected", "resolved", "expired"] as const;
  await open().commit(
    states.map((state, i) => received(i, alert({ id: state, state, onsetUs: i }))),
    1,
  );
  await store?.close();
  const db = new SqliteDatabase(join(dir, "twin.db"));
  db.exec(
    "UPDATE alerts SET open = 0; DROP TABLE kept; DROP TABLE leavings; DROP TABLE renamed; DROP TABLE acts; DROP TABLE incidents; DROP TABLE minutes; DROP TABLE claims; DROP TABLE enrolment_acts; ALTER TABLE gateways DROP COLUMN joined",
  );
  db.pragma("user_version = 3");
  db.close();
  expect((await open().state("home-a", "person-a")).openAlerts.map(({ id }) => id)).toEqual(["expired", "rejected"]);
});

test("a commit is on the disk before it is answered", () => {
  const db = openTwinDatabase(dir, () => undefined);
  // 2 is FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
  expect([db.pragma("synchronous", { simple: true }), db.pragma("journal_mode", { simple: true })]).toEqual([2, "wal"]);
  db.close();
});

test("a kept frame that this program can read but not write keeps it from nothing, and the others are taken up", async () => {
  const opaque = [1, 2].map((n) => ({ ...received(n, beats(n)), payload: undefined }));
  await open().commit(opaque, 0);
  await store?.close();
  const db = new SqliteDatabase(join(dir, "twin.db"));
  db.exec("CREATE TRIGGER refuse BEFORE INSERT ON beats WHEN NEW.time_us = 1 BEGIN SELECT RAISE(ABORT, 'refused'); END");
  db.close();
  const next = open();
  expect((await next.beats("home-a", "person-a", everUs)).map(({ timeUs }) => timeUs)).toEqual([2]);
  expect(await next.gateway("home-a")).toMatchObject({ frames: 2, opaque: 1 });
});

test("a database of a newer program is left as it is, and the reason is told", async () => {
  await open().close();
  const db = new SqliteDatabase(join(dir, "twin.db"));
  db.pragma("user_version = 99");
  db.close();
  expect(open).toThrow(expect.objectContaining({ code: "twin.newer_database", kind: "operator" }));
  expect(existsSync(join(dir, "twin.db.damaged"))).toBe(false);
});

test.each([
  ["garbled", (bytes: Buffer) => bytes.fill(0xa5, 0, 40)],
  ["cut in the middle", (bytes: Buffer) => bytes.subarray(0, 5000)],
  ["empty", (bytes: Buffer) => bytes.subarray(0, 0)],
])("a database that is %s is never taken for a whole one: it stands aside, a new one goes on, and it is told", async (_how, harm) => {
  await open().commit([received(1, beats(1_000_000))], 1);
  await store?.close();
  const file = join(dir, "twin.db");
  writeFileSync(file, harm(readFileSync(file)));
  const next = open();
  expect(repairs).toEqual([expect.stringContaining(file)]);
  expect(await next.beats("home-a", "person-a", everUs)).toEqual([]);
  await next.commit([received(2, beats(2_000_000))], 2);
  expect(await next.beats("home-a", "person-a", everUs)).toHaveLength(1);
  expect(existsSync(`${file}.damaged`)).toBe(!repairs[0]?.includes("was empty"));
});
