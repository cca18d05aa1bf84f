import { expect, test } from "vitest";
import { meanOr, median, quarter, remember, spread } from "./statistics.ts";

test("short rows have a middle, a quarter and a spread, and rows that are too short say what was agreed", () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, 0]);
  expect([spread([2, 6]), spread([2, 6, 3]), spread([5]), spread([])]).toEqual([3, 3, 1, 1]);
  expect([quarter([4, 3, 2, 1]), quarter([])]).toEqual([2, 0]);
  expect([meanOr([1, 2], 9), meanOr([], 9)]).toEqual([1.5, 9]);
});

test("a row keeps its newest", () => {
  const row = [1, 2];
  remember(row, 3, 2);
  expect(row).toEqual([2, 3]);
});
