import { expect, test } from "vitest";
import { createAlertBook } from "./alert-book.ts";
import { alertOf } from "./fake-alert.ts";

test("a sight that was told is no news, a changed one is", () => {
  const book = createAlertBook();
  expect(book.note(alertOf({ id: "a" }))).toBe(true);
  expect(book.note(alertOf({ id: "a" }))).toBe(false);
  expect(book.note(alertOf({ id: "a", state: "acknowledged", acknowledged_by: "Person B" }))).toBe(true);
  expect(book.open()).toHaveLength(1);
  expect(book.note(alertOf({ id: "a", state: "closed" }))).toBe(true);
  expect(book.note(alertOf({ id: "a", state: "closed" }))).toBe(false);
  expect(book.open()).toEqual([]);
});

test("one that is over may come back", () => {
  const book = createAlertBook();
  book.note(alertOf({ id: "a", state: "resolved" }));
  expect(book.note(alertOf({ id: "a", state: "active" }))).toBe(true);
  expect(book.open().map(({ id }) => id)).toEqual(["a"]);
});

test("it knows the oldest open one first and when the newest was raised", () => {
  const book = createAlertBook();
  expect(book.newestRaisedMs()).toBeUndefined();
  book.note(alertOf({ id: "late", raised_at: "2026-01-01T00:00:09.000Z" }));
  book.note(alertOf({ id: "early", raised_at: "2026-01-01T00:00:01.000Z" }));
  expect(book.open().map(({ id }) => id)).toEqual(["early", "late"]);
  expect(book.newestRaisedMs()).toBe(Date.parse("2026-01-01T00:00:09Z"));
});

test("however many alerts go by, it keeps 10,000 open and 2000 closed ones", () => {
  const book = createAlertBook();
  for (let i = 0; i <= 10_000; i++) book.note(alertOf({ id: `open-${i}` }));
  expect(book.open()).toHaveLength(10_000);
  for (let i = 0; i <= 2000; i++) book.note(alertOf({ id: `closed-${i}`, state: "closed" }));
  expect(book.note(alertOf({ id: "closed-1", state: "closed" }))).toBe(false);
  // Forgotten, so it would be told once more.
  expect(book.note(alertOf({ id: "closed-0", state: "closed" }))).toBe(true);
});
