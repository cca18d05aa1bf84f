/** What one second of an ECG is worth, by each of the things that may be wrong with it. */

import { describe, expect, test } from "vitest";
import { Flag } from "../../../device-drivers/contract/sample-block.ts";
import { createQualityMeter, type QualityMeter, type SecondQuality } from "./quality.ts";

const rateHz = 100;
/** A narrow spike on a level line, as of one beat. */
const beat = (i: number, heightMv = 1) => (i % rateHz === 50 ? heightMv : i % rateHz === 49 || i % rateHz === 51 ? heightMv / 2 : 0);

/** The judgement of the newest of `seconds`; each sample's value and flags by its index. */
function judge(
  meter: QualityMeter,
  { seconds = 1, value = beat, flags = () => 0 }: { seconds?: number; value?: (i: number) => number; flags?: (i: number) => number } = {},
): SecondQuality {
  let last: SecondQuality | undefined;
  for (let i = 0; i < seconds * rateHz; i++) last = meter.push(value(i), flags(i)) ?? last;
  if (last === undefined) throw new Error("no second was full");
  return last;
}
const open = (range?: readonly [number, number]) => createQualityMeter(rateHz, range);
const firstOf = (count: number, bits: number) => (i: number) => (i < count ? bits : 0);
const without = (count: number) => (i: number) => (i < count ? Number.NaN : beat(i));

describe("a second of an ECG", () => {
  test("is judged once, when its last sample is there", () => {
    const meter = open();
    const judged = Array.from({ length: 2 * rateHz }, (_, i) => meter.push(beat(i), 0)).flatMap((each, i) =>
      each === undefined ? [] : [i],
    );
    expect(judged).toEqual([99, 199]);
  });

  test.each([
    [0, "good"],
    [10, "good"],
    [11, "poor"],
    [25, "poor"],
    [50, "poor"],
    [51, "bad"],
    [100, "bad"],
  ] as const)("with %i of 100 samples missing is %s", (count, level) => {
    expect(judge(open(), { value: without(count) })).toMatchObject({ level });
  });

  test.each([
    [0, "good"],
    [1, "poor"],
    [50, "poor"],
    [51, "bad"],
  ] as const)("with %i of 100 samples off the skin is %s", (count, level) => {
    expect(judge(open(), { flags: firstOf(count, Flag.leadOff) })).toMatchObject({ level, leadOffShare: count / 100 });
    expect(judge(open(), { flags: firstOf(count, Flag.notWorn) })).toMatchObject({ level, leadOffShare: count / 100 });
  });

  test.each([
    [10, "good", false],
    [11, "poor", true],
    [50, "poor", true],
    [51, "bad", true],
  ] as const)("with %i of 100 samples at the rail is %s", (count, level, saturated) => {
    expect(judge(open(), { flags: firstOf(count, Flag.saturated) })).toMatchObject({ level, saturated });
    const atRail = (rail: number) => (i: number) => (i < count ? rail : 0);
    expect(judge(open([-1, 1]), { value: atRail(1) })).toMatchObject({ saturated });
    expect(judge(open([-1, 1]), { value: atRail(-1) })).toMatchObject({ saturated });
  });

  test("is flat below a twentieth of a millivolt, but not where most of it is missing", () => {
    expect(judge(open(), { value: (i) => (i === 3 ? 0.04 : 0) })).toMatchObject({ flat: true, level: "good" });
    expect(judge(open(), { value: (i) => (i === 3 ? 0.06 : 0) })).toMatchObject({ flat: false });
    expect(judge(open(), { value: (i) => (i < 50 ? Number.NaN : 0) })).toMatchObject({ flat: false });
    expect(judge(open(), { value: (i) => (i < 49 ? Number.NaN : 0) })).toMatchObject({ flat: true });
  });

  test("is noisy where it is rough all through, and not for its beats", () => {
    expect(judge(open(), { value: (i) => beat(i, 2) })).toMatchObject({ noisy: false, level: "good" });
    expect(judge(open(), { value: (i) => Math.sin(i * i * 12.9898) })).toMatchObject({ noisy: true, level: "poor" });
  });

  test("is poor after a step of its level, and looks like a removal after a large one", () => {
    const steps = (byMv: number) => judge(open(), { seconds: 2, value: (i) => (i < rateHz ? 0 : byMv) + beat(i) });
    expect(steps(1.4)).toMatchObject({ level: "good", removal: false });
    expect(steps(1.6)).toMatchObject({ level: "poor", removal: false });
    expect(steps(2.6)).toMatchObject({ level: "poor", removal: true });
    expect(steps(-2.6)).toMatchObject({ level: "poor", removal: true });
    // The level before is of the newest second only, and a second without samples has none.
    expect(judge(open(), { seconds: 3, value: (i) => (i < rateHz ? 0 : 2.6) + beat(i) })).toMatchObject({ level: "good", removal: false });
    expect(judge(open(), { seconds: 3, value: (i) => [0, Number.NaN, 2.6][Math.floor(i / rateHz)] ?? 0 })).toMatchObject({
      removal: false,
    });
  });

  test("is poor where it swings by more than 5 mV, and looks like a removal beyond 10", () => {
    const swings = (mv: number) => judge(open(), { value: (i) => (i % rateHz < 50 ? 0 : mv) });
    expect(swings(4.9)).toMatchObject({ level: "good" });
    expect(swings(5.1)).toMatchObject({ level: "poor", removal: false });
    expect(swings(10.1)).toMatchObject({ level: "poor", removal: true });
  });

  test("goes on from a state in its middle, and knows the level before and the height of the beats", () => {
    const signal = (i: number) => beat(i, 4) + (i < 12 * rateHz ? 0 : 2) + (i % 7 === 0 ? Number.NaN : 0);
    const flags = (i: number) => (i % 40 === 0 ? Flag.leadOff : 0);
    const whole = open();
    const expected = Array.from({ length: 14 * rateHz }, (_, i) => whole.push(signal(i), flags(i)));
    for (const cut of [150, 11 * rateHz + 30, 12 * rateHz]) {
      const first = open();
      const before = Array.from({ length: cut }, (_, i) => first.push(signal(i), flags(i)));
      const second = createQualityMeter(rateHz, undefined, structuredClone(first.state()));
      const after = Array.from({ length: 14 * rateHz - cut }, (_, i) => second.push(signal(cut + i), flags(cut + i)));
      expect([...before, ...after]).toEqual(expected);
    }
  });
});
