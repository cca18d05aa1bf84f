import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { GatewayError } from "../../device-drivers/contract/error.ts";
import { type DiskFault, faultyFiles } from "../../test/support/faulty-files.ts";
import { systemFiles } from "../runtime/file-port.ts";
import { readJournalFolder } from "./capture-file.ts";
import { type JournalOptions, openJournal } from "./journal.ts";
import { all, chunk, offerer } from "./testdata/offered.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "hearth-journal-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** On the caller's thread; the crash test and the first one here run the worker. */
function openAt(more: Partial<JournalOptions> = {}) {
  return openJournal({ ...places(), clock: virtualClock(), bootId: "boot-1", files: systemFiles(), ...more });
}

function places() {
  return { dir: join(home, "journal"), keysDir: join(home, "keys") };
}

test("an offer is acknowledged after its group's commit and reads back byte for byte", async () => {
  const clock = virtualClock();
  const journal = await openJournal({ ...places(), clock, bootId: "boot-1" });
  const { outcomes, offer } = offerer(journal);
  offer(1);
  offer(2);
  expect(outcomes).toEqual([]);
  clock.advance(20);
  await journal.flush();
  expect(outcomes).toEqual([1, 2]);
  const records = await all(journal.read("p1", 1));
  expect(records.map((record) => ({ ...record.chunk, bytes: Uint8Array.from(record.chunk.bytes) }))).toEqual([chunk(1), chunk(2)]);
  expect(records.map(({ position, bootId }) => [position, bootId])).toEqual([
    [1, "boot-1"],
    [2, "boot-1"],
  ]);
  await journal.close();
});

test("positions go on over restarts without holes, each record with its boot", async () => {
  for (const boot of ["boot-1", "boot-2", "boot-3"]) {
    const journal = await openAt({ bootId: boot });
    const { outcomes, offer } = offerer(journal);
    offer(1);
    offer(2, "unassigned");
    await journal.close();
    expect(outcomes.length).toBe(2);
  }
  const journal = await openAt({ bootId: "boot-4" });
  const records = await all(journal.read("p1", 2));
  expect(records.map(({ position, bootId }) => [position, bootId])).toEqual([
    [2, "boot-2"],
    [3, "boot-3"],
  ]);
  expect(await journal.lanes()).toEqual(["p1", "unassigned"]);
  expect(await journal.last("p1")).toEqual({ position: 3, timeUs: chunk(1).stamps.timeUs });
  await journal.close();
});

test("a lane is split by day and by size, and reads as one", async () => {
  const journal = await openAt({ maxSegmentBytes: 400 });
  const { offer } = offerer(journal);
  for (let i = 1; i <= 120; i++) {
    offer(i);
    await journal.flush();
  }
  expect(readdirSync(join(home, "journal", "p1"))).toEqual(["2026-01-31", "2026-02-01"]);
  expect(readdirSync(join(home, "journal", "p1", "2026-01-31")).length).toBeGreaterThan(5);
  expect((await all(journal.read("p1", 1))).map(({ position }) => position)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
  expect((await all(journal.read("p1", 77))).map(({ position }) => position)).toEqual(Array.from({ length: 44 }, (_, i) => i + 77));
  for (const index of [1, 2, 59, 60, 61, 119, 120]) expect(await journal.seek("p1", chunk(index).stamps.timeUs)).toBe(index);
  expect(await journal.seek("p1", chunk(60).stamps.timeUs + 1)).toBe(61);
  expect(await journal.seek("p1", chunk(121).stamps.timeUs)).toBeUndefined();
  expect(await journal.seek("nobody", 0)).toBeUndefined();
  await journal.dropBefore("p1", "2026-03-01");
  expect(readdirSync(join(home, "journal", "p1"))).toEqual(["2026-02-01"]);
  expect((await all(journal.read("p1", 1)))[0]?.position).toBe(60);
  await journal.close();
});

test("a clock that was set back a week folds neither order nor positions", async () => {
  for (const [boot, index] of [
    ["boot-1", 100],
    ["boot-2", 100 - 7 * 86_400],
    ["boot-3", 101],
  ] as const) {
    const journal = await openAt({ bootId: boot });
    offerer(journal).offer(index);
    await journal.close();
  }
  const journal = await openAt();
  const records = await all(journal.read("p1", 1));
  expect(records.map(({ position, bootId }) => [position, bootId])).toEqual([
    [1, "boot-1"],
    [2, "boot-2"],
    [3, "boot-3"],
  ]);
  expect((await all(journal.read("p1", 3))).map(({ position }) => position)).toEqual([3]);
  await journal.close();
});

test("a torn tail of any length is cut off at the next opening, told, and written over", async () => {
  const journal = await openAt();
  const { offer } = offerer(journal);
  offer(1);
  await journal.flush();
  const path = join(home, "journal", "p1", "2026-01-31", "0001.seg");
  const wholeBytes = statSync(path).size;
  offer(2);
  await journal.close();
  const bytes = readFileSync(path);
  for (let length = wholeBytes + 1; length < bytes.length; length += 13) {
    rmSync(join(home, "journal", "p1"), { recursive: true });
    mkdirSync(join(home, "journal", "p1", "2026-01-31"), { recursive: true });
    writeFileSync(path, bytes.subarray(0, length));
    const again = await openAt({ bootId: "boot-2" });
    expect(again.repairs).toHaveLength(1);
    expect(statSync(path).size).toBe(wholeBytes);
    const next = offerer(again);
    next.offer(3);
    await again.flush();
    expect(next.outcomes).toEqual([2]);
    expect((await all(again.read("p1", 1))).map((record) => record.chunk.bytes[0])).toEqual([1, 3]);
    await again.close();
  }
});

test("a segment without a whole header is set aside, and the lane goes on", async () => {
  const journal = await openAt();
  offerer(journal).offer(1);
  await journal.close();
  const second = await openAt();
  offerer(second).offer(2);
  await second.close();
  truncateSync(join(home, "journal", "p1", "2026-01-31", "0002.seg"), 40);
  const third = await openAt();
  expect(third.repairs[0]).toMatch(/set aside/);
  const next = offerer(third);
  next.offer(3);
  await third.flush();
  expect(next.outcomes).toEqual([2]);
  expect((await all(third.read("p1", 1))).map((record) => record.chunk.bytes[0])).toEqual([1, 3]);
  await third.close();
});

test.each([
  { code: "ENOSPC", at: "write", expected: "journal.disk_full" },
  { code: "EIO", at: "write", expected: "journal.io" },
  { code: "EIO", at: "sync", expected: "journal.io" },
  { code: "ENOSPC", at: "truncate and write", expected: "journal.disk_full" },
] as const)("$code at $at fails every offer of the group, leaves nothing behind, and passes", async ({ code, at, expected }) => {
  const fault: DiskFault = { code: undefined, at, partialBytes: 9 };
  const journal = await openAt({ files: faultyFiles(fault) });
  const { outcomes, offer } = offerer(journal);
  offer(1);
  await journal.flush();
  fault.code = code;
  offer(2);
  offer(3);
  offer(4, "p2");
  await journal.flush();
  expect(journal.figures().failing?.code).toBe(expected);
  fault.code = undefined;
  offer(5);
  offer(6, "p2");
  await journal.flush();
  expect(outcomes).toEqual([1, expected, expected, expected, 2, 1]);
  expect(journal.figures().failing).toBeUndefined();
  expect(journal.figures().recordsTotal).toBe(3);
  await journal.close();
  const again = await openAt();
  expect(again.repairs).toEqual([]);
  expect((await all(again.read("p1", 1))).map((record) => record.chunk.bytes[0])).toEqual([1, 5]);
  expect((await all(again.read("p2", 1))).map((record) => record.chunk.bytes[0])).toEqual([6]);
  await again.close();
});

test("nothing is acknowledged before its bytes are synced, and lanes are synced together", async () => {
  const files = systemFiles();
  const syncs: (() => void)[] = [];
  const held = { ...files, datasync: (fd: number) => new Promise<void>((resolve) => syncs.push(() => resolve(files.datasync(fd)))) };
  const journal = await openAt({ files: held });
  const { outcomes, offer } = offerer(journal);
  offer(1);
  offer(1, "p2");
  const flushed = journal.flush();
  await new Promise((resolve) => setImmediate(resolve));
  expect(syncs).toHaveLength(2);
  expect(outcomes).toEqual([]);
  expect(await all(journal.read("p1", 1))).toEqual([]);
  for (const release of syncs) release();
  await flushed;
  expect(outcomes).toEqual([1, 1]);
  await journal.close();
});

test("room waits while more waits than is allowed, and a full buffer commits without the clock", async () => {
  const journal = await openAt({ maxWaitingBytes: 1000 });
  const { outcomes, offer } = offerer(journal);
  for (let i = 0; i < 40; i++) {
    await journal.room();
    expect(journal.figures().waitingBytes).toBeLessThanOrEqual(1000);
    offer(i);
  }
  await journal.flush();
  expect(outcomes).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  expect(journal.figures().waitingBytes).toBe(0);
  await journal.close();
});

test("what is on disk is sealed: no payload in the clear, no reading with another key", async () => {
  const journal = await openAt();
  const text = "a payload that nobody else should read";
  journal.offer("p1", chunk(1, new TextEncoder().encode(text)), () => {});
  journal.offer("p2", chunk(1), () => {});
  await journal.close();
  const path = join(home, "journal", "p1", "2026-01-31", "0001.seg");
  expect(readFileSync(path).includes(text)).toBe(false);
  expect(statSync(join(home, "keys")).mode & 0o777).toBe(0o700);
  expect(statSync(join(home, "keys", "journal-p1.key")).mode & 0o777).toBe(0o600);
  writeFileSync(join(home, "keys", "journal-p1.key"), readFileSync(join(home, "keys", "journal-p2.key")));
  const lane = readJournalFolder(join(home, "journal"), join(home, "keys")).find(({ lane }) => lane === "p1");
  await expect(all(lane!.read())).rejects.toMatchObject({ code: "journal.sealed" });
});

test("a forgotten lane is gone with its key, and can begin anew", async () => {
  const journal = await openAt();
  const { outcomes, offer } = offerer(journal);
  offer(1);
  offer(2, "p2");
  await journal.forget("p1");
  expect(existsSync(join(home, "keys", "journal-p1.key"))).toBe(false);
  expect(readdirSync(join(home, "journal"))).toEqual(["p2"]);
  expect(await all(journal.read("p1", 1))).toEqual([]);
  offer(3);
  await journal.close();
  expect(outcomes).toEqual([1, 1, 1]);
});

test("forgetting that a crash interrupted is finished at the next opening", async () => {
  const journal = await openAt();
  offerer(journal).offer(1);
  await journal.close();
  renameSync(join(home, "journal", "p1"), join(home, "journal", ".forgotten-p1"));
  const again = await openAt();
  expect(await again.lanes()).toEqual([]);
  expect(readdirSync(join(home, "keys"))).toEqual([]);
  expect(readdirSync(join(home, "journal"))).toEqual([]);
  await again.close();
});

test("a lane that can't be a folder is refused, and so is an offer after the end", async () => {
  const journal = await openAt();
  const errors: (GatewayError | undefined)[] = [];
  journal.offer("../keys", chunk(1), (error) => errors.push(error));
  await journal.close();
  journal.offer("p1", chunk(1), (error) => errors.push(error));
  expect(errors.map((error) => error?.code)).toEqual(["journal.bad_lane", "journal.closed"]);
});

test("bytes written stay within 1.1 of the payload with one record of 575 bytes a commit", async () => {
  const journal = await openAt();
  for (let i = 0; i < 60; i++) {
    journal.offer("p1", chunk(i, new Uint8Array(575)), () => {});
    await journal.flush();
  }
  const { writtenBytesTotal, payloadBytesTotal, commitsTotal } = journal.figures();
  expect(commitsTotal).toBe(60);
  const onDisk = ["2026-01-31", "2026-02-01"].flatMap((day) => {
    const folder = join(home, "journal", "p1", day);
    return existsSync(folder) ? readdirSync(folder).map((name) => statSync(join(folder, name)).size) : [];
  });
  expect(onDisk.reduce((a, b) => a + b, 0)).toBe(writtenBytesTotal);
  expect(writtenBytesTotal / payloadBytesTotal).toBeLessThan(1.1);
  await journal.close();
});

test.each([
  ["has lost bytes", (key: string) => truncateSync(key, 20)],
  ["is empty", (key: string) => truncateSync(key, 0)],
  ["is gone", (key: string) => rmSync(key)],
  ["is another one", (key: string) => writeFileSync(key, new Uint8Array(32).fill(7))],
  ["can't be read", (key: string) => [rmSync(key), mkdirSync(key)]],
])(
  "a lane whose key %s is set aside with it and told; it goes on under a new key, and the other lanes have everything",
  async (_how, harm) => {
    const first = await openAt();
    const before = offerer(first);
    before.offer(1, "p1");
    before.offer(2, "p2");
    await first.close();
    harm(join(places().keysDir, "journal-p1.key"));

    const journal = await openAt({ bootId: "boot-2" });
    expect(journal.damaged).toEqual([expect.stringContaining("journal-p1.key")]);
    expect(await journal.lanes()).toEqual(["p2"]);
    const after = offerer(journal);
    after.offer(3, "p1");
    after.offer(4, "p2");
    await journal.flush();
    expect((await all(journal.read("p1", 1))).map(({ chunk: { bytes } }) => bytes[0])).toEqual([3]);
    expect((await all(journal.read("p2", 1))).map(({ chunk: { bytes } }) => bytes[0])).toEqual([2, 4]);
    expect(readdirSync(places().dir)).toContain("p1.unreadable");
    // Whoever forgets a person forgets that too.
    await journal.forget("p1");
    await journal.close();
    expect([...readdirSync(places().dir), ...readdirSync(places().keysDir)].filter((name) => name.includes("p1"))).toEqual([]);
  },
);
