import { expect, test } from "vitest";
import type { Curves } from "../../models/personal-spec.ts";
import { differenceLikenessOf, isRough, isUsualElsewhere, likenessOf } from "./unlike-curves.ts";

const points = 100;
const curves: Curves = { residualAt: 0, shownAt: 0, points, fromS: -1 / 3, toS: 0.5 };
/** A hump of a height and a width about a sample. */
const hump = (at: number, height: number, width: number) => (i: number) => height * Math.exp(-(((i - at) / width) ** 2));
const drawn = (...parts: ((i: number) => number)[]) =>
  Float32Array.from({ length: points }, (_, i) => parts.reduce((sum, part) => sum + part(i), 0));
/** The same numbers on every run. */
const noise = (size: number, seed: number) => (i: number) => size * Math.sin((i + 1) ** 2 * 12.9898 + seed * 78.233);

const beat = [hump(22, 0.15, 4), hump(40, 1, 2.5), hump(45, -0.4, 2), hump(72, 0.3, 7)];
const usual = [...drawn(...beat)];
const wide = [hump(43, 1.3, 8), hump(70, -0.6, 8)];
const shifted = (by: number) => drawn(...beat.map((part) => (i: number) => part(i - by)));

test("muscle noise over the whole of a window is rough, a beat however steep or wide is not", () => {
  expect(isRough(drawn(...beat), usual, curves)).toBe(false);
  expect(isRough(drawn(...wide), usual, curves)).toBe(false);
  expect(isRough(drawn(hump(40, 4, 1.2)), usual, curves)).toBe(false);
  expect(isRough(drawn(...beat, noise(0.01, 1)), usual, curves)).toBe(false);
  expect(isRough(drawn(...beat, noise(0.1, 1)), usual, curves)).toBe(true);
});

test("the usual curve is the usual one at half the gain, at another level and marked on another of its waves, up to 80 ms away", () => {
  expect(isUsualElsewhere(drawn(...beat), usual, curves)).toBe(true);
  expect(
    isUsualElsewhere(
      drawn(...beat).map((value) => 0.5 * value + 3),
      usual,
      curves,
    ),
  ).toBe(true);
  for (const by of [-10, 6, 10]) expect(isUsualElsewhere(shifted(by), usual, curves)).toBe(true);
  expect(isUsualElsewhere(shifted(16), usual, curves)).toBe(false);
  expect(isUsualElsewhere(drawn(...wide), usual, curves)).toBe(false);
  expect(
    isUsualElsewhere(
      drawn(...beat).map((value) => -value),
      usual,
      curves,
    ),
  ).toBe(false);
  expect(isUsualElsewhere(new Float32Array(points), usual, curves)).toBe(false);
});

test("beats from one place are alike and differ alike from the usual curve; a beat that is missed under noise differs alike and is not", () => {
  const other = drawn(...wide.map((part) => (i: number) => 0.8 * part(i - 1)));
  const differ = (a: Float32Array, b: Float32Array) => differenceLikenessOf(a, b, usual, curves);
  expect(likenessOf(drawn(...wide), other, curves)).toBeGreaterThan(0.9);
  expect(differ(drawn(...wide), other)).toBeGreaterThan(0.8);
  expect(differ(drawn(...wide), drawn(hump(38, -1.4, 7)))).toBeLessThan(0.7);
  expect(differ(drawn(...beat, noise(0.3, 1)), drawn(...beat, noise(0.3, 2)))).toBeLessThan(0.7);
  const [here, there] = [drawn(hump(10, 0.25, 9)), drawn(hump(80, 0.25, 9))];
  expect(differ(here, there)).toBeGreaterThan(0.6);
  expect(likenessOf(here, there, curves)).toBeLessThan(0.5);
});
