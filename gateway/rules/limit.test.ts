import { expect, test } from "vitest";
import { type LimitState, limitOf, stepLimit } from "./limit.ts";

const options = { side: "high", limit: 150, delayS: 60, endS: 10, hysteresis: 5 } as const;

/** [second, value] pairs through one limit; what it said, in words. */
function said(values: readonly (readonly [number, number | undefined])[], more: Partial<Parameters<typeof stepLimit>[1]> = {}) {
  const state: LimitState = { crossedUs: undefined, active: undefined };
  return values.flatMap(([atS, value]) => {
    const step = stepLimit(state, { ...options, ...more }, atS * 1e6, value);
    if (step === undefined) return [];
    if (step.kind === "begin") return [`${atS}: begin from ${step.onsetUs / 1e6} = ${step.value}`];
    return [step.kind === "end" ? `${atS}: end at ${step.endUs / 1e6}` : `${atS}: ${step.value}`];
  });
}

test("beyond the limit for its delay begins, at the limit does not", () => {
  expect(
    said([
      [0, 151],
      [59, 152],
      [60, 153],
    ]),
  ).toEqual(["60: begin from 0 = 153"]);
  expect(
    said([
      [0, 150],
      [100, 150],
    ]),
  ).toEqual([]);
  expect(
    said(
      [
        [0, 39],
        [60, 38],
      ],
      { side: "low", limit: 40 },
    ),
  ).toEqual(["60: begin from 0 = 38"]);
});

test("back within the limit, or no value, begins the delay anew", () => {
  expect(
    said([
      [0, 151],
      [30, 150],
      [31, 151],
      [90, 151],
      [91, 151],
    ]),
  ).toEqual(["91: begin from 31 = 151"]);
  expect(
    said([
      [0, 151],
      [30, undefined],
      [31, 151],
      [90, 151],
      [91, 151],
    ]),
  ).toEqual(["91: begin from 31 = 151"]);
});

const begun = [
  [0, 160],
  [60, 160],
] as const;

test("only a step of the hysteresis beyond the worst so far is worse", () => {
  expect(said([...begun, [61, 164.9], [62, 165], [63, 169], [64, 160], [65, 170]])).toEqual([
    "60: begin from 0 = 160",
    "62: 165",
    "65: 170",
  ]);
  expect(
    said(
      [
        [0, 35],
        [60, 35],
        [61, 30.1],
        [62, 30],
        [63, 34],
        [64, 25],
      ],
      { side: "low", limit: 40 },
    ).slice(1),
  ).toEqual(["62: 30", "64: 25"]);
});

test("it ends after its time behind the hysteresis without a break; a moment beyond, or no value, begins that anew", () => {
  expect(said([...begun, [70, 145], [79, 140], [80, 145]]).slice(1)).toEqual(["80: end at 70"]);
  expect(said([...begun, [70, 145], [75, 145.1], [76, 145], [85, 145], [86, 145]]).slice(1)).toEqual(["86: end at 76"]);
  expect(said([...begun, [70, 145], [75, undefined], [76, 145], [85, 145], [86, 145]]).slice(1)).toEqual(["86: end at 76"]);
  expect(said([...begun, [70, 145.1], [100, 149]]).slice(1)).toEqual([]);
});

test("after its end it begins with a whole delay", () => {
  expect(said([...begun, [70, 140], [80, 140], [81, 160], [140, 160], [141, 160]]).slice(1)).toEqual([
    "80: end at 70",
    "141: begin from 81 = 160",
  ]);
});

test("each rule of a stream has a state of its own, made once", () => {
  const limits: [string, LimitState][] = [];
  const high = limitOf(limits, "hr.high");
  expect(limitOf(limits, "hr.low")).not.toBe(high);
  expect([limitOf(limits, "hr.high"), limits.length]).toEqual([high, 2]);
  expect(limitOf(limits, "hr.high")).toBe(high);
});
