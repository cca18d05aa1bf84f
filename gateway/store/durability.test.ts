import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord, PersonEvent, StripDue } from "../../device-drivers/contract/event.ts";
import { type DiskFault, faultyFiles, recordedFiles } from "../../test/support/faulty-files.ts";
import { openDatabase } from "./database.ts";
import { migrate } from "./migrations.ts";
import { openEpoch } from "./outbox-epoch.ts";
import { openStore, type StoreOptions } from "./store.ts";
import { openStoreCore } from "./store-core.ts";

let dir: string;
let clock: VirtualClock;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "hearth-durable-"));
  clock = virtualClock();
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true, force: true });
});

const openHere = (more: Partial<StoreOptions> = {}) => openStore({ dir, clock, epochBytes: () => new Uint8Array(8), ...more });
const openCore = (maxPages?: number) =>
  openStoreCore({
    ...{ dir, maxOutboxBytes: 1 << 30, openedWallUs: 0, epochBytes: () => new Uint8Array(8) },
    ...(maxPages === undefined ? {} : { maxPages }),
  });

const alert = { id: "a", person: "p1", rule: "rhythm.vt", state: "active", raisedUs: 1 } as AlertRecord;
const strip: StripDue = {
  ...{ alertId: "a", person: "p1", device: "d", stream: "ecg", fromUs: 1, toUs: 2, anchor: { bootId: "b", index: 0, timeUs: 1 } },
};
const row = (name: "alert" | "raw" | "semantic" | "status", bytes = 1) => ({ class: name, timeUs: 1, payload: new Uint8Array(bytes) });
const watched = (fromS: number, toS: number): PersonEvent => ({ kind: "watched", rule: "a", fromUs: fromS * 1e6, toUs: toS * 1e6 });

/** How durable each transaction of the database was asked to be. */
function transactionsAsked(): string[] {
  const asked: string[] = [];
  let now = "never asked";
  const { pragma, exec } = SqliteDatabase.prototype;
  vi.spyOn(SqliteDatabase.prototype, "pragma").mockImplementation(function (this: SqliteDatabase.Database, source, options) {
    const match = /^synchronous = (\w+)$/.exec(source);
    if (match !== null) now = match[1] ?? "";
    return pragma.call(this, source, options);
  });
  vi.spyOn(SqliteDatabase.prototype, "exec").mockImplementation(function (this: SqliteDatabase.Database, source) {
    if (source.startsWith("BEGIN")) asked.push(now);
    return exec.call(this, source);
  });
  return asked;
}

test("an alarm, a strip that is owed, urgency, the register, the epoch and the end survive a power cut; a group may wait for the next one", () => {
  const asked = transactionsAsked();
  const core = openCore();
  expect(asked).toEqual(["FULL"]);
  asked.length = 0;
  core.calls.commit(1, { person: "p1", outbox: [row("semantic")] }, false);
  core.calls.flush();
  // The first number that is given out reserves a block of them.
  expect(asked).toEqual(["FULL", "NORMAL"]);
  asked.length = 0;
  core.calls.commit(2, { person: "p1", alerts: [alert] }, false);
  core.calls.commit(3, { person: "p1", stripsDue: [strip] }, false);
  core.calls.commit(4, { person: "p1", outbox: [row("raw"), row("alert")] }, false);
  core.calls.commit(5, { person: "p1" }, true);
  core.calls.putPerson({ id: "p1", name: "Person A", profile: {} });
  core.calls.putDevice({ id: "d", title: "", driver: "", link: "" });
  core.calls.wear("d", "p1", "chest", 1);
  expect(asked).toEqual(["FULL", "FULL", "FULL", "FULL", "FULL", "FULL", "FULL"]);
  asked.length = 0;
  core.calls.commit(6, { person: "p1", outbox: [row("raw"), row("semantic"), row("status")], alerts: [] }, false);
  expect(asked).toEqual([]);
  core.calls.flush();
  core.calls.putValue("k", Uint8Array.of(1));
  expect(asked).toEqual(["NORMAL", "NORMAL"]);
  asked.length = 0;
  core.calls.commit(7, { person: "p1", events: [watched(0, 1)] }, false);
  core.calls.close();
  expect(asked).toEqual(["FULL", "FULL"]);
});

test("failed tries on a full disk change no figure, and what comes after them is counted once", () => {
  const core = openCore(120);
  core.calls.commit(1, { person: "p1", outbox: [row("raw", 100_000)], events: [watched(0, 10)] }, true);
  const before = core.calls.outboxFigures();
  expect(before).toMatchObject({ depth: { raw: 1 }, bytes: 100_000 });
  core.calls.commit(2, { person: "p1", outbox: [row("semantic", 50), row("raw", 100_000)], events: [watched(20, 30)] }, true);
  for (let tries = 0; tries < 3; tries++) expect(() => core.calls.flush()).toThrow(expect.objectContaining({ code: "store.disk_full" }));
  expect(core.calls.outboxFigures()).toEqual(before);
  expect(core.calls.coverage("p1", 0, 1e9)).toEqual({ a: 10 });
  core.calls.outboxEnd([1]);
  core.calls.flush();
  expect(core.calls.outboxFigures()).toMatchObject({ depth: { raw: 1, semantic: 1 }, bytes: 100_050 });
  expect(core.waitingCount()).toBe(0);
  expect(core.calls.coverage("p1", 0, 1e9)).toEqual({ a: 20 });
  core.calls.close();
});

test("a refusal in the middle of a group that holds a bug leaves the rest in order for the next try", () => {
  const core = openCore(120);
  const mark = (n: number) => ({ mark: { ordinal: n, timeUs: 1, position: 1 } });
  core.calls.commit(1, { person: "p1", ...mark(1) }, false);
  core.calls.commit(2, { person: "p1", ...mark(Number.NaN) }, false);
  core.calls.commit(3, { person: "p1", outbox: [row("raw", 300_000)] }, false);
  core.calls.commit(4, { person: "p1", ...mark(4) }, false);
  core.calls.commit(5, { person: "p1", ...mark(Number.NaN) }, false);
  expect(() => core.calls.flush()).toThrow(expect.objectContaining({ code: "store.disk_full" }));
  expect(core.takeSettled().map(({ id, error }) => [id, error?.code])).toEqual([
    [1, undefined],
    [2, "store.bug"],
    [3, "store.disk_full"],
    [4, "store.disk_full"],
    [5, "store.disk_full"],
  ]);
  expect([core.calls.mark("p1").mark?.ordinal, core.figures().refusedCommits]).toEqual([1, 3]);
  core.calls.close();
});

test("acknowledged rows are deleted with the next group, at once where there are very many, and never given out again", async () => {
  const { store } = await openHere();
  void store.commit({ person: "p1", outbox: Array.from({ length: 2001 }, (_, n) => ({ ...row("raw"), timeUs: n + 1 })) });
  await store.flush();
  const before = store.figures().transactionsTotal;
  const numbers = (await store.outboxBegin(9999, new Set())).map(({ n }) => n);
  await store.outboxEnd(numbers.slice(0, 2000));
  expect(store.figures().transactionsTotal).toBe(before);
  expect(await store.outboxFigures()).toMatchObject({ depth: { raw: 1 }, bytes: 1, oldestUs: 2001 });
  expect(await store.outboxBegin(9, new Set())).toHaveLength(1);
  await store.outboxEnd(numbers.slice(2000));
  expect(store.figures().transactionsTotal).toBe(before + 1);
  await store.close();
  const again = await openHere();
  expect(await again.store.outboxBegin(9, new Set())).toEqual([]);
  void again.store.commit({ person: "p1", outbox: [row("raw")] });
  await again.store.flush();
  const [last] = await again.store.outboxBegin(9, new Set());
  await again.store.outboxEnd([last!.n]);
  const waiting = again.store.figures().transactionsTotal;
  clock.advance(10_000);
  await again.store.people();
  expect(again.store.figures().transactionsTotal).toBe(waiting + 1);
  await again.store.close();
});

test("a minute after the last group the log is folded into the database", async () => {
  const { store } = await openHere();
  const logBytes = () => statSync(join(dir, "hearth.db-wal")).size;
  const group = async () => {
    void store.commit({ person: "p1", outbox: [row("raw", 5000)] });
    await store.people();
    clock.advance(10_000);
    await store.people();
  };
  await group();
  clock.advance(49_000);
  await group();
  clock.advance(59_999);
  await store.people();
  expect(logBytes()).toBeGreaterThan(10_000);
  clock.advance(1);
  await store.people();
  expect(logBytes()).toBe(0);
  await store.close();
});

test("a disk that refuses the opening is asked again after room was made; refused once more it opens all the same, and what comes is written when it can be", async () => {
  await (await openHere()).store.close();
  const blocker = join(dir, "outbox.epoch.new");
  mkdirSync(blocker);
  await expect(openHere()).rejects.toMatchObject({ code: "store.io", kind: "world" });
  const made = await openHere({ makeRoom: async () => rmSync(blocker, { recursive: true }) });
  // With an index beside it, as a file that can be written has.
  expect(existsSync(join(dir, "hearth.db-shm"))).toBe(true);
  await made.store.close();

  mkdirSync(blocker);
  const { store } = await openHere({ makeRoom: async () => undefined });
  const refused = store.commit({ person: "p1", alerts: [alert] });
  await expect(refused).rejects.toMatchObject({ code: "store.io" });
  expect(await store.alert("a")).toMatchObject({ id: "a" });
  rmSync(blocker, { recursive: true });
  await store.flush();
  expect(store.figures().heldAlerts).toEqual([]);
  await store.close();
  await expect(store.commit({ person: "p1" })).rejects.toMatchObject({ code: "store.closed", kind: "operator" });
  await expect(store.people()).rejects.toMatchObject({ code: "store.closed" });
  expect((await (await openHere()).store.alerts({})).alerts.map(({ id }) => id)).toEqual(["a"]);
});

test("a bug at opening is not asked again", async () => {
  let asked = 0;
  const makeRoom = async () => void asked++;
  const epochBytes = () => {
    throw new TypeError("no bytes");
  };
  await expect(openHere({ makeRoom, epochBytes })).rejects.toMatchObject({ message: "no bytes" });
  expect(asked).toBe(0);
});

test("the epoch's companion is whole and durable after the database, a block of numbers before the first of them is given out", () => {
  const { files, calls } = recordedFiles(dir);
  const db = openDatabase(join(dir, "hearth.db"));
  migrate(db);
  const companionPath = join(dir, "outbox.epoch");
  const saved = () => [
    Number(db.prepare("SELECT value FROM meta WHERE key = 'outbox_reserved'").pluck().get()),
    Number(readFileSync(companionPath, "latin1").split(" ")[3]),
  ];
  const open = () =>
    openEpoch({
      ...{ db, companionPath, files, epochBytes: () => new Uint8Array(8).fill(1), smallestId: () => undefined, mayWait: false },
      durably(write) {
        calls.push("database");
        db.transaction(write)();
      },
      onRenewed: (why) => void calls.push(`renewed: ${why}`),
      onLost: () => void calls.push("lost"),
    });
  const keeper = open();
  const whole = [
    "remove outbox.epoch.new",
    "create outbox.epoch.new",
    expect.stringMatching(/^write outbox.epoch.new 0\+/),
    "sync outbox.epoch.new",
    "close outbox.epoch.new",
    "rename outbox.epoch.new outbox.epoch",
    "sync folder .",
  ];
  expect(calls.slice(0, 8)).toEqual(["database", ...whole]);
  expect(statSync(companionPath).mode & 0o777).toBe(0o600);
  calls.length = 0;
  expect(keeper.reserve(5)).toBe(1);
  expect(calls.slice(0, 8)).toEqual(["database", ...whole]);
  expect(saved()).toEqual([10_005, 10_005]);
  keeper.advance(6);
  calls.length = 0;
  expect(keeper.reserve(10_000)).toBe(6);
  expect(calls).toEqual([]);
  keeper.advance(10_006);
  keeper.reserve(1);
  expect(saved()).toEqual([20_006, 20_006]);
  // Without an end the next opening goes on behind the block.
  expect(open().reserve(1)).toBe(20_007);
  const last = open();
  const generation = () => Number(readFileSync(companionPath, "latin1").split(" ")[2]);
  const before = generation();
  last.close();
  expect([...saved(), generation()]).toEqual([30_007, 30_007, before + 1]);
  expect(calls.filter((call) => /lost|renewed/.test(call))).toEqual([]);
  db.close();
});

test("no number is given out before its block is saved, wherever the disk refuses", () => {
  const fault: DiskFault = { code: "ENOSPC", at: "sync", partialBytes: 0 };
  const db = openDatabase(join(dir, "hearth.db"));
  migrate(db);
  const open = (mayWait: boolean) =>
    openEpoch({
      ...{ db, companionPath: join(dir, "outbox.epoch"), files: faultyFiles(fault), epochBytes: () => new Uint8Array(8) },
      ...{ smallestId: () => undefined, durably: (write: () => void) => db.transaction(write)(), mayWait, onRenewed() {}, onLost() {} },
    });
  expect(() => open(false)).toThrow("ENOSPC");
  const keeper = open(true);
  expect(() => keeper.reserve(1)).toThrow("ENOSPC");
  expect(existsSync(join(dir, "outbox.epoch"))).toBe(false);
  fault.code = undefined;
  expect(keeper.reserve(1)).toBe(1);
  expect(existsSync(join(dir, "outbox.epoch"))).toBe(true);
  db.close();
});

test("on its own thread it tells a folder that is none, and a call after its end", async () => {
  writeFileSync(join(dir, "file"), "");
  await expect(openStore({ dir: join(dir, "file", "data"), clock })).rejects.toMatchObject({ code: "store.io", kind: "world" });
  const { store } = await openStore({ dir, clock });
  await store.commit({ person: "p1", alerts: [alert] });
  await expect(store.alerts({ cursor: "x" })).rejects.toMatchObject({ code: "store.bad_cursor", kind: "operator" });
  expect((await store.alert("a"))?.id).toBe("a");
  await store.close();
  await expect(store.commit({ person: "p1" })).rejects.toMatchObject({ code: "store.closed" });
});
