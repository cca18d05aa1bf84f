import { expect, test } from "vitest";
import { agreed, bySlope, countSame, rateOf } from "../../models/signal/pulse-reference.ts";
import { scorePulse } from "./score-pulse.ts";

const every = (stepS: number, toS: number, fromS = 0) =>
  Array.from({ length: Math.round((toS - fromS) / stepS) }, (_, i) => fromS + stepS * (i + 0.5));
const heart = every(0.8, 80);
const reference = { beatsS: heart, ...agreed(heart, heart, 80) };

test("windows count in which two detectors find nine beats of ten alike, each with the heart's rate", () => {
  expect(reference.windowsTotal).toBe(37);
  expect(reference.windows).toHaveLength(37);
  expect(reference.windows[0]?.[0]).toBe(8);
  expect(reference.windows[0]?.[1]).toBeCloseTo(75, 6);
  // The second one calls each T wave a beat from 40 s on.
  const other = [...heart, ...heart.filter((t) => t > 40).map((t) => t + 0.3)].sort((a, b) => a - b);
  const { windows, windowsTotal } = agreed(heart, other, 80);
  expect([windows.length, windowsTotal]).toEqual([17, 37]);
  expect(rateOf([1, 2])).toBeUndefined();
});

test("a beat is in one pair, with the nearer of two", () => {
  expect(countSame([1, 2, 3], [1.04, 2.2, 2.98], 0.05)).toBe(2);
  expect(countSame([1, 1.1], [1.09], 0.15)).toBe(1);
  expect(countSame([1], [0.9, 1.01], 0.15)).toBe(1);
  expect(countSame([], [1], 0.15)).toBe(0);
});

test("beats of the pulse are matched behind the one lag that fits best", () => {
  const pulse = heart.map((t) => t + 0.3);
  expect(scorePulse(reference, pulse, [])).toMatchObject({ tp: 100, fn: 0, fp: 0 });
  expect(scorePulse(reference, pulse, []).lagS).toBeGreaterThan(0.14);
  const holed = [...pulse.filter((_, i) => i % 10 !== 5), 21.1].sort((a, b) => a - b);
  expect(scorePulse(reference, holed, [])).toMatchObject({ tp: 90, fn: 10, fp: 1 });
  expect(scorePulse(reference, [], [])).toMatchObject({ tp: 0, fn: 100, fp: 0, lagS: null });
});

test("a rate counts for the window that it is of; where there is none the last one is held, and nothing is told", () => {
  const told = reference.windows.map(([timeS], i) => (i % 2 === 0 ? { timeS, bpm: 77, interval: [74, 79] as const } : { timeS }));
  const { windows } = scorePulse(reference, [], told);
  expect(windows.filter(({ errorBpm }) => errorBpm !== undefined)).toHaveLength(19);
  expect(windows[0]?.errorBpm).toBeCloseTo(2, 6);
  expect(windows[0]?.isInside).toBe(true);
  expect(windows[1]).toEqual({ heldErrorBpm: expect.closeTo(2, 6) });
  const outside = scorePulse(reference, [], [{ timeS: 8, bpm: 80, interval: [78, 82] }]).windows;
  expect([outside[0]?.isInside, outside[20]?.errorBpm]).toEqual([false, undefined]);
});

test("the slope's detector finds steep waves and no slow ones, at any height", () => {
  const rateHz = 125;
  for (const height of [0.2, 1, 5]) {
    const at = (i: number) => heart.reduce((sum, t) => sum + Math.exp(-(((i / rateHz - t) / 0.015) ** 2)) + 0.4 * bump(i / rateHz - t), 0);
    const bump = (x: number) => Math.exp(-(((x - 0.3) / 0.06) ** 2));
    const found = bySlope(
      Float32Array.from({ length: 80 * rateHz }, (_, i) => height * at(i)),
      rateHz,
    );
    expect(countSame(heart, found, 0.05)).toBeGreaterThanOrEqual(99);
    expect(found.length).toBeLessThanOrEqual(101);
  }
});
