import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord, BeatEvent, PersonEvent, StripDue } from "../../device-drivers/contract/event.ts";
import { openDatabase } from "./database.ts";
import { openStore, type StoreOptions } from "./store.ts";
import { openStoreCore } from "./store-core.ts";
import type { PersonCommit, Store } from "./store-port.ts";

let dir: string;
let clock: VirtualClock;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "hearth-store-"));
  clock = virtualClock();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const openHere = (more: Partial<StoreOptions> = {}) => openStore({ dir, clock, epochBytes: () => new Uint8Array(8), ...more });

const beat = (timeUs: number): BeatEvent => ({ kind: "beat", device: "d", stream: "ecg", timeUs, label: "N", confidence: 1 });
const alert = (id: string, raisedUs: number, more: Partial<AlertRecord> = {}): AlertRecord => ({
  ...{ id, person: "p1", rule: "rhythm.vt", device: "d", priority: "high", kind: "physiological", state: "active", mode: "real" },
  ...{ onsetUs: raisedUs - 5, raisedUs, lastSeenUs: raisedUs, count: 1, quality: "good", snoozes: [], deliveries: [] },
  ...more,
});
const strip = (alertId: string, stream: string): StripDue => ({
  ...{ alertId, person: "p1", device: "d", stream, fromUs: 1, toUs: 2, anchor: { bootId: "b", index: 0, timeUs: 1 } },
});

/** Commits, and lists in `log` when each is settled. */
function committer(store: Store, log: string[]) {
  return (name: string, commit: PersonCommit, urgent?: boolean) =>
    store.commit(commit, urgent).then(
      () => void log.push(name),
      (error: { code: string }) => void log.push(`${name} ${error.code}`),
    );
}

test("commits wait for their group and are then one transaction", async () => {
  const { store } = await openHere();
  const log: string[] = [];
  const commit = committer(store, log);
  const before = store.figures().transactionsTotal;
  const done = [1, 2, 3].map((n) => commit(`${n}`, { person: "p1", events: [beat(n)], mark: { ordinal: n, timeUs: n, position: n } }));
  await store.people();
  expect(log).toEqual([]);
  expect(await store.mark("p1")).toEqual({});
  clock.advance(10_000);
  await Promise.all(done);
  expect(log).toEqual(["1", "2", "3"]);
  expect(store.figures().transactionsTotal).toBe(Math.max(before, 1) + 1);
  expect(await store.mark("p1")).toEqual({ mark: { ordinal: 3, timeUs: 3, position: 3 } });
  expect(await store.events("p1", 0, 10)).toEqual([beat(1), beat(2), beat(3)]);
  expect(await store.newestTimeUs()).toBe(3);
  await store.close();
});

test.each([
  ["an alert", { alerts: [alert("a", 1)] }, false],
  ["a strip that is due", { stripsDue: [strip("a", "ecg")] }, false],
  ["an outbox row of class alert", { outbox: [{ class: "alert" as const, timeUs: 1, payload: new Uint8Array(1) }] }, false],
  ["urgency", {}, true],
])("%s is committed at once, with everything before it", async (_, what, urgent) => {
  const { store } = await openHere();
  const log: string[] = [];
  const commit = committer(store, log);
  const first = commit("first", { person: "p2", events: [beat(1)] });
  const second = commit("second", { person: "p1", ...what }, urgent);
  await Promise.all([first, second]);
  expect(log).toEqual(["first", "second"]);
  await store.close();
});

test("only the newest snapshot of a person is kept", async () => {
  const { store } = await openHere();
  for (const ordinal of [1, 2])
    void store.commit({ person: "p1", snapshot: { position: ordinal * 10, ordinal, bytes: new Uint8Array(ordinal).fill(ordinal) } });
  await store.flush();
  const { snapshot } = await store.mark("p1");
  expect({ ...snapshot, bytes: [...snapshot!.bytes] }).toEqual({ position: 20, ordinal: 2, bytes: [2, 2] });
  await store.close();
});

test("events are found by person and time, gaps and watched time by overlap", async () => {
  const { store } = await openHere();
  const gap: PersonEvent = { kind: "gap", device: "d", stream: "ecg", fromUs: 1e9, toUs: 40e9 };
  const rhythm: PersonEvent = { kind: "rhythm", device: "d", stream: "ecg", timeUs: 50e9, label: "(VT" };
  const vital: PersonEvent = { kind: "vital", code: "hr", timeUs: 51e9, value: 61.5, unit: "/min" };
  void store.commit({ person: "p1", events: [gap, beat(100), rhythm, vital] });
  void store.commit({ person: "p2", events: [beat(200)] });
  await store.flush();
  void store.commit({ person: "p1", events: [beat(60e9), { kind: "watched", rule: "rhythm.vt", fromUs: 55e9, toUs: 60e9 }] });
  await store.flush();
  expect(await store.events("p1", 0, 1e12)).toEqual([
    beat(100),
    gap,
    rhythm,
    vital,
    { kind: "watched", rule: "rhythm.vt", fromUs: 55e9, toUs: 60e9 },
    beat(60e9),
  ]);
  expect(await store.events("p1", 20e9, 21e9)).toEqual([gap]);
  expect(await store.events("p1", 50e9, 51e9)).toEqual([rhythm]);
  expect(await store.events("p2", 0, 1e12)).toEqual([beat(200)]);
  await store.close();
});

test("watched time is merged, clipped to what is asked, and never counted twice", async () => {
  const { store } = await openHere();
  const watched = (rule: string, fromS: number, toS: number): PersonEvent => ({
    kind: "watched",
    rule,
    fromUs: fromS * 1e6,
    toUs: toS * 1e6,
  });
  for (let s = 0; s < 50; s++) void store.commit({ person: "p1", events: [watched("a", s, s + 1), watched("b", s, s + 1)] });
  await store.flush();
  void store.commit({ person: "p1", events: [watched("a", 60, 70), watched("a", 40, 45), watched("a", 20, 30)] });
  await store.flush();
  expect(await store.coverage("p1", 10e6, 65e6)).toEqual({ a: 45, b: 40 });
  expect((await store.events("p1", 0, 1e9)).filter((event) => event.kind === "watched" && event.rule === "b")).toHaveLength(1);
  await store.close();
  const again = await openHere();
  void again.store.commit({ person: "p1", events: [watched("a", 70, 80)] });
  await again.store.flush();
  expect(await again.store.coverage("p1", 0, 1e9)).toEqual({ a: 70, b: 50 });
  await again.store.close();
});

test("one that was rejected or has expired is open, one that is over by itself is not; what may still change is asked for apart", async () => {
  const { store } = await openHere({ maxPages: 120 });
  const states = ["active", "notified", "acknowledged", "rejected", "resolved", "closed", "expired"] as const;
  const ids = async (query: Parameters<Store["alerts"]>[0]) => (await store.alerts(query)).alerts.map(({ id }) => id).sort();
  const asked = async () => [await ids({ open: true }), await ids({ open: false }), await ids({ unfinished: true })];
  const wanted = [
    ["acknowledged", "active", "expired", "notified", "rejected"],
    ["closed", "resolved"],
    ["acknowledged", "active", "expired", "notified", "rejected", "resolved"],
  ];
  await store.commit({ person: "p1", alerts: states.map((state) => alert(state, 5, { state })) });
  expect(await asked()).toEqual(wanted);
  // The disk refuses from here on: what is held in memory answers alike.
  const bulk = { class: "raw" as const, timeUs: 1, payload: new Uint8Array(600_000) };
  await store.commit({ person: "p1", outbox: [bulk] }, true).catch(() => {});
  await store.commit({ person: "p1", alerts: states.map((state) => alert(state, 6, { state })) }, true).catch(() => {});
  expect(store.figures().heldAlerts).toHaveLength(states.length);
  expect(await asked()).toEqual(wanted);
  await store.close().catch(() => {});
});

test("alerts are paged newest first, by person and by whether they are open", async () => {
  const { store } = await openHere();
  for (let i = 0; i < 7; i++) await store.commit({ person: "p1", alerts: [alert(`a${i}`, 1000 + Math.floor(i / 2))] });
  await store.commit({ person: "p2", alerts: [alert("b", 5, { person: "p2" })] });
  await store.commit({ person: "p1", alerts: [alert("a3", 1001, { state: "closed" })] });
  const first = await store.alerts({ person: "p1", limit: 4 });
  const second = await store.alerts({ person: "p1", limit: 4, cursor: first.cursor! });
  expect([...first.alerts, ...second.alerts].map(({ id }) => id)).toEqual(["a6", "a5", "a4", "a3", "a2", "a1", "a0"]);
  expect(second.cursor).toBeUndefined();
  expect((await store.alerts({ open: false })).alerts.map(({ id }) => id)).toEqual(["a3"]);
  expect((await store.alerts({ open: true, person: "p2" })).alerts).toEqual([alert("b", 5, { person: "p2" })]);
  expect((await store.alert("a3"))?.state).toBe("closed");
  expect(await store.alert("nobody's")).toBeUndefined();
  await expect(store.alerts({ cursor: "x" })).rejects.toMatchObject({ code: "store.bad_cursor", kind: "operator" });
  await store.close();
});

test("strips are owed until done, by alert", async () => {
  const { store } = await openHere();
  await store.commit({ person: "p1", stripsDue: [strip("a", "ecg"), strip("a", "ppg"), strip("b", "ecg")] });
  await store.commit({ person: "p1", stripsDone: ["a"] }, true);
  expect(await store.stripsDue()).toEqual([strip("b", "ecg")]);
  await store.close();
});

test("a device is worn by one person at a time", async () => {
  const { store } = await openHere();
  await store.putPerson({ id: "p1", name: "Person A", profile: { paced: true } });
  await store.putDevice({ id: "d", title: "Strap", driver: "hearth-stream", link: "mqtt" });
  await store.wear("d", "p1", "chest", 10);
  await store.wear("d", "p1", "chest", 15);
  await store.wear("d", "p2", "chest", 20);
  await store.wear("d", "p1", "wrist", 20);
  await store.wear("d", undefined, "", 30);
  expect(await store.wearings()).toEqual([
    { device: "d", person: "p1", placement: "chest", fromUs: 10, toUs: 20 },
    { device: "d", person: "p1", placement: "wrist", fromUs: 20, toUs: 30 },
  ]);
  expect(await store.people()).toEqual([{ id: "p1", name: "Person A", profile: { paced: true } }]);
  expect((await store.devices())[0]?.title).toBe("Strap");
  await store.close();
});

test("named values are kept over a restart", async () => {
  const first = await openHere();
  await first.store.putValue("driver/d", Uint8Array.of(1, 2));
  await first.store.putValue("driver/d", Uint8Array.of(3));
  await first.store.close();
  const { store } = await openHere();
  expect([...((await store.getValue("driver/d")) ?? [])]).toEqual([3]);
  expect(await store.getValue("other")).toBeUndefined();
  await store.close();
});

test.each([
  ["a changed row", "UPDATE audit SET subject = 'x' WHERE number = 2", 2],
  ["a row taken out", "DELETE FROM audit WHERE number = 2", 2],
  ["rows cut off the end", "DELETE FROM audit WHERE number > 2", 3],
])("the audit chain finds %s", async (_, sql, broken) => {
  const first = await openHere();
  const row = (atUs: number) => ({ atUs, what: "acknowledge", by: "Person A", subject: "a1", detail: { b: 1, a: [1, { c: null }] } });
  for (const atUs of [1, 2, 3]) await first.store.commit({ person: "p1", audit: [row(atUs)] }, true);
  expect(await first.store.verifyAudit()).toEqual({ rows: 3, erased: 0 });
  expect((await first.store.audit(2)).map(({ hash, ...rest }) => [hash.length, rest])).toEqual([
    [64, row(3)],
    [64, row(2)],
  ]);
  await first.store.close();
  const db = openDatabase(join(dir, "hearth.db"));
  db.exec(sql);
  db.close();
  const { store } = await openHere();
  expect((await store.verifyAudit()).brokenAt).toBe(broken);
  await store.close();
});

test("a full disk is told for each commit; what was refused is kept and written in order once there is room", async () => {
  await (await openHere()).store.close();
  const full = await openHere({ maxPages: 120 });
  const log: string[] = [];
  const commit = committer(full.store, log);
  const big = (n: number) => ({
    person: "p1",
    mark: { ordinal: n, timeUs: n, position: n },
    outbox: [{ class: "raw" as const, timeUs: n, payload: new Uint8Array(100_000) }],
  });
  const jobs = [commit("1", big(1))];
  await full.store.flush();
  jobs.push(commit("2", big(2)), commit("3", { person: "p1", mark: { ordinal: 3, timeUs: 3, position: 3 } }));
  await expect(full.store.flush()).rejects.toMatchObject({ code: "store.disk_full", kind: "world" });
  await Promise.all(jobs);
  expect(log).toEqual(["1", "2 store.disk_full", "3 store.disk_full"]);
  expect((await full.store.mark("p1")).mark?.ordinal).toBe(1);
  const [row] = await full.store.outboxBegin(1, new Set());
  await full.store.outboxEnd([row!.n]);
  clock.advance(10_000);
  await full.store.people();
  expect((await full.store.mark("p1")).mark?.ordinal).toBe(3);
  expect((await full.store.outboxBegin(9, new Set())).map(({ timeUs }) => timeUs)).toEqual([2]);
  await full.store.close();
});

test("alerts that a full disk refuses are listed as they are now, by person, state and page, and said to be held until they are written", async () => {
  const { store } = await openHere({ maxPages: 120 });
  const log: string[] = [];
  const commit = committer(store, log);
  await commit("stored", { person: "p1", alerts: [alert("a", 10), alert("b", 20)] });
  const bulk = { class: "raw" as const, timeUs: 1, payload: new Uint8Array(100_000) };
  await commit("first bulk", { person: "p1", outbox: [bulk] }, true);
  await commit("bulk", { person: "p1", outbox: [bulk] }, true);
  await commit("held", { person: "p1", alerts: [alert("b", 20, { state: "acknowledged", acknowledgedBy: "Person B" })] });
  await commit("new", { person: "p2", alerts: [alert("c", 20, { person: "p2" }), alert("d", 5, { person: "p2", state: "closed" })] });
  expect(log).toEqual(["stored", "first bulk", "bulk store.disk_full", "held store.disk_full", "new store.disk_full"]);
  expect(store.figures()).toMatchObject({ refusedCommits: 3, heldAlerts: ["b", "c", "d"] });
  expect(await store.alert("b")).toMatchObject({ state: "acknowledged", acknowledgedBy: "Person B" });
  const ids = async (query: Parameters<Store["alerts"]>[0]) => (await store.alerts(query)).alerts.map(({ id }) => id);
  expect(await ids({})).toEqual(["b", "c", "a", "d"]);
  expect(await ids({ person: "p2" })).toEqual(["c", "d"]);
  expect(await ids({ open: true })).toEqual(["b", "c", "a"]);
  expect(await ids({ open: false })).toEqual(["d"]);
  const paged: string[] = [];
  for (let cursor: string | undefined, n = 0; n < 9; n++) {
    const page = await store.alerts({ limit: 1, ...(cursor === undefined ? {} : { cursor }) });
    paged.push(...page.alerts.map(({ id }) => id));
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  expect(paged).toEqual(["b", "c", "a", "d"]);

  const [row] = await store.outboxBegin(1, new Set());
  await store.outboxEnd([row!.n]);
  await store.flush();
  expect(store.figures()).toMatchObject({ refusedCommits: 0, heldAlerts: [] });
  expect(await ids({})).toEqual(["c", "b", "a", "d"]);
  await store.close();
});

test("of the states that a full disk refuses only each person's newest is kept in memory and written later", async () => {
  const { store } = await openHere({ maxPages: 100 });
  const bytes = new Uint8Array(100_000);
  const keep = (person: string, n: number) =>
    store.commit(
      { person, mark: { ordinal: n, timeUs: n, position: 1 }, snapshot: { position: n, ordinal: n, bytes: bytes.fill(n) } },
      true,
    );
  await keep("p1", 1);
  for (const n of [2, 3, 4]) await expect(keep("p2", n)).rejects.toMatchObject({ code: "store.disk_full" });
  await expect(keep("p1", 5)).rejects.toMatchObject({ code: "store.disk_full" });
  expect(store.figures().refusedCommits).toBe(4);
  expect((await store.mark("p1")).snapshot?.position).toBe(1);
  await store.close();
  const again = await openHere();
  // Closing could not write them either: what is gone is gone as a whole.
  expect((await again.store.mark("p2")).mark).toBeUndefined();
  await again.store.close();
});

test("a disk that stays full for days holds few commits in memory, however often marks and events come, and all of it is written in the end", () => {
  const core = openStoreCore({ dir, maxOutboxBytes: 1 << 20, openedWallUs: 0, maxPages: 120, epochBytes: () => new Uint8Array(8) });
  const bulk = { class: "raw" as const, timeUs: 1, payload: new Uint8Array(100_000) };
  core.calls.commit(1, { person: "p1", outbox: [bulk] }, true);
  core.calls.commit(2, { person: "p1", outbox: [bulk] }, true);
  for (let n = 1; n <= 3000; n++) {
    const person = n % 2 === 0 ? "p1" : "p2";
    const mark = { ordinal: n, timeUs: n, position: n };
    core.calls.commit(n + 2, { person, mark, events: [beat(n)], alerts: [], outbox: [], audit: [] }, n % 100 === 0);
    if (n % 1000 === 0) core.calls.commit(10_000 + n, { person, alerts: [alert(`a${n}`, n)] }, true);
  }
  expect(core.figures()).toMatchObject({ refusedCommits: 3004, heldAlerts: ["a1000", "a2000", "a3000"] });
  expect(core.waitingCount()).toBeLessThan(20);
  const [row] = core.calls.outboxBegin(1, new Set());
  core.calls.outboxEnd([row!.n]);
  core.calls.flush();
  expect(core.figures()).toMatchObject({ refusedCommits: 0, heldAlerts: [] });
  expect(core.calls.events("p1", 0, 1e9)).toHaveLength(1500);
  expect([core.calls.mark("p1").mark?.ordinal, core.calls.mark("p2").mark?.ordinal]).toEqual([3000, 2999]);
  core.calls.close();
});

test("one commit that can never be written is told and dropped, the others of its group are written", async () => {
  const { store } = await openHere();
  const log: string[] = [];
  const commit = committer(store, log);
  const jobs = [
    commit("1", { person: "p1", events: [beat(1)] }),
    commit("2", { person: "p1", mark: { ordinal: Number.NaN, timeUs: 1, position: 1 } }),
    commit("3", { person: "p1", events: [beat(3)] }),
  ];
  await expect(store.flush()).rejects.toMatchObject({ kind: "bug" });
  await Promise.all(jobs);
  expect(log).toEqual(["1", "2 store.bug", "3"]);
  expect(await store.events("p1", 0, 10)).toHaveLength(2);
  await store.close();
});

test("a damaged database is set aside at the opening after it was noticed", async () => {
  const first = await openHere();
  for (let i = 0; i < 200; i++) void first.store.commit({ person: "p1", alerts: [alert(`a${i}`, i)] });
  await first.store.close();
  const path = join(dir, "hearth.db");
  const db = openDatabase(path);
  const rootPage = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'alerts_by_time'").pluck().get());
  const pageBytes = Number(db.pragma("page_size", { simple: true }));
  db.close();
  const bytes = readFileSync(path);
  bytes.fill(0xff, (rootPage - 1) * pageBytes, rootPage * pageBytes);
  writeFileSync(path, bytes);
  const second = await openHere();
  await expect(second.store.commit({ person: "p1", alerts: [alert("b", 1)] })).rejects.toMatchObject({ code: "store.corrupt" });
  await second.store.close().catch(() => undefined);
  const third = await openHere();
  expect(third.repairs).toEqual([expect.stringMatching(/stands aside/)]);
  expect(readdirSync(dir).some((name) => name.startsWith("hearth.db.corrupt-"))).toBe(true);
  expect(readdirSync(dir)).not.toContain("hearth.db.suspect");
  await third.store.commit({ person: "p1", alerts: [alert("c", 1)] });
  expect((await third.store.alerts({})).alerts).toHaveLength(1);
  await third.store.close();
});

test("a database of a later version is left as it is", async () => {
  await (await openHere()).store.close();
  const db = openDatabase(join(dir, "hearth.db"));
  db.pragma("user_version = 99");
  db.close();
  await expect(openHere()).rejects.toMatchObject({ code: "store.newer", kind: "operator" });
});
