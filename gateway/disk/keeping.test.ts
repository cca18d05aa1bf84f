import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type DiskFault, faultyFiles } from "../../test/support/faulty-files.ts";
import type { DropRequest } from "../journal/journal-core.ts";
import { createLog } from "../runtime/log.ts";
import { createReserve, type Reserve } from "../runtime/reserve.ts";
import { createKeeping, type Keeping } from "./keeping.ts";

let folder: string;
let clock: VirtualClock;
let fault: DiskFault;
let reserve: Reserve;
let keeping: Keeping;
let droppable: number;
let held: string | undefined;
let dropped: DropRequest[];
let refusedCommits: number;
let flushes: number;
let overDay: string[];
let noted: string[];
let answered: Set<string>;
const notKept = { count: 0, tell: () => {} };
const truths = new Map<string, boolean>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-keeping-"));
  clock = virtualClock();
  fault = { code: undefined, at: "write", partialBytes: 0 };
  reserve = createReserve(folder, { sizeBytes: 4096, files: faultyFiles(fault) });
  [droppable, held, dropped, refusedCommits, flushes] = [0, undefined, [], 0, 0];
  [notKept.count, overDay, noted, answered] = [0, [], [], new Set()];
  truths.clear();
  keeping = createKeeping({
    ...{ clock, reserve, notKept, log: createLog({ level: "silent" }), journalDir: folder },
    journal: {
      hold: (error) => {
        held = error?.code;
      },
      async dropDecided(request) {
        dropped.push(request);
        if (droppable > 0) fault.code = undefined;
        return droppable;
      },
    },
    store: {
      mark: async () => ({ snapshot: { position: 7, ordinal: 1, bytes: new Uint8Array() } }),
      async flush() {
        flushes += 1;
        if (fault.code === undefined) refusedCommits = 0;
        else throw new GatewayError("store.disk_full", "world", "full");
      },
      tidy: async () => {},
      figures: () => ({ writtenBytesTotal: 0, transactionsTotal: 0, refusedCommits, heldAlerts: [], position: "" }),
    },
    ...{ dayBudget: { over: () => overDay }, nowUs: () => clock.monotonicUs() },
    registry: { people: () => [{ id: "person-a" }], devices: () => [{ id: "strap" }, { id: "clip" }] },
    set: (rule, isTrue, device) => truths.set(device === undefined ? rule : `${rule} ${device}`, isTrue),
    signals: { denied: { tell: ({ reason, account }) => answered.add(`${reason} ${account}`) } },
    refusals: { note: ({ reason, device }) => noted.push(`${reason} ${device}`) },
  });
});
afterEach(() => {
  keeping.close();
  rmSync(folder, { recursive: true });
});

const full = new GatewayError("journal.disk_full", "world", "full");
const hasReserve = () => existsSync(join(folder, "reserve"));
const told = () => [...truths].flatMap(([rule, isTrue]) => (isTrue ? [rule] : []));
/** The real disk answers in a later turn; the last looks are waited for one by one. */
async function after(ms: number): Promise<void> {
  clock.advance(Math.max(0, ms - 4000));
  for (let looks = 0; looks < 3; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    clock.advance(2000);
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
}

test("the reserve is made at the begin, and a disk with room tells nothing", async () => {
  await keeping.begin();
  await after(4000);
  expect([hasReserve(), keeping.stage(), told()]).toEqual([true, "kept", []]);
});

test("a full disk: the reserve goes, then decided segments; where they give room the reserve is back at once and only the dropping is told", async () => {
  await keeping.begin();
  fault.code = "ENOSPC";
  droppable = 9000;
  expect(await keeping.makeRoom(full)).toBe(true);
  expect(dropped).toEqual([{ decided: [["person-a", 7]], wantedBytes: 16_384, leastBytes: 4096 }]);
  expect([hasReserve(), keeping.stage(), held, told()]).toEqual([true, "kept", undefined, ["storage.dropped-early"]]);
  await after(3_602_000);
  expect(told()).toEqual([]);
});

test("a full disk with nothing to drop: signal is judged and not kept, with the reserve given up, until there is room again", async () => {
  await keeping.begin();
  fault.code = "ENOSPC";
  expect(await keeping.makeRoom(full)).toBe(false);
  expect([hasReserve(), keeping.stage(), held, told()]).toEqual([false, "judged", "journal.disk_full", ["storage.disk-full"]]);
  await after(60_000);
  expect(keeping.stage()).toBe("judged");
  fault.code = undefined;
  await after(32_000);
  expect([hasReserve(), keeping.stage(), held, told()]).toEqual([true, "kept", undefined, []]);
});

test("the store's refusal gives the reserve up, tries again at once, and is told until nothing waits in memory", async () => {
  await keeping.begin();
  fault.code = "ENOSPC";
  refusedCommits = 2;
  keeping.storeRefused(new GatewayError("store.disk_full", "world", "full"));
  expect(told()).toContain("storage.not-stored");
  await after(2000);
  expect(hasReserve()).toBe(false);
  expect(flushes).toBeGreaterThan(1);
  fault.code = undefined;
  await after(40_000);
  expect([refusedCommits, keeping.stage(), told()]).toEqual([0, "kept", []]);
});

test("a refusal that is no lack of room is waited out once; a second one soon after holds the journal and drops nothing", async () => {
  await keeping.begin();
  const busy = new GatewayError("journal.io", "world", "EMFILE");
  const first = keeping.makeRoom(busy);
  clock.advance(100);
  expect([await first, held]).toEqual([true, undefined]);
  expect(await keeping.makeRoom(busy)).toBe(false);
  expect([held, dropped, hasReserve(), told()]).toEqual(["journal.io", [], true, ["storage.disk-full"]]);
  await after(60_000);
  expect([held, told()]).toEqual([undefined, []]);
});

test("batches that are refused without the journal being held are told while it goes on", async () => {
  await keeping.begin();
  notKept.count = 3;
  keeping.storeRefused(new GatewayError("store.io", "world", "anything that tells"));
  expect(told()).toEqual(["storage.disk-full"]);
  await after(4000);
  expect(told()).toEqual([]);
});

test("a device that has had its day's share is told once, in alert and refusals, until the day is over", async () => {
  await keeping.begin();
  overDay = ["strap"];
  await after(10_000);
  expect([told(), noted]).toEqual([["device.too-much strap"], ["journal.day_full strap"]]);
  expect([...answered]).toEqual(["journal.day_full strap"]);
  overDay = [];
  await after(10_000);
  expect(told()).toEqual([]);
});
