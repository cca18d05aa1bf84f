import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { GatewayError } from "../../device-drivers/contract/error.ts";
import { type DiskFault, faultyFiles } from "../../test/support/faulty-files.ts";
import { systemFiles } from "../runtime/file-port.ts";
import { type JournalOptions, openJournal } from "./journal.ts";
import { all, chunk, offerer } from "./testdata/offered.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "hearth-journal-full-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function openAt(more: Partial<JournalOptions> = {}) {
  const places = { dir: join(home, "journal"), keysDir: join(home, "keys") };
  return openJournal({ ...places, clock: virtualClock(), bootId: "boot-1", files: systemFiles(), ...more });
}

test("a group that a full disk refused is written when room was made, and nobody learns of it", async () => {
  const fault: DiskFault = { code: "ENOSPC", at: "write", partialBytes: 3 };
  const asked: string[] = [];
  const makeRoom = async ({ code }: GatewayError) => {
    asked.push(code);
    fault.code = undefined;
    return true;
  };
  await (await openAt()).close();
  const journal = await openAt({ files: faultyFiles(fault), makeRoom });
  const { outcomes, offer } = offerer(journal);
  offer(1);
  offer(2, "p2");
  await journal.flush();
  expect(outcomes).toEqual([1, 1]);
  expect(asked).toEqual(["journal.disk_full"]);
  expect(journal.figures().failing).toBeUndefined();
  expect((await all(journal.read("p1", 1))).map((record) => record.chunk.bytes[0])).toEqual([1]);
  await journal.close();
});

test("a journal that is held refuses in order without touching the disk, and afterwards reads back what it took, with every source", async () => {
  const journal = await openAt({ makeRoom: async () => false });
  const { outcomes, offer } = offerer(journal);
  offer(1);
  await journal.flush();
  const before = journal.figures().writtenBytesTotal;
  journal.hold({ code: "journal.disk_full", message: "full" });
  const other = { ...chunk(2), device: "strap-2" };
  journal.offer("p1", other, (error, position) => outcomes.push(error?.code ?? position));
  offer(3);
  await journal.flush();
  expect(outcomes).toEqual([1, "journal.disk_full", "journal.disk_full"]);
  expect(journal.figures()).toMatchObject({ writtenBytesTotal: before, failing: { code: "journal.disk_full" } });
  journal.hold(undefined);
  journal.offer("p1", { ...other, stamps: chunk(4).stamps }, (error, position) => outcomes.push(error?.code ?? position));
  await journal.flush();
  expect(outcomes.at(-1)).toBe(2);
  expect((await all(journal.read("p1", 1))).map(({ position, chunk: { device } }) => [position, device])).toEqual([
    [1, "strap-1"],
    [2, "strap-2"],
  ]);
  await journal.close();
});

test("of decided segments the oldest of all lanes go first, no more than wanted, never an undecided or a lane's newest one, and none where all are too few", async () => {
  const journal = await openAt({ maxSegmentBytes: 150 });
  const { offer } = offerer(journal);
  for (let index = 1; index <= 6; index++) {
    offer(index, index % 2 === 0 ? "p2" : "p1");
    await journal.flush();
  }
  const positions = async (lane: string) => (await all(journal.read(lane, 1))).map(({ position }) => position);
  expect([await positions("p1"), await positions("p2")]).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  const decided = [["p1", 2] as const, ["p2", 3] as const];
  expect(await journal.dropDecided({ decided, wantedBytes: 1, leastBytes: 10_000 })).toBe(0);
  expect(await journal.dropDecided({ decided: [["p1", 0]], wantedBytes: 10_000, leastBytes: 1 })).toBe(0);
  expect(await journal.dropDecided({ decided, wantedBytes: 1, leastBytes: 1 })).toBeGreaterThan(100);
  expect([await positions("p1"), await positions("p2")]).toEqual([
    [2, 3],
    [1, 2, 3],
  ]);
  await journal.dropDecided({ decided, wantedBytes: 10_000, leastBytes: 1 });
  expect([await positions("p1"), await positions("p2")]).toEqual([[3], [3]]);
  offer(7);
  await journal.flush();
  expect(await positions("p1")).toEqual([3, 4]);
  await journal.close();
  expect((await (await openAt()).last("p1"))?.position).toBe(4);
});
