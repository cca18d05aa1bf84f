import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { AlertRecord, BeatEvent, PersonEvent, StripDue } from "../../device-drivers/contract/event.ts";
import { createAlertTable } from "./alert-table.ts";
import { createAuditTable } from "./audit-table.ts";
import { type Database, openDatabase, toStoreError } from "./database.ts";
import { packEvents, runsOf, unpackEvents } from "./event-codec.ts";
import { createEventTable } from "./event-table.ts";
import { foldHeld, type HeldCommit } from "./held-commits.ts";
import { migrate } from "./migrations.ts";
import { openFile, suspect } from "./open-file.ts";
import { createRegistryTable } from "./registry-table.ts";
import { createStateTable } from "./state-table.ts";
import { openStore } from "./store.ts";
import type { PersonCommit } from "./store-port.ts";
import { countWrittenBytes } from "./written-bytes.ts";

let dir: string;
let db: Database;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "hearth-tables-"));
  db = openDatabase(join(dir, "hearth.db"));
  migrate(db);
});
afterEach(() => {
  db.close();
  rmSync(dir, { recursive: true, force: true });
});

const alert = (id: string, raisedUs: number, more: Partial<AlertRecord> = {}) =>
  ({ id, person: "p1", rule: "rhythm.vt", state: "active", raisedUs, ...more }) as AlertRecord;
const beat = (timeUs: number): BeatEvent => ({ kind: "beat", device: "d", stream: "ecg", timeUs, label: "N", confidence: 1 });

test("a page of alerts has 100 unless told, 1000 at most and one at least", () => {
  const alerts = createAlertTable(db);
  db.transaction(() => {
    for (let i = 0; i < 1001; i++) alerts.put(alert(`a${i}`, i));
  })();
  const count = (limit?: number) => alerts.page(limit === undefined ? {} : { limit }).alerts.length;
  expect([count(), count(5000), count(0), count(-3), count(7)]).toEqual([100, 1000, 1, 1, 7]);
  expect(alerts.page({ limit: 1000 }).cursor).toBeDefined();
  alerts.put(alert("a1000", 1000, { person: "p2", state: "closed" }));
  expect(alerts.page({ limit: 1, person: "p2", open: false }).alerts.map(({ id }) => id)).toEqual(["a1000"]);
  expect(alerts.page({ person: "p2", open: true }).alerts).toEqual([]);
  expect(alerts.page({ open: true, limit: 1000 })).not.toHaveProperty("cursor");
  alerts.put(alert("a1000", -5));
  expect(alerts.page({ limit: 1 }).alerts[0]?.id).toBe("a999");
});

test("a resolved alert is not open but unfinished: it may become active again", () => {
  const alerts = createAlertTable(db);
  for (const state of ["active", "acknowledged", "resolved", "closed"] as const) alerts.put(alert(state, 1.5, { state }));
  expect(alerts.page({ open: false }).alerts.map(({ id }) => id)).toEqual(["closed", "resolved"]);
  const held = new Map([["active", alert("active", 1, { state: "closed" })]]);
  expect(alerts.page({ open: true }, held).alerts.map(({ id }) => id)).toEqual(["acknowledged"]);
  expect(alerts.page({ unfinished: true }, held).alerts.map(({ id }) => id)).toEqual(["resolved", "acknowledged"]);
});

test("a strip that is owed again is owed as it is now", () => {
  const alerts = createAlertTable(db);
  const strip = (toUs: number): StripDue => ({
    ...{ alertId: "a", person: "p1", device: "d", stream: "ecg", fromUs: 1, toUs, anchor: { bootId: "b", index: 0, timeUs: 1 } },
  });
  alerts.owe(strip(2));
  alerts.owe(strip(9));
  expect(alerts.owed()).toEqual([strip(9)]);
});

test("mark and snapshot are replaced in every column, and the newest time is that of any person", () => {
  const state = createStateTable(db);
  expect([state.mark("p1"), state.newestTimeUs()]).toEqual([{}, 0]);
  for (const n of [1, 2]) {
    state.putMark("p1", { ordinal: n, timeUs: n * 10 + 0.4, position: n * 100 });
    state.putSnapshot("p1", { position: n * 1000, ordinal: n * 3, bytes: Uint8Array.of(n) });
  }
  state.putMark("p2", { ordinal: 1, timeUs: 7, position: 1 });
  expect(state.mark("p1")).toEqual({
    mark: { ordinal: 2, timeUs: 20, position: 200 },
    snapshot: { position: 2000, ordinal: 6, bytes: Buffer.of(2) },
  });
  expect(state.mark("p2")).toEqual({ mark: { ordinal: 1, timeUs: 7, position: 1 } });
  expect(state.newestTimeUs()).toBe(20);
});

test("people and devices are replaced in every column; a wearing that never was is withdrawn", () => {
  const registry = createRegistryTable(db);
  for (const n of [1, 2]) {
    registry.putPerson({ id: "p1", name: `Person ${n}`, profile: { n } });
    registry.putDevice({ id: "d", title: `t${n}`, driver: `v${n}`, link: `l${n}` });
  }
  registry.putDevice({ id: "c", title: "", driver: "", link: "" });
  expect(registry.people()).toEqual([{ id: "p1", name: "Person 2", profile: { n: 2 } }]);
  expect(registry.devices()).toEqual([
    { id: "c", title: "", driver: "", link: "" },
    { id: "d", title: "t2", driver: "v2", link: "l2" },
  ]);
  registry.wear("d", "p1", "chest", 10.4);
  registry.wear("c", "p2", "wrist", 5);
  registry.wear("d", "p1", "chest", 8);
  expect(registry.wearings()).toEqual([
    { device: "c", person: "p2", placement: "wrist", fromUs: 5 },
    { device: "d", person: "p1", placement: "chest", fromUs: 8 },
  ]);
  registry.wear("d", "p1", "wrist", 20);
  registry.wear("d", undefined, "", 15);
  expect(registry.wearings().filter(({ device }) => device === "d")).toEqual([
    { device: "d", person: "p1", placement: "chest", fromUs: 8, toUs: 20 },
  ]);
});

test("what the audit says does not depend on the order of its fields, and who did what, when and to whom is covered", () => {
  const row = { atUs: 5.2, what: "snooze", by: "Person A", subject: "a", detail: { b: 1, a: [true, { y: 1, x: undefined }] } };
  const hashOf = (change: object) => {
    db.exec("DELETE FROM audit");
    const audit = createAuditTable(db);
    audit.add([{ ...row, ...change }]);
    expect(audit.verify()).toEqual({ rows: 1, erased: 0 });
    return audit.newest(1)[0]?.hash;
  };
  const own = hashOf({});
  expect(hashOf({ detail: { a: [true, { y: 1 }], b: 1 } })).toBe(own);
  for (const change of [{ atUs: 6 }, { what: "x" }, { by: "Person B" }, { subject: "b" }, { detail: { b: 2, a: [] } }])
    expect(hashOf(change)).not.toBe(own);
  const audit = createAuditTable(db);
  db.exec("DELETE FROM audit; DELETE FROM meta");
  expect(audit.verify()).toEqual({ rows: 0, erased: 0 });
  audit.add([row, row]);
  audit.add([]);
  const [second, first] = audit.newest(9);
  expect(second?.hash).not.toBe(first?.hash);
  expect(first).toMatchObject({ atUs: 5, detail: { a: [true, { y: 1 }], b: 1 } });
});

test("blobs of many persons that end in the same microsecond are all found, from the first event of the blob to its last", () => {
  const events = createEventTable(db);
  const endUs = 1e9 + 599e6;
  for (let n = 0; n < 5; n++) events.add(`p${n}`, [beat(1e9), beat(endUs)]);
  for (let n = 0; n < 5; n++) {
    expect(events.between(`p${n}`, 1e9, 1e9 + 1)).toEqual([beat(1e9)]);
    expect(events.between(`p${n}`, endUs, endUs + 1)).toEqual([beat(endUs)]);
    expect(events.between(`p${n}`, 1e9 + 1, endUs)).toEqual([]);
  }
  const gap = (fromUs: number, toUs: number): PersonEvent => ({ kind: "gap", device: "d", stream: "ecg", fromUs, toUs });
  for (let n = 0; n < 2; n++) events.add("p9", [gap(1e9, 20e9)]);
  expect(events.between("p9", 19e9, 30e9)).toHaveLength(2);
  expect(events.between("p9", 20e9, 30e9)).toEqual([]);
  expect(events.between("p9", 0, 1e9)).toEqual([]);
  expect(db.prepare("SELECT count(*) FROM long_events").pluck().get()).toBe(2);
});

test("watched spans touch, meet and end where they do", () => {
  const events = createEventTable(db);
  const span = (fromUs: number, toUs: number, rule = "a"): PersonEvent => ({ kind: "watched", rule, fromUs, toUs });
  events.add("p1", [span(0.4, 10), span(10, 20), span(30, 40), span(40, 50), span(22, 25)]);
  const found = (fromUs: number, toUs: number) => events.between("p1", fromUs, toUs).map((event) => ("toUs" in event ? event.toUs : 0));
  expect(found(0, 100)).toEqual([20, 25, 50]);
  expect([found(20, 22), found(19, 22), found(19, 23), found(50, 60), found(0, 30), found(49, 60)]).toEqual([
    [],
    [20],
    [20, 25],
    [],
    [20, 25],
    [50],
  ]);
  expect(events.coverage("p1", 5, 35)).toEqual({ a: 23 / 1e6 });
  events.forgetCached();
  expect(found(0, 100)).toEqual([20, 25, 50]);
});

test("a gap keeps its reason, events of many streams and of half an hour come back from several blobs", () => {
  const gap = (n: number, reason?: string): PersonEvent => ({
    ...{ kind: "gap", device: `d${n}`, stream: "ecg", fromUs: n, toUs: n + 1 },
    ...(reason === undefined ? {} : { reason }),
  });
  const gaps = [gap(1), gap(2, "worn off"), gap(3)] as Parameters<typeof packEvents>[0];
  expect(unpackEvents(packEvents(gaps))).toEqual(gaps);
  const names = Array.from({ length: 700 }, (_, n) => gap(n, `r${n}`)) as typeof gaps;
  const runs = runsOf(names);
  expect(runs.length).toBeGreaterThan(1);
  expect(runs.flatMap((run) => unpackEvents(packEvents(run)))).toEqual(names);
  const spread = [beat(0), beat(600e6 - 1), beat(600e6), beat(1300e6)];
  expect(runsOf(spread).map((run) => run.length)).toEqual([2, 1, 1]);
  expect(runsOf([beat(5), beat(1)])[0]?.map(({ kind: _, ...rest }) => ("timeUs" in rest ? rest.timeUs : 0))).toEqual([1, 5]);
  expect(runsOf([])).toEqual([]);
});

test.each([
  ["alerts", { alerts: [alert("a", 1)] }],
  ["outbox", { outbox: [{ class: "raw", timeUs: 1, payload: new Uint8Array(1) }] }],
  ["stripsDue", { stripsDue: [{ alertId: "a" } as StripDue] }],
  ["stripsDone", { stripsDone: ["a"] }],
  ["audit", { audit: [{ atUs: 1, what: "", by: "", subject: "", detail: {} }] }],
  ["values", { values: [{ key: "a", value: Uint8Array.of(1) }] }],
] satisfies [string, Partial<PersonCommit>][])("what a full disk refuses is folded, but never a commit with %s", (_, more) => {
  const entry = (commit: Partial<PersonCommit>, isTold = true): HeldCommit => ({ commit: { person: "p1", ...commit }, isTold, count: 1 });
  const plain = (n: number) => entry({ events: [beat(n)], mark: { ordinal: n, timeUs: n, position: n } });
  const folded = foldHeld([plain(1), plain(2), entry(more), plain(3), plain(4), entry({}, false), plain(5)]);
  expect(folded.map(({ count, commit }) => [count, commit.events?.length, commit.mark?.ordinal])).toEqual([
    [2, 2, 2],
    [1, undefined, undefined],
    [2, 2, 4],
    [1, undefined, undefined],
    [1, 1, 5],
  ]);
  expect(folded[1]?.commit).toEqual({ person: "p1", ...more });
});

test("a fold keeps the mark where the next has none, takes at most a thousand along, and of snapshots each person's newest", () => {
  const snapshot = (n: number) => ({ position: n, ordinal: n, bytes: Uint8Array.of(n) });
  const entries: HeldCommit[] = Array.from({ length: 1500 }, (_, n) => ({
    commit: { person: "p1", events: [beat(n)] },
    isTold: true,
    count: 1,
  }));
  entries[0] = { commit: { person: "p1", mark: { ordinal: 1, timeUs: 1, position: 1 }, snapshot: snapshot(1) }, isTold: true, count: 1 };
  entries.push({ commit: { person: "p2", snapshot: snapshot(2) }, isTold: true, count: 1 });
  entries.push({ commit: { person: "p1", snapshot: snapshot(3), stripsDone: ["a"] }, isTold: true, count: 1 });
  const folded = foldHeld(entries);
  expect(folded.map(({ count }) => count)).toEqual([1000, 500, 1, 1]);
  expect(folded.map(({ commit }) => commit.snapshot?.ordinal)).toEqual([undefined, undefined, 2, 3]);
  expect(folded[0]?.commit).toMatchObject({ mark: { ordinal: 1 } });
});

test.each([
  ["SQLITE_FULL", "store.disk_full", "world"],
  ["SQLITE_CORRUPT_INDEX", "store.corrupt", "world"],
  ["SQLITE_NOTADB", "store.corrupt", "world"],
  ["SQLITE_IOERR_WRITE", "store.io", "world"],
  ["SQLITE_CANTOPEN", "store.io", "world"],
  ["SQLITE_READONLY", "store.io", "world"],
  ["SQLITE_BUSY", "store.io", "world"],
  ["SQLITE_LOCKED", "store.io", "world"],
  ["SQLITE_PROTOCOL", "store.io", "world"],
  ["SQLITE_CONSTRAINT", "store.bug", "bug"],
])("%s is %s", (code, expected, kind) => {
  expect(toStoreError(new SqliteDatabase.SqliteError("said", code))).toMatchObject({ code: expected, kind, message: "said" });
});

test.each([
  ["ENOSPC", "store.disk_full"],
  ["EDQUOT", "store.disk_full"],
  ["EROFS", "store.io"],
])("%s of the system is %s", (code, expected) => {
  expect(toStoreError(Object.assign(new Error(code), { code }))).toMatchObject({ code: expected, kind: "world" });
});

test("an error that has its name keeps it, and anything else is a bug", () => {
  const known = new GatewayError("store.newer", "operator", "x");
  expect(toStoreError(known)).toBe(known);
  expect(toStoreError(new TypeError("x"))).toMatchObject({ code: "store.bug", kind: "bug" });
  expect(toStoreError("x")).toMatchObject({ code: "store.bug", message: "x" });
});

test("the file is written as measured: pages of 2 kB, a log beside it, whose index stays in memory where nothing can be written", () => {
  const pragma = (name: string) => db.pragma(name, { simple: true });
  expect([pragma("page_size"), pragma("journal_mode"), pragma("wal_autocheckpoint"), pragma("journal_size_limit")]).toEqual([
    2048,
    "wal",
    8000,
    16 << 20,
  ]);
  db.close();
  rmSync(join(dir, "hearth.db-shm"), { force: true });
  db = openDatabase(join(dir, "hearth.db"), true);
  db.prepare("SELECT * FROM meta").all();
  expect(existsSync(join(dir, "hearth.db-shm"))).toBe(false);
  writeFileSync(join(dir, "other.db"), "x".repeat(5000));
  expect(() => openDatabase(join(dir, "other.db"))).toThrow(expect.objectContaining({ code: "SQLITE_NOTADB" }));
});

test("a database of the first version has its marks still, without a position", async () => {
  db.exec("ALTER TABLE marks DROP COLUMN position; INSERT INTO marks VALUES ('p1', 4, 5)");
  db.pragma("user_version = 1");
  db.close();
  const { store } = await openStore({ dir, clock: virtualClock(), epochBytes: () => new Uint8Array(8) });
  expect(await store.mark("p1")).toEqual({ mark: { ordinal: 4, timeUs: 5, position: 0 } });
  await store.close();
  db = openDatabase(join(dir, "hearth.db"));
  expect(db.pragma("user_version", { simple: true })).toBe(2);
});

test("a file that lost its tail stands aside whole and is told once", () => {
  const alerts = createAlertTable(db);
  for (let i = 0; i < 300; i++) alerts.put(alert(`a${i}`, i));
  db.close();
  const path = join(dir, "hearth.db");
  truncateSync(path, 40_000);
  const told: string[] = [];
  db = openFile(dir, 0, (what) => told.push(what));
  const aside = "hearth.db.corrupt-1970-01-01T00-00-00-000Z";
  expect(told).toEqual([expect.stringContaining(`stands aside as ${aside}`)]);
  expect(readFileSync(join(dir, aside)).length).toBe(40_000);
  expect(createAlertTable(db).page({}).alerts).toEqual([]);
});

test("a file that was suspected without cause is read whole once, and then trusted", () => {
  db.close();
  suspect(dir);
  expect(readdirSync(dir)).toContain("hearth.db.suspect");
  const told: string[] = [];
  db = openFile(dir, 0, (what) => told.push(what));
  expect([told, readdirSync(dir).includes("hearth.db.suspect")]).toEqual([[], false]);
});

test("written bytes are at least those that were given, also of a write that failed", () => {
  const written = countWrittenBytes(db);
  const put = db.prepare("INSERT INTO named_values VALUES (?, ?)");
  expect(written.total()).toBe(0);
  expect(written.around(() => put.run("a", new Uint8Array(100_000)).changes)).toBe(1);
  const first = written.total();
  expect(first).toBeGreaterThan(100_000);
  expect(first).toBeLessThan(150_000);
  put.run("b", new Uint8Array(100_000));
  expect(written.total()).toBe(first);
  expect(() =>
    written.around(() => {
      put.run("c", new Uint8Array(50_000));
      throw new Error("after");
    }),
  ).toThrow("after");
  expect(written.total()).toBeGreaterThan(first + 50_000);
});
