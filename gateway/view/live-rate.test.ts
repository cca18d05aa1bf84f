import { expect, test } from "vitest";
import { createLiveRate } from "./live-rate.ts";

const secondUs = 1_000_000;

test("the rate is the mean of the newest 8 s of intervals and carries the newest beat's time", () => {
  const rate = createLiveRate();
  for (let beat = 1; beat <= 20; beat++) rate.beat(beat * secondUs, 1000);
  expect(rate.now()).toEqual({ heartRateBpm: 60, heartRateAtUs: 20 * secondUs });
  for (let beat = 1; beat <= 24; beat++) rate.beat(20 * secondUs + (beat * secondUs) / 3, 1000 / 3);
  expect(rate.now()).toEqual({ heartRateBpm: 180, heartRateAtUs: 28 * secondUs });
});

test("there is no rate from fewer than three intervals, nor from those before a poor stretch or a hole", () => {
  const rate = createLiveRate();
  rate.beat(secondUs, undefined);
  rate.beat(2 * secondUs, 1000);
  rate.beat(3 * secondUs, 1000);
  expect(rate.now()).toBeUndefined();
  rate.beat(4 * secondUs, 1000);
  expect(rate.now()?.heartRateBpm).toBe(60);
  rate.forget();
  expect(rate.now()).toBeUndefined();
  for (let beat = 5; beat <= 8; beat++) rate.beat(beat * secondUs, 500);
  expect(rate.now()?.heartRateBpm).toBe(120);
  rate.beat(20 * secondUs, undefined);
  expect(rate.now()).toBeUndefined();
});
