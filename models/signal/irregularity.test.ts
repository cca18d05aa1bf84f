import { expect, test } from "vitest";
import { irregularityOf, isIrregular } from "./irregularity.ts";

const row = (count: number, ms: (i: number) => number) => Array.from({ length: count }, (_, i) => ms(i));
const noise = (i: number) => (((Math.sin(i * 12.9898) * 43758.5453) % 1) + 1) % 1;

test.each([
  ["a steady heart", row(60, () => 800), false],
  ["breathing", row(60, (i) => 850 + 120 * Math.sin(i / 3)), false],
  ["a rate that climbs", row(60, (i) => 900 - 7 * i), false],
  ["every other beat early", row(60, (i) => (i % 2 === 0 ? 600 : 1000)), false],
  ["every third beat early", row(60, (i) => [800, 550, 1050][i % 3] ?? 0), false],
  ["single early beats", row(60, (i) => (i % 9 === 4 ? 480 : i % 9 === 5 ? 1120 : 800 + 10 * noise(i))), false],
  ["no rhythm at all", row(60, (i) => 500 + 600 * noise(i)), true],
] as const)("%s: %#", (_name, intervals, expected) => {
  expect(isIrregular(intervals)).toBe(expected);
});

test("of too few intervals nothing is said, and the measures are shares", () => {
  expect(isIrregular(row(19, () => 800))).toBeUndefined();
  expect(irregularityOf(row(20, () => 800))).toEqual({ gathered: 1, change: 0 });
  expect(irregularityOf(row(20, (i) => (i % 2 === 0 ? 600 : 1200)))).toEqual({ gathered: 0.5, change: 0 });
});
