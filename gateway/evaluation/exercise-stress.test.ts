import { expect, test } from "vitest";
import { annotation } from "../recordings/annotations.ts";
import type { WfdbRecord } from "../recordings/wfdb.ts";
import { atExercise, paceAt } from "./exercise-stress.ts";

const rateHz = 100;
const seconds = 900;
/** A QRS of 200 counts at half past each second, and a T wave of 50 that ends 0.3 s behind it. */
const resting = Int32Array.from({ length: seconds * rateHz }, (_, i) => ({ 50: 200, 78: 50 })[i % rateHz] ?? 0);
const record = { header: { rateHz, signals: [{ gain: 200 }] }, signals: [resting], warnings: [] } as unknown as WfdbRecord;
const reference = Array.from({ length: seconds }, (_, s) => annotation(s * rateHz + 50, "N"));

test("the minutes in which a wearer is learnt stay as they were, then the heart beats faster and its annotations go with it", () => {
  const { record: faster, reference: moved } = atExercise(record, reference, 1.5);
  const [samples = resting] = faster.signals;
  expect(samples.subarray(0, 330 * rateHz)).toEqual(resting.subarray(0, 330 * rateHz));
  expect(faster.header.frameCount).toBe(samples.length);
  for (const { sample } of moved) expect(samples[sample]).toBe(200);
  const between = moved.map(({ sample }, i) => sample - (moved[i - 1]?.sample ?? sample - rateHz));
  const top = between.filter((_, i) => ((moved[i]?.sample ?? 0) / rateHz - 460) ** 2 < 5 ** 2);
  expect(top.every((rr) => Math.abs(rr - rateHz / 1.5) <= 1)).toBe(true);
  // QT by the cube root: 0.28 s become 0.26.
  const at = moved.find(({ sample }) => sample > 460 * rateHz)?.sample ?? 0;
  const t = samples.subarray(at + 10, at + 60);
  expect(t.indexOf(Math.max(...t)) + 10).toBeGreaterThan(23);
  expect(t.indexOf(Math.max(...t)) + 10).toBeLessThan(28);
});

test("a heart beats no faster than its own P, QRS and T leave room for, and an early beat stays as it came", () => {
  const { reference: moved } = atExercise(record, reference, 3);
  const least = Math.min(...moved.slice(1).map(({ sample }, i) => sample - (moved[i]?.sample ?? 0)));
  expect(least).toBeGreaterThan(0.4 * rateHz);
  const early = [...reference, annotation(455 * rateHz + 90, "V")].sort((a, b) => a.sample - b.sample);
  const after = atExercise(record, early, 1.5).reference;
  const at = after.findIndex(({ symbol }) => symbol === "V");
  expect((after[at]?.sample ?? 0) - (after[at - 1]?.sample ?? 0)).toBe(40);
});

test("the pace rises and falls within each turn", () => {
  expect([0, 329, 330, 390, 450, 629, 720, 810, 929, 930].map((s) => Math.round(10 * paceAt(s, 2)))).toEqual([
    10, 10, 10, 15, 20, 20, 15, 10, 10, 10,
  ]);
});
