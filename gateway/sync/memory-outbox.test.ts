import { expect, test } from "vitest";
import type { TrafficClass } from "../../device-drivers/contract/event.ts";
import { createMemoryOutbox } from "./memory-outbox.ts";

const item = (name: TrafficClass, timeUs: number, size = 1) => ({ class: name, timeUs, payload: new Uint8Array(size) });
const numbers = (rows: readonly { n: number }[]) => rows.map(({ n }) => n);

test("it gives rows by class and number, the newest by time, and leaves out what is named", async () => {
  const outbox = createMemoryOutbox("e1", [item("raw", 40), item("semantic", 20), item("alert", 90)]);
  expect(outbox.add(item("semantic", 30), item("status", 30))).toEqual([4, 5]);
  expect(numbers(await outbox.outboxBegin(9, new Set()))).toEqual([3, 5, 2, 4, 1]);
  expect(numbers(await outbox.outboxBegin(2, new Set([3])))).toEqual([5, 2]);
  expect(numbers(await outbox.outboxNewest(9, new Set()))).toEqual([1, 5, 4, 2]);
  expect(numbers(await outbox.outboxNewest(2, new Set([1])))).toEqual([5, 4]);
  expect(outbox.rows()[3]).toEqual({ ...item("semantic", 30), n: 4 });
});

test("it removes what was acknowledged, gives no number twice, and tells what waits", async () => {
  const outbox = createMemoryOutbox("e1", [item("raw", 40, 5), item("alert", 20, 7)]);
  expect(await outbox.outboxFigures()).toEqual({
    epoch: "e1",
    depth: { alert: 1, status: 0, semantic: 0, raw: 1 },
    bytes: 12,
    oldestUs: 20,
    dropped: { alert: 0, status: 0, semantic: 0, raw: 0 },
  });
  await outbox.outboxEnd([1, 2, 9]);
  expect(await outbox.outboxFigures()).toEqual({
    epoch: "e1",
    depth: { alert: 0, status: 0, semantic: 0, raw: 0 },
    bytes: 0,
    dropped: { alert: 0, status: 0, semantic: 0, raw: 0 },
  });
  expect(outbox.add(item("status", 1))).toEqual([3]);
});
