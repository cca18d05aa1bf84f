/** What any outbox must promise, whatever it is made of: `testOutbox(open)` in an implementation's own test. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OutboxItem, type TrafficClass, trafficClasses } from "../../device-drivers/contract/event.ts";
import type { OutboxRow, Store } from "../../gateway/store/store-port.ts";
import { runs } from "../runs.ts";

export interface OutboxPlace {
  /** Folder of its own; opening it again is a restart. */
  readonly dir: string;
  readonly maxOutboxBytes: number;
}

export type OpenOutbox = (place: OutboxPlace) => Promise<Store>;

const plenty = 1 << 30;
const nobody: ReadonlySet<number> = new Set();

function item(trafficClass: TrafficClass, mark: number, sizeBytes = 8): OutboxItem {
  const payload = new Uint8Array(Math.max(4, sizeBytes));
  new DataView(payload.buffer).setUint32(0, mark);
  return { class: trafficClass, timeUs: 1_000_000 + mark, payload };
}

const markOf = (row: OutboxRow) => Buffer.from(row.payload).readUInt32BE(0);
const marksOf = (rows: readonly OutboxRow[]) => rows.map(markOf);

async function add(store: Store, ...outbox: OutboxItem[]): Promise<void> {
  const committed = store.commit({ person: "p1", outbox });
  await store.flush();
  await committed;
}

/** Registers the suite; `open` opens or re-opens the outbox at a place. */
export function testOutbox(open: OpenOutbox): void {
  describe("an outbox", () => {
    let dir: string;
    beforeEach(() => {
      dir = mkdtempSync(join(tmpdir(), "hearth-outbox-"));
    });
    afterEach(() => rmSync(dir, { recursive: true, force: true }));
    const openHere = (maxOutboxBytes = plenty) => open({ dir, maxOutboxBytes });

    test("gives rows by class, then by number, with numbers from 1 that rise", async () => {
      const store = await openHere();
      await add(store, item("raw", 1), item("semantic", 2), item("alert", 3), item("status", 4), item("alert", 5));
      const rows = await store.outboxBegin(10, nobody);
      expect(marksOf(rows)).toEqual([3, 5, 4, 2, 1]);
      expect(rows.map(({ n }) => n).sort()).toEqual([1, 2, 3, 4, 5]);
      expect(rows.map((row) => row.class)).toEqual(["alert", "alert", "status", "semantic", "raw"]);
      expect(rows[0]?.timeUs).toBe(1_000_003);
      await store.close();
    });

    test("keeps a row until it is acknowledged, and never gives it again after", async () => {
      const store = await openHere();
      await add(store, item("semantic", 1), item("semantic", 2));
      const [first] = await store.outboxBegin(1, nobody);
      expect(marksOf(await store.outboxBegin(10, nobody))).toEqual([1, 2]);
      await store.outboxEnd([first!.n]);
      expect(marksOf(await store.outboxBegin(10, nobody))).toEqual([2]);
      expect((await store.outboxFigures()).depth.semantic).toBe(1);
      await store.outboxEnd([first!.n, 999_999]);
      expect((await store.outboxFigures()).depth.semantic).toBe(1);
      await store.close();
    });

    test("leaves out what is in flight and respects the limit", async () => {
      const store = await openHere();
      await add(store, ...Array.from({ length: 20 }, (_, i) => item("semantic", i)));
      const flying = await store.outboxBegin(5, nobody);
      const next = await store.outboxBegin(5, new Set(flying.map(({ n }) => n)));
      expect(marksOf(flying)).toEqual([0, 1, 2, 3, 4]);
      expect(marksOf(next)).toEqual([5, 6, 7, 8, 9]);
      await store.close();
    });

    test("gives the newest rows of every class but alerts, without those in flight and those acknowledged", async () => {
      const store = await openHere();
      await add(
        store,
        ...[1, 2, 3].map((mark) => item("semantic", mark)),
        item("raw", 4),
        item("alert", 5),
        item("status", 6),
        item("semantic", 7),
      );
      const newest = async (limit: number, skip = nobody) => marksOf(await store.outboxNewest(limit, skip));
      expect(await newest(3)).toEqual([7, 6, 4]);
      expect(await newest(10)).toEqual([7, 6, 4, 3, 2, 1]);
      const [seven, six] = await store.outboxNewest(2, nobody);
      await store.outboxEnd([seven!.n]);
      expect(await newest(2, new Set([six!.n]))).toEqual([4, 3]);
      await store.close();
    });

    test("keeps rows, epoch and rising numbers over a restart", async () => {
      const first = await openHere();
      await add(first, item("semantic", 1), item("alert", 2));
      const before = await first.outboxBegin(10, nobody);
      const { epoch } = await first.outboxFigures();
      await first.close();
      const second = await openHere();
      expect(await second.outboxBegin(10, nobody)).toEqual(before.map((row) => ({ ...row, payload: Buffer.from(row.payload) })));
      expect((await second.outboxFigures()).epoch).toBe(epoch);
      await add(second, item("alert", 3));
      const added = (await second.outboxBegin(10, nobody)).find((row) => markOf(row) === 3);
      expect(added!.n).toBeGreaterThan(Math.max(...before.map(({ n }) => n)));
      await second.close();
    });

    test("over its budget drops oldest raw rows first, then semantic, then status, counts them, and keeps every alert", async () => {
      const store = await openHere(1000);
      await add(store, item("raw", 1, 200), item("raw", 2, 200), item("semantic", 3, 200), item("status", 4, 200), item("alert", 5, 200));
      expect((await store.outboxFigures()).dropped).toEqual({ alert: 0, status: 0, semantic: 0, raw: 0 });
      await add(store, item("semantic", 6, 200));
      expect(marksOf(await store.outboxBegin(10, nobody))).toEqual([5, 4, 3, 6, 2]);
      await add(store, ...[7, 8, 9, 10, 11, 12].map((mark) => item("alert", mark, 200)));
      expect(marksOf(await store.outboxBegin(20, nobody))).toEqual([5, 7, 8, 9, 10, 11, 12]);
      const figures = await store.outboxFigures();
      expect(figures.dropped).toEqual({ alert: 0, status: 1, semantic: 2, raw: 2 });
      expect(figures).toMatchObject({ bytes: 1400, oldestUs: 1_000_005, depth: { alert: 7, status: 0, semantic: 0, raw: 0 } });
      await store.close();
    });

    test("accepted + dropped + kept = begun, in drain order, whatever happens in between", { timeout: 300_000 }, async () => {
      const step = fc.oneof(
        fc.record({
          kind: fc.constant("add" as const),
          classes: fc.array(fc.constantFrom(...trafficClasses), { minLength: 1, maxLength: 8 }),
        }),
        fc.record({ kind: fc.constant("drain" as const), limit: fc.integer({ min: 1, max: 10 }), accept: fc.infiniteStream(fc.boolean()) }),
        fc.constant({ kind: "restart" as const }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.constantFrom(200, plenty), async (steps, budgetBytes) => {
          const place = { dir: mkdtempSync(join(dir, "run-")), maxOutboxBytes: budgetBytes };
          let store = await open(place);
          const begun = new Map<number, TrafficClass>();
          const accepted = new Set<number>();
          let mark = 0;
          for (const now of steps) {
            if (now.kind === "add") {
              const items = now.classes.map((trafficClass) => item(trafficClass, mark++));
              for (const added of items) begun.set(Buffer.from(added.payload).readUInt32BE(0), added.class);
              await add(store, ...items);
            } else if (now.kind === "drain") {
              const rows = await store.outboxBegin(now.limit, nobody);
              const taken = rows.filter(() => now.accept.next().value);
              await store.outboxEnd(taken.map(({ n }) => n));
              for (const row of taken) accepted.add(markOf(row));
            } else {
              await store.close();
              store = await open(place);
            }
          }
          const kept = await store.outboxBegin(10_000, nobody);
          const { dropped, depth } = await store.outboxFigures();
          await store.close();
          const order = kept.map((row) => trafficClasses.indexOf(row.class) * 1e9 + row.n);
          expect(order).toEqual([...order].sort((a, b) => a - b));
          expect(new Set(kept.map(({ n }) => n)).size).toBe(kept.length);
          expect(kept.some((row) => accepted.has(markOf(row)))).toBe(false);
          for (const name of trafficClasses) {
            const all = [...begun.values()].filter((trafficClass) => trafficClass === name).length;
            const done = [...accepted].filter((one) => begun.get(one) === name).length;
            const left = kept.filter((row) => row.class === name).length;
            expect(done + dropped[name] + left).toBe(all);
            expect(depth[name]).toBe(left);
          }
          expect(dropped.alert).toBe(0);
        }),
        runs(25),
      );
    });
  });
}
