/** Noise is measured by the record's own normal beats, bundle branch block among them. */

import { expect, test } from "vitest";
import { annotation } from "../recordings/annotations.ts";
import type { WfdbRecord } from "../recordings/wfdb.ts";
import { addNoise } from "./noise-stress.ts";

const rateHz = 100;
const record = (samples: Int32Array) =>
  ({ header: { rateHz, signals: [{ gain: 200 }] }, signals: [samples], warnings: [] }) as unknown as WfdbRecord;
const seconds = 400;
const clean = Int32Array.from({ length: seconds * rateHz }, (_, i) => (i % rateHz === 50 ? 200 : 0));
const noise = record(Int32Array.from({ length: 60 * rateHz }, (_, i) => (i % 2 === 0 ? 20 : -20)));
const beats = (symbol: string) => Array.from({ length: seconds }, (_, s) => annotation(s * rateHz + 50, symbol));

test.each(["N", "L", "R", "B"])("beats of kind %s set the noise's gain", (symbol) => {
  const [noisy = clean] = addNoise(record(clean), beats(symbol), { noise, snrDb: 0 }).signals;
  expect(noisy.subarray(0, 300 * rateHz)).toEqual(clean.subarray(0, 300 * rateHz));
  // Peak to peak 200: signal power 5,000; noise of that power has an RMS of 70.7.
  const added = Array.from(noisy.subarray(310 * rateHz), (value, i) => value - (clean[310 * rateHz + i] ?? 0));
  const mean = added.reduce((sum, value) => sum + value, 0) / added.length;
  expect(Math.sqrt(added.reduce((sum, value) => sum + (value - mean) ** 2, 0) / added.length)).toBeCloseTo(70.7, 0);
});

test("a record without a normal beat is refused, never scored as if it were noisy", () => {
  expect(() => addNoise(record(clean), beats("V"), { noise, snrDb: 0 })).toThrow(/no normal beat/);
});
