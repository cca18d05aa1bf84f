import { expect, test } from "vitest";
import { createDownSampler, halfLength } from "./down-sample.ts";

const tone = (hz: number, rateHz: number, seconds: number) =>
  Array.from({ length: rateHz * seconds }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rateHz));
const largest = (values: readonly (number | null)[]) => Math.max(...values.map((value) => Math.abs(value ?? 0)));

test.each([
  [250, 50],
  [250, 60],
  [128, 100],
  [1000, 1],
])("from %d to %d Hz a tone that fits comes out as it went in, at its time, and one that would fold is gone", (rateHz, toHz) => {
  const seconds = Math.ceil(60 / toHz) + 20;
  const slowHz = 0.3 * toHz;
  const { startMs, values } = createDownSampler(rateHz, toHz).push({ startMs: 5000, values: tone(slowHz, rateHz, seconds) });
  const wanted = values.map((_, i) => Math.sin(2 * Math.PI * slowHz * ((startMs - 5000) / 1000 + i / toHz)));
  expect(values.length).toBeGreaterThan((seconds - 2) * toHz - 2 * halfLength - 2);
  expect(Math.max(...values.map((value, i) => Math.abs((value ?? 9) - (wanted[i] ?? 0))))).toBeLessThan(0.002);
  for (const share of [0.52, 0.7, 0.97]) {
    if (share * toHz >= rateHz / 2) continue;
    const folded = createDownSampler(rateHz, toHz).push({ startMs: 0, values: tone(share * toHz, rateHz, seconds) });
    expect(folded.values.length).toBeGreaterThan(20);
    expect(largest(folded.values)).toBeLessThan(0.0015);
  }
});

test("leaving samples out would have shown the fast tone as a slow one", () => {
  const left = tone(48, 250, 4).filter((_, i) => i % 5 === 0);
  expect(largest(left)).toBeGreaterThan(0.9);
  expect(largest(createDownSampler(250, 50).push({ startMs: 0, values: tone(48, 250, 4) }).values)).toBeLessThan(0.0015);
});

test("a constant stays what it is, and what comes in pieces comes out the same", () => {
  const constant = createDownSampler(130, 37).push({ startMs: 0, values: new Array(1300).fill(7.25) });
  for (const value of constant.values) expect(value).toBeCloseTo(7.25, 9);
  const signal = tone(3, 130, 10);
  const whole = createDownSampler(130, 37).push({ startMs: 0, values: signal });
  const pieces = createDownSampler(130, 37);
  const got: (number | null)[] = [];
  let first: number | undefined;
  for (let at = 0, size = 1; at < signal.length; at += size, size = (size * 7) % 61) {
    const out = pieces.push({ startMs: (at * 1000) / 130, values: signal.slice(at, at + size) });
    if (out.values.length > 0) first ??= out.startMs;
    got.push(...out.values);
  }
  expect(first).toBeCloseTo(whole.startMs, 6);
  expect(got).toEqual(whole.values);
});

test("a missing sample is missing in all that would have been made of it, and nowhere else", () => {
  const values: (number | null)[] = tone(2, 250, 10);
  values[1250] = null;
  const out = createDownSampler(250, 50).push({ startMs: 0, values });
  const times = out.values.flatMap((value, i) => (value === null ? [out.startMs + i * 20] : []));
  expect(times.length).toBeGreaterThan(20);
  expect(Math.min(...times)).toBeGreaterThanOrEqual(5000 - halfLength * 20);
  expect(Math.max(...times)).toBeLessThanOrEqual(5000 + halfLength * 20);
});

test("a rate that is not lower is refused, and one that is absurdly low", () => {
  for (const toHz of [250, 500, 0, -1, Number.NaN, 0.01]) expect(() => createDownSampler(250, toHz)).toThrow(RangeError);
});
