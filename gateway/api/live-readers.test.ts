import { expect, test } from "vitest";
import { createLiveReaders } from "./live-readers.ts";

function house(limits = { max: 6, maxPerAccount: 4, keepMs: 60_000 }) {
  let nowMs = 0;
  let gaveWay = 0;
  const ended: string[] = [];
  const readers = createLiveReaders(
    limits,
    () => nowMs,
    () => void gaveWay++,
  );
  const take = (account: string, name = account) => readers.take(account, () => void ended.push(name));
  return {
    readers,
    take,
    ended,
    gaveWay: () => gaveWay,
    advance: (ms: number) => {
      nowMs += ms;
    },
  };
}

test("an account has so many readers; one more is refused while all of them are young", () => {
  const { take, readers, ended } = house();
  const taken = [1, 2, 3, 4].map(() => take("a"));
  expect(taken.every((leave) => leave !== undefined)).toBe(true);
  expect(take("a")).toBeUndefined();
  taken[1]?.();
  taken[1]?.();
  expect(readers.count).toBe(3);
  expect([take("a") === undefined, ended]).toEqual([false, []]);
});

test("after a minute the account's oldest reader gives way: a phone that left without a word keeps nobody out", () => {
  const { take, readers, ended, gaveWay, advance } = house();
  for (const name of ["a1", "a2", "a3", "a4"]) take("a", name);
  advance(60_000);
  take("a", "a5");
  expect([ended, readers.count, gaveWay()]).toEqual([["a1"], 4, 1]);
});

test("an account that has none gets a place of the account that has most, whatever their age", () => {
  const { take, readers, ended } = house();
  for (const name of ["a1", "a2", "a3", "a4"]) take("a", name);
  for (const name of ["b1", "b2"]) take("b", name);
  expect(take("c", "c1")).toBeDefined();
  expect([ended, readers.count]).toEqual([["a1"], 6]);
});

test("who gave way does not take the place back: nobody has two more than they", () => {
  const { take, ended } = house({ max: 4, maxPerAccount: 4, keepMs: 60_000 });
  for (const account of ["a", "a", "a", "b"]) take(account);
  take("b");
  expect(ended).toEqual(["a"]);
  expect([take("a"), take("b")]).toEqual([undefined, undefined]);
  expect(ended).toEqual(["a"]);
});

test("the end of one who gave way gives nothing back twice", () => {
  const { take, readers, advance } = house();
  const leave = take("a");
  for (const _ of [1, 2, 3]) take("a");
  advance(60_000);
  take("a");
  leave?.();
  expect(readers.count).toBe(4);
});
