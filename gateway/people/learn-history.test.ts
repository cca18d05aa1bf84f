import { expect, test } from "vitest";
import { createLearnHistory, mostActs } from "./learn-history.ts";

function keeping() {
  const values = new Map<string, Uint8Array>();
  return {
    values,
    getValue: async (key: string) => values.get(key),
    putValue: async (key: string, value: Uint8Array) => void values.set(key, value),
  };
}

const again = { kind: "again" } as const;

test("what somebody says is stored with a date that is still to come, and a restart finds it under its number", async () => {
  const store = keeping();
  const history = createLearnHistory(store, () => 10_400_000);
  expect(await history.add("p1", again, "Carer")).toEqual({ number: 1, fromUs: 12_000_000, by: "Carer", act: again });
  await history.add("p1", { kind: "undo", number: 1 }, "Carer");
  const next = createLearnHistory(store, () => 20_000_000);
  await next.open("p1");
  expect(next.of("p1").map(({ number, act }) => [number, act.kind])).toEqual([
    [1, "again"],
    [2, "undo"],
  ]);
  expect(next.of("p2")).toEqual([]);
});

test("the oldest are dropped beyond the bound, and numbers go on", async () => {
  const store = keeping();
  const history = createLearnHistory(store, () => 1);
  for (let i = 0; i < mostActs + 5; i++) await history.add("p1", again, "Carer");
  expect(history.of("p1").map(({ number }) => number)).toEqual(Array.from({ length: mostActs }, (_, i) => i + 6));
  const next = createLearnHistory(store, () => 1);
  await next.open("p1");
  expect(next.of("p1")).toEqual(history.of("p1"));
});

test("what a disk refuses was not said", async () => {
  const store = { ...keeping(), putValue: async () => Promise.reject(new Error("full")) };
  const history = createLearnHistory(store, () => 1);
  await expect(history.add("p1", again, "Carer")).rejects.toThrow("full");
  expect(history.of("p1")).toEqual([]);
});

test("a date of a clock that was ahead is put right", async () => {
  const history = createLearnHistory(keeping(), () => 9_000_000_000);
  await history.add("p1", again, "Carer");
  await history.putRight(1_000_000);
  expect(history.of("p1")[0]?.fromUs).toBe(1_000_000);
});
