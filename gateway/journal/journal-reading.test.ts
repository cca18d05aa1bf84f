import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { GatewayError } from "../../device-drivers/contract/error.ts";
import { recordedFiles } from "../../test/support/faulty-files.ts";
import { systemFiles } from "../runtime/file-port.ts";
import { readJournalFolder } from "./capture-file.ts";
import { type JournalOptions, openJournal } from "./journal.ts";
import { createSeal } from "./seal.ts";
import { isLaneName } from "./segment-catalog.ts";
import { readSegments } from "./segment-reader.ts";
import { all, chunk, offerer } from "./testdata/offered.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "hearth-journal-reading-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const places = () => ({ dir: join(home, "journal"), keysDir: join(home, "keys") });
const openAt = (more: Partial<JournalOptions> = {}) =>
  openJournal({ ...places(), clock: virtualClock(), bootId: "boot-1", files: systemFiles(), ...more });
const day = () => join(places().dir, "p1", "2026-01-31");

async function kept(...indices: number[]) {
  const journal = await openAt({ maxSegmentBytes: 1 });
  for (const index of indices) {
    offerer(journal).offer(index);
    await journal.flush();
  }
  return journal;
}

test("a search by time finds the first record of that time or later although neighbouring links came out of order over a segment's border", async () => {
  const journal = await kept(1, 40, 10, 50);
  expect(await journal.seek("p1", chunk(30).stamps.timeUs)).toBe(2);
  expect(await journal.seek("p1", chunk(41).stamps.timeUs)).toBe(4);
  for (const index of [58, 55]) offerer(journal).offer(index);
  await journal.flush();
  expect(await journal.seek("p1", chunk(56).stamps.timeUs)).toBe(5);
  await journal.close();
});

test.skipIf(!existsSync("/proc/self/fd"))("a search leaves no file open", async () => {
  const journal = await kept(1, 2, 3, 4);
  const openFiles = () => readdirSync("/proc/self/fd").length;
  await journal.seek("p1", chunk(3).stamps.timeUs);
  const before = openFiles();
  for (let i = 0; i < 20; i++) await journal.seek("p1", chunk(3).stamps.timeUs);
  expect(openFiles()).toBeLessThan(before + 10);
  await journal.close();
});

test("a segment that retention dropped meanwhile reads as empty, one that can't be read is told", async () => {
  const journal = await kept(1, 2, 3);
  rmSync(join(day(), "0002.seg"));
  expect((await all(journal.read("p1", 1))).map(({ position }) => position)).toEqual([1, 3]);
  mkdirSync(join(day(), "0002.seg"));
  await expect(all(journal.read("p1", 1))).rejects.toMatchObject({ code: "journal.io", kind: "world" });
  const gone = readSegments([join(day(), "0009.seg")], undefined, { fromPosition: 1, toPosition: 9 });
  expect(await all(gone)).toEqual([]);
  await journal.close();
});

test("a folder is read as a whole journal or as one lane; without its key it says so", async () => {
  await (await kept(1, 2)).close();
  for (const dir of [places().dir, join(places().dir, "p1")]) {
    const [lane, ...others] = readJournalFolder(dir, places().keysDir);
    expect([lane?.lane, others]).toEqual(["p1", []]);
    expect((await all(lane!.read())).map(({ position }) => position)).toEqual([1, 2]);
  }
  const [locked] = readJournalFolder(places().dir, join(home, "nowhere"));
  await expect(all(locked!.read())).rejects.toMatchObject({ code: "journal.sealed", kind: "operator" });
});

test("files that are no segments are passed over, and numbers beyond four digits are still in order", async () => {
  await (await kept(1, 2)).close();
  renameSync(join(day(), "0002.seg"), join(day(), "10000.seg"));
  writeFileSync(join(day(), "0002.seg.damaged"), "x");
  writeFileSync(join(day(), "note.txt"), "x");
  mkdirSync(join(places().dir, "p1", "notes"));
  const journal = await openAt();
  const { outcomes, offer } = offerer(journal);
  offer(3);
  await journal.flush();
  expect(outcomes).toEqual([3]);
  expect(existsSync(join(day(), "10001.seg"))).toBe(true);
  expect((await all(journal.read("p1", 1))).map(({ position }) => position)).toEqual([1, 2, 3]);
  await journal.close();
});

test("a file that was created and never filled is taken away without a word", async () => {
  await (await kept(1)).close();
  writeFileSync(join(day(), "0002.seg"), "HEARTHJ");
  const journal = await openAt();
  expect([journal.repairs, readdirSync(day())]).toEqual([[], ["0001.seg"]]);
  expect((await journal.last("p1"))?.position).toBe(1);
  await journal.close();
});

test("damage inside a segment costs its own group and is told with the number of bytes", async () => {
  const journal = await openAt();
  for (const index of [1, 2, 3]) {
    offerer(journal).offer(index);
    await journal.flush();
  }
  await journal.close();
  const path = join(day(), "0001.seg");
  const bytes = readFileSync(path);
  const lengths = (bytes.length - 200) >> 1;
  bytes[bytes.length - lengths] = (bytes[bytes.length - lengths] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  appendFileSync(path, "torn");
  const again = await openAt();
  expect(again.repairs).toEqual([
    expect.stringMatching(/^p1: 2026-01-31\/0001\.seg has 1\d\d damaged bytes between sound groups$/),
    expect.stringContaining("cut a torn group of 4 bytes off 2026-01-31/0001.seg"),
  ]);
  expect((await all(again.read("p1", 1))).map(({ position }) => position)).toEqual([1, 3]);
  expect(await again.last("p1")).toEqual({ position: 3, timeUs: chunk(3).stamps.timeUs });
  await again.close();
});

test("a lane that is set aside twice keeps both", async () => {
  for (const mark of [1, 2, 3]) {
    const journal = await openAt();
    expect(journal.damaged).toHaveLength(mark === 1 ? 0 : 1);
    offerer(journal).offer(mark);
    await journal.close();
    writeFileSync(join(places().keysDir, "journal-p1.key"), new Uint8Array(32).fill(mark));
  }
  const last = await openAt();
  expect(readdirSync(places().dir).sort()).toEqual(["p1.unreadable", "p1.unreadable-2", "p1.unreadable-3"]);
  expect(readdirSync(places().keysDir).sort()).toEqual(["journal-p1.key.damaged", "journal-p1.key.damaged-2", "journal-p1.key.damaged-3"]);
  await last.close();
});

test("that a lane stands aside is durable before its new key is made", async () => {
  await (await kept(1)).close();
  writeFileSync(join(places().keysDir, "journal-p1.key"), new Uint8Array(32).fill(1));
  const { files, calls } = recordedFiles(home);
  const journal = await openAt({ files });
  expect(calls).toEqual([
    "rename journal/p1 journal/p1.unreadable",
    "sync folder journal",
    "rename keys/journal-p1.key keys/journal-p1.key.damaged",
    "sync folder keys",
  ]);
  await journal.close();
});

test("an offer waits for its group 20 ms, or what was asked for, but never more than 50", async () => {
  for (const [asked, longest] of [
    [undefined, 20],
    [5, 5],
    [1000, 50],
  ] as const) {
    const clock = virtualClock();
    const journal = await openAt({ clock, ...(asked === undefined ? {} : { commitMs: asked }) });
    const { outcomes, offer } = offerer(journal);
    offer(1);
    clock.advance(longest - 1);
    expect(journal.figures().waitingBytes).toBe(100);
    await new Promise((resolve) => setImmediate(resolve));
    expect(outcomes).toEqual([]);
    clock.advance(1);
    while (outcomes.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await journal.close();
  }
});

test("what became due while a group was being written goes right after it", async () => {
  const clock = virtualClock();
  const syncs: (() => void)[] = [];
  const files = { ...systemFiles(), datasync: () => new Promise<void>((resolve) => void syncs.push(resolve)) };
  const journal = await openAt({ clock, files });
  const { outcomes, offer } = offerer(journal);
  const syncBegun = async () => {
    for (let turns = 0; turns < 100 && syncs.length === 0; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(syncs).toHaveLength(1);
    syncs.pop()?.();
  };
  offer(1);
  clock.advance(20);
  expect(syncs).toHaveLength(1);
  offer(2);
  clock.advance(20);
  await syncBegun();
  await syncBegun();
  await journal.flush();
  expect(outcomes).toEqual([1, 2]);
  await journal.close();
});

test("the worker does what the core does: it drops, forgets, refuses a folder that is none, and ends", async () => {
  const { files: _, ...own } = { files: undefined, ...places() };
  const journal = await openJournal({ ...own, clock: virtualClock(), bootId: "boot-1", maxSegmentBytes: 1 });
  const { outcomes, offer } = offerer(journal);
  for (const index of [1, 2, 86_400, 2 * 86_400]) {
    offer(index);
    await journal.flush();
  }
  expect(await journal.dropDecided({ decided: [["p1", 4]], wantedBytes: 1, leastBytes: 1 })).toBeGreaterThan(100);
  expect((await all(journal.read("p1", 1))).map(({ position }) => position)).toEqual([2, 3, 4]);
  await journal.dropBefore("p1", "2026-02-02");
  expect((await all(journal.read("p1", 1))).map(({ position }) => position)).toEqual([4]);
  await journal.forget("p1");
  expect([await journal.lanes(), await journal.last("p1"), readdirSync(places().dir)]).toEqual([[], undefined, []]);
  expect(outcomes).toEqual([1, 2, 3, 4]);
  await journal.close();
  await expect(journal.dropBefore("p1", "2026-02-02")).rejects.toMatchObject({ code: "journal.closed" });
  writeFileSync(join(home, "file"), "");
  await expect(
    openJournal({ dir: join(home, "file", "journal"), keysDir: home, clock: virtualClock(), bootId: "b" }),
  ).rejects.toMatchObject({ message: expect.stringContaining("ENOTDIR") });
});

test("room that cannot be made, or a maker that fails, leaves the refusal as it was; a bad key is nobody's to make room for", async () => {
  const full = Object.assign(new Error("full"), { code: "ENOSPC" });
  const files = {
    ...systemFiles(),
    write() {
      throw full;
    },
  };
  let asked = 0;
  for (const makeRoom of [
    async () => false,
    async () => {
      throw new Error("no");
    },
  ]) {
    const journal = await openAt({
      files,
      makeRoom: () => {
        asked += 1;
        return makeRoom();
      },
    });
    const errors: (GatewayError | undefined)[] = [];
    journal.offer("p1", chunk(1), (error) => errors.push(error));
    await journal.flush();
    expect(errors).toEqual([expect.objectContaining({ code: "journal.disk_full", kind: "world", fields: { lane: "p1" } })]);
    await journal.close();
  }
  expect(asked).toBe(2);
  mkdirSync(places().keysDir, { recursive: true });
  writeFileSync(join(places().keysDir, "journal-p1.key"), "short");
  const journal = await openAt({
    makeRoom: async () => {
      asked += 1;
      return true;
    },
  });
  const errors: (GatewayError | undefined)[] = [];
  journal.offer("p1", chunk(1), (error) => errors.push(error));
  await journal.flush();
  expect(errors).toEqual([expect.objectContaining({ code: "journal.key_bad", kind: "operator" })]);
  expect(asked).toBe(2);
  expect(journal.figures()).toMatchObject({ recordsTotal: 0, payloadBytesTotal: 0, waitingBytes: 0, commitsTotal: 1 });
  await journal.close();
});

test("who waits for room is let go when the journal ends", async () => {
  const files = systemFiles();
  let release = () => {};
  const held = { ...files, datasync: () => new Promise<void>((resolve) => (release = resolve)) };
  const journal = await openAt({ files: held, maxWaitingBytes: 50 });
  offerer(journal).offer(1);
  let isLetGo = false;
  const room = journal.room().then(() => {
    isLetGo = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isLetGo).toBe(false);
  release();
  await room;
  expect(journal.figures()).toMatchObject({ recordsTotal: 1, payloadBytesTotal: 100, commitsTotal: 1 });
  await journal.close();
});

test("a seal opens with its own key, number, header and tag only, and two segments of a lane share none of it", () => {
  const key = new Uint8Array(32).fill(1);
  const salt = new Uint8Array(16).fill(2);
  const head = Uint8Array.of(1, 2, 3);
  const body = new TextEncoder().encode("body");
  const sealed = createSeal(key, salt).close(7, head, [body.subarray(0, 2), body.subarray(2)]);
  const { tag } = sealed;
  const open = createSeal(key, salt).open;
  expect(Buffer.from(open(7, head, sealed.body, tag) ?? []).toString()).toBe("body");
  expect(open(8, head, sealed.body, tag)).toBeUndefined();
  expect(open(7, Uint8Array.of(1, 2, 4), sealed.body, tag)).toBeUndefined();
  expect(
    open(
      7,
      head,
      sealed.body.map((byte) => byte ^ 1),
      tag,
    ),
  ).toBeUndefined();
  expect(
    open(
      7,
      head,
      sealed.body,
      tag.map((byte) => byte ^ 1),
    ),
  ).toBeUndefined();
  expect(
    createSeal(
      key.map((byte) => byte + 1),
      salt,
    ).open(7, head, sealed.body, tag),
  ).toBeUndefined();
  expect(
    createSeal(
      key,
      salt.map((byte) => byte + 1),
    ).open(7, head, sealed.body, tag),
  ).toBeUndefined();
});

test.each([
  ["p1", true],
  ["0-a", true],
  ["a".repeat(32), true],
  ["a".repeat(33), false],
  ["", false],
  ["-a", false],
  ["A", false],
  ["a/b", false],
  ["a.b", false],
])("%s as a lane's name: %s", (name, is) => {
  expect(isLaneName(name)).toBe(is);
});
