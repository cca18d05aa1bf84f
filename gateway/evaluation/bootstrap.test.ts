import { describe, expect, it } from "vitest";
import { bootstrapCi95, meanOrNull, seededRandom } from "./bootstrap.ts";

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe("the bootstrap", () => {
  it("gives the same interval every time, around the statistic", () => {
    const units = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const interval = bootstrapCi95(units, mean);
    expect(bootstrapCi95(units, mean)).toEqual(interval);
    const [low, high] = interval ?? [Number.NaN, Number.NaN];
    // Normal theory: 5.5 ± 1.96 · 2.87 / √10 = 3.7 … 7.3.
    expect(low).toBeGreaterThan(3.4);
    expect(low).toBeLessThan(4.1);
    expect(high).toBeGreaterThan(6.9);
    expect(high).toBeLessThan(7.6);
  });

  it("has no interval with fewer than five units or without any value", () => {
    expect(bootstrapCi95([1, 2, 3, 4], mean)).toBeNull();
    expect(bootstrapCi95([1, 2, 3, 4, 5], () => null)).toBeNull();
  });

  it("of equal units is a point", () => {
    expect(bootstrapCi95([3, 3, 3, 3, 3], mean)).toEqual([3, 3]);
  });
});

describe("helpers", () => {
  it("the generator is seeded and stays in [0, 1)", () => {
    const a = seededRandom(1);
    const b = seededRandom(1);
    for (let i = 0; i < 100; i++) {
      const x = a();
      expect(x).toBe(b());
      expect(x >= 0 && x < 1).toBe(true);
    }
    expect(seededRandom(2)()).not.toBe(seededRandom(1)());
  });

  it("the mean leaves records without a value out", () => {
    expect(meanOrNull([1, null, 3])).toBe(2);
    expect(meanOrNull([null])).toBeNull();
  });
});
