import { expect, it } from "vitest";
import { createGuard } from "./guarded.ts";

it("gives what the part gives, and for a part that throws its fallback, told with the part's name and what was thrown", () => {
  const told: [string, unknown][] = [];
  const guard = createGuard((part, thrown) => void told.push([part, thrown]));
  const bad = new Error("bad");
  const fails = () => {
    throw bad;
  };
  expect(
    guard(
      "rules/a",
      () => 1,
      () => 2,
    ),
  ).toBe(1);
  expect(told).toEqual([]);
  expect(guard("rules/b", fails, () => 2)).toBe(2);
  expect(told).toEqual([["rules/b", bad]]);
});

it("passes over nothing where the one who is told throws", () => {
  const guard = createGuard((_part, thrown) => {
    throw thrown;
  });
  const fails = () => {
    throw new RangeError("seen");
  };
  expect(() => guard("stream/stage", fails, () => 0)).toThrow("seen");
});
