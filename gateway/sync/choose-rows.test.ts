import { expect, test } from "vitest";
import type { OutboxItem, TrafficClass } from "../../device-drivers/contract/event.ts";
import { chooseRows, createBucket, isBacklog } from "./choose-rows.ts";
import { createInFlight } from "./in-flight.ts";
import { createMemoryOutbox } from "./memory-outbox.ts";
import type { OutboxSource } from "./outbox-source.ts";

const nowUs = 1_700_000_000_000_000;
const rows = (count: number, ageS: number, name: TrafficClass = "semantic"): OutboxItem[] =>
  Array.from({ length: count }, (_, i) => ({ class: name, timeUs: nowUs - ageS * 1e6 + i, payload: Uint8Array.of(1) }));
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

interface Case {
  readonly window: number;
  /** Rows that are on their way. */
  readonly sent?: readonly number[];
  readonly tokensPerS?: number;
}

async function choose(outbox: OutboxSource, { window, sent = [], tokensPerS = 1000 }: Case): Promise<number[]> {
  const flight = createInFlight({ window, ackTimeoutMs: 1000 });
  for (const n of sent) flight.sent(n, 0);
  const chosen = await chooseRows({ outbox, flight, bucket: createBucket(tokensPerS, 0), nowUs, monotonicUs: 0 });
  return chosen.map(({ n }) => n);
}

test("a row waited for the line when it is more than a minute old", () => {
  expect([59, 60].map((ageS) => isBacklog({ timeUs: nowUs - ageS * 1e6 }, nowUs))).toEqual([false, false]);
  expect(isBacklog({ timeUs: nowUs - 60_000_001 }, nowUs)).toBe(true);
});

test("a bucket gives half a second's worth at once, then its rate, and never saves up more", () => {
  const bucket = createBucket(10, 5_000_000);
  const take = (atUs: number) => range(1, 20).filter(() => bucket.take(atUs)).length;
  expect(take(5_000_000)).toBe(5);
  expect(take(5_099_999)).toBe(0);
  expect(take(5_100_000)).toBe(1);
  expect(take(5_400_000)).toBe(3);
  expect(take(60_000_000)).toBe(5);
});

test("a slow bucket still gives one at once", () => {
  const bucket = createBucket(1, 0);
  expect([bucket.take(0), bucket.take(0), bucket.take(999_999), bucket.take(1_000_000)]).toEqual([true, false, false, true]);
});

test("alerts go before all else, four beyond the window, without waiting for the backlog's rate", async () => {
  const outbox = createMemoryOutbox("e", [...rows(3, 5), ...rows(9, 3600, "alert"), ...rows(3, 5, "status")]);
  expect(await choose(outbox, { window: 3, tokensPerS: 1e-9 })).toEqual(range(4, 10));
  expect(await choose(outbox, { window: 10 })).toEqual([...range(4, 12), 13]);
  const behind = createMemoryOutbox("e", [...rows(3, 3600), ...rows(3, 5), ...rows(4, 5, "alert")]);
  for (const window of [4, 2]) expect(await choose(behind, { window })).toEqual(range(7, 10));
});

test("rows on their way are left out, and alerts take the others' places", async () => {
  const outbox = createMemoryOutbox("e", [...rows(5, 5), ...rows(1, 5, "alert")]);
  expect(await choose(outbox, { window: 4, sent: [1, 2] })).toEqual([6, 3]);
  expect(await choose(outbox, { window: 4, sent: [1, 2, 3, 6] })).toEqual([]);
  expect(await choose(outbox, { window: 4, sent: [1, 2, 3] })).toEqual([6]);
});

test.each([
  [10, [...range(21, 27), 1, 2, 3]],
  [8, [...range(21, 26), 1, 2]],
  [3, [21, 22, 1]],
  [2, [21, 1]],
  [1, [21]],
])("of %d places behind a backlog new rows take those that are not its share of 30 %, at least one", async (window, expected) => {
  const outbox = createMemoryOutbox("e", [...rows(20, 3600), ...rows(window, 5)]);
  expect(await choose(outbox, { window })).toEqual(expected);
});

test("places that new rows leave go to the backlog, and the oldest of the new ones goes first", async () => {
  const outbox = createMemoryOutbox("e", [...rows(20, 3600), ...rows(2, 5)]);
  expect(await choose(outbox, { window: 6 })).toEqual([21, 22, 1, 2, 3, 4]);
});

test("the backlog takes a token a row, new rows none", async () => {
  const outbox = createMemoryOutbox("e", [...rows(20, 3600), ...rows(2, 5)]);
  expect(await choose(outbox, { window: 8, tokensPerS: 4 })).toEqual([21, 22, 1, 2]);
  const mixed = createMemoryOutbox("e", [...rows(4, 3600, "status"), ...rows(3, 5)]);
  expect(await choose(mixed, { window: 8, tokensPerS: 4 })).toEqual([1, 2, 5, 6, 7]);
});

test("new rows are only looked for where all rows in order are old, and nothing is sent twice", async () => {
  const memory = createMemoryOutbox("e", [...rows(2, 3600), ...rows(2, 5)]);
  let asks = 0;
  const outbox: OutboxSource = {
    ...memory,
    outboxNewest(limit, skip) {
      asks++;
      return memory.outboxNewest(limit, skip);
    },
  };
  expect([await choose(outbox, { window: 8 }), asks]).toEqual([[1, 2, 3, 4], 0]);
  await memory.outboxEnd([3, 4]);
  expect([await choose(outbox, { window: 8 }), asks]).toEqual([[1, 2], 1]);
  await memory.outboxEnd([1, 2]);
  expect([await choose(outbox, { window: 8 }), asks]).toEqual([[], 1]);
});

test("a source that can't find its newest rows drains by class and number", async () => {
  const { outboxNewest: _newest, ...outbox } = createMemoryOutbox("e", [...rows(20, 3600), ...rows(5, 5), ...rows(1, 5, "status")]);
  expect(await choose(outbox, { window: 4 })).toEqual([26, 1, 2, 3]);
});
