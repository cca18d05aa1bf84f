import { expect, test } from "vitest";
import { createBackoff } from "../runtime/backoff.ts";

test("the pause is a random share of a ceiling that doubles from 1 s to 5 min and begins anew after a reset", () => {
  const backoff = createBackoff(() => 0.5);
  const pauses = () => Array.from({ length: 10 }, () => backoff.nextMs());
  const expected = [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 150_000];
  expect(pauses()).toEqual(expected);
  for (let i = 0; i < 2000; i++) backoff.nextMs();
  expect(backoff.nextMs()).toBe(150_000);
  backoff.reset();
  expect(pauses()).toEqual(expected);
  expect(createBackoff(() => 0).nextMs()).toBe(0);
});
