import { expect, test } from "vitest";
import { createLimitsHistory } from "./dated-limits.ts";

function keeping() {
  const values = new Map<string, Uint8Array>();
  return {
    getValue: async (key: string) => values.get(key),
    putValue: async (key: string, value: Uint8Array) => void values.set(key, value),
  };
}

const first = { hrHighBpm: 150, hrLimitHighBpm: undefined };

test("a change is stored with a date that is still to come, and a restart finds it under its number", async () => {
  const store = keeping();
  const history = createLimitsHistory(store, () => 10_400_000);
  await history.declare("p1", first, 10_000_000);
  expect(await history.change("p1", { hrHighBpm: 130 }, "Person A")).toBe(12_000_000);
  const again = createLimitsHistory(store, () => 20_000_000);
  await again.declare("p1", { hrHighBpm: 130 }, 20_000_000);
  expect(again.of("p1", first)).toEqual([
    { number: 0, fromUs: 0, profile: { hrHighBpm: 150 }, by: "hearth.yaml" },
    { number: 1, fromUs: 12_000_000, profile: { hrHighBpm: 130 }, by: "Person A" },
  ]);
});

test("a start with other limits of everybody is a change like any other, dated with the start", async () => {
  const store = keeping();
  await createLimitsHistory(store, () => 1).declare("p1", first, 1_000_000);
  const history = createLimitsHistory(store, () => 1);
  await history.declare("p1", { hrHighBpm: 140 }, 5_000_000);
  expect(history.of("p1", first).map(({ number, fromUs }) => [number, fromUs])).toEqual([
    [0, 0],
    [1, 5_000_000],
  ]);
});

test("a store that takes longer than the margin gets another date: no moment is given that has passed", async () => {
  const slow = { ...keeping(), delays: 2 };
  let nowUs = 0;
  const put = slow.putValue;
  slow.putValue = async (key, value) => {
    if (slow.delays-- > 0) nowUs += 3_000_000;
    await put(key, value);
  };
  slow.delays = 0;
  const history = createLimitsHistory(slow, () => nowUs);
  await history.declare("p1", first, 0);
  slow.delays = 2;
  const fromUs = await history.change("p1", { hrHighBpm: 130 }, "Person A");
  expect(fromUs).toBeGreaterThan(nowUs);
  expect(history.of("p1", first).at(-1)).toMatchObject({ number: 1, fromUs });
});

test("what the store refuses is no change; a home on a full disk opens with the limits of its file", async () => {
  const full = { ...keeping(), putValue: async () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })) };
  const history = createLimitsHistory(full, () => 0);
  await history.declare("p1", first, 0).catch(() => undefined);
  await expect(history.change("p1", { hrHighBpm: 130 }, "Person A")).rejects.toThrow("full");
  expect(history.of("p1", first)).toHaveLength(1);
});

test("a date of a clock that was wrong counts from when it is put right; one that waits for its moment stays", async () => {
  const store = keeping();
  let nowUs = 1e15;
  const history = createLimitsHistory(store, () => nowUs);
  await history.declare("p1", first, 0);
  await history.change("p1", { hrHighBpm: 130 }, "Person A");
  nowUs = 5e12;
  await history.putRight(nowUs);
  const soonUs = await history.change("p1", { hrHighBpm: 120 }, "Person A");
  await history.putRight(nowUs);
  expect(history.of("p1", first).map(({ fromUs }) => fromUs)).toEqual([0, 5e12, soonUs]);
});

test("of a thousand changes the newest 200 are kept, in memory and in the store, under the numbers that they had", async () => {
  const store = keeping();
  const history = createLimitsHistory(store, () => 0);
  await history.declare("p1", first, 0);
  for (let i = 0; i < 1000; i++) await history.change("p1", { hrHighBpm: 100 + (i % 90) }, "Person A");
  const again = createLimitsHistory(store, () => 0);
  await again.declare("p1", { hrHighBpm: 100 + (999 % 90) }, 1e9);
  for (const kept of [history, again]) {
    const numbers = kept.of("p1", first).map(({ number }) => number);
    expect([numbers.length, numbers[0], numbers.at(-1)]).toEqual([200, 801, 1000]);
  }
});
