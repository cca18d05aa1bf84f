import { expect, test } from "vitest";
import { createRetainedBook } from "./retained-book.ts";

test("an account retains on so many topics and so many bytes, and no other account less for it", () => {
  const { mayRetain } = createRetainedBook({ maxTopics: 3, maxBytes: 100 });
  const answers = ["a", "b", "c", "d"].map((topic) => mayRetain("greedy", topic, 10));
  expect(answers).toEqual([true, true, true, false]);
  expect([mayRetain("greedy", "a", 80), mayRetain("greedy", "a", 81), mayRetain("greedy", "a", 70)]).toEqual([true, false, true]);
  expect(mayRetain("other", "a", 100)).toBe(true);
});

test("an empty message gives its place back", () => {
  const { mayRetain } = createRetainedBook({ maxTopics: 1, maxBytes: 100 });
  mayRetain("x", "a", 100);
  expect([mayRetain("x", "b", 1), mayRetain("x", "a", 0), mayRetain("x", "b", 1)]).toEqual([false, true, true]);
});
