import { expect, test } from "vitest";
import { thinOut } from "./thin-out.ts";

test("a list that is never emptied stays within its most, from its beginning to its newest entry", () => {
  const list: number[] = [];
  let longest = 0;
  for (let i = 0; i <= 100_000; i++) {
    list.push(i);
    thinOut(list, 100);
    longest = Math.max(longest, list.length);
  }
  expect(longest).toBeLessThanOrEqual(100);
  expect(list.at(-1)).toBe(100_000);
  expect(list).toEqual([...list].sort((a, b) => a - b));
});

test("a short list is left as it is", () => {
  const list = [1, 2, 3];
  thinOut(list, 3);
  expect(list).toEqual([1, 2, 3]);
});
