import { expect, test } from "vitest";
import { hasLeft, withLeft, withoutLeft } from "./left-people.ts";

test("who has left is known by their short name alone, which stands nowhere in what is kept, until they are let in again", () => {
  const kept = withLeft(withLeft(undefined, "person-a"), "person-b");
  expect(["person-a", "person-b", "person-c"].map((id) => hasLeft(kept, id))).toEqual([true, true, false]);
  expect(new TextDecoder().decode(kept)).not.toMatch(/person|-a/);
  const again = withoutLeft(kept, "person-a");
  expect(["person-a", "person-b"].map((id) => hasLeft(again, id))).toEqual([false, true]);
  expect(hasLeft(undefined, "person-a")).toBe(false);
});

test("whoever leaves twice stands there once", () => {
  const once = withLeft(undefined, "person-a");
  expect(withLeft(once, "person-a")).toEqual(once);
});
