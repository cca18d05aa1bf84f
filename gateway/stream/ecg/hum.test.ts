/** Mains hum and the judgement of a second: hum alone is no noise, muscle is, and so is hum of an electrode that hardly touches. */

import { expect, test } from "vitest";
import { createHum } from "./hum.ts";
import { createQualityMeter } from "./quality.ts";

const tau = 2 * Math.PI;

/** One beat a second: a QRS of 1 mV, 80 ms wide. */
function second(rateHz: number, add: (timeS: number, i: number) => number): Float32Array {
  return Float32Array.from({ length: Math.round(rateHz) }, (_, i) => {
    const fromR = (i / rateHz - 0.4) / 0.02;
    return Math.exp(-(fromR ** 2)) * (1 - 0.5 * fromR ** 2) + add(i / rateHz, i);
  });
}

function judged(rateHz: number, samples: Float32Array) {
  const meter = createQualityMeter(rateHz, undefined);
  return [...samples].map((mv) => meter.push(mv, 0)).find((found) => found !== undefined);
}

const rates = [100, 120, 125, 128, 130, 200, 250, 257, 360, 500, 1000];
const cases = rates.flatMap((rateHz) => [50, 60].map((hz) => [rateHz, hz] as const)).filter(([rateHz, hz]) => 2 * hz !== rateHz);

test.each(cases)("at %d Hz, 0.15 mV of %d Hz is taken out and leaves a good second", (rateHz, hz) => {
  const clean = second(rateHz, () => 0);
  const hummed = second(rateHz, (t) => 0.15 * Math.sin(tau * hz * t + 1));
  const { without, amplitudeMv } = createHum(rateHz).remove(hummed);
  expect(amplitudeMv).toBeGreaterThan(0.12);
  expect(Math.max(...without.map((mv, i) => Math.abs(mv - (clean[i] ?? 0))))).toBeLessThan(0.06);
  expect(judged(rateHz, hummed)).toMatchObject({ level: "good", noisy: false });
});

test("a mains that runs a little off its frequency is hum all the same", () => {
  for (const hz of [49.8, 50.2, 59.9, 60.1])
    expect(
      judged(
        250,
        second(250, (t) => 0.15 * Math.sin(tau * hz * t)),
      ),
      `${hz}`,
    ).toMatchObject({ noisy: false });
});

test("stronger hum stays noise, and so does muscle with and without hum", () => {
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647 - 0.5;
  };
  expect(
    judged(
      250,
      second(250, (t) => 0.4 * Math.sin(tau * 50 * t)),
    ),
  ).toMatchObject({ level: "poor", noisy: true });
  expect(
    judged(
      250,
      second(250, () => 1.2 * random()),
    ),
  ).toMatchObject({ level: "poor", noisy: true });
  expect(
    judged(
      250,
      second(250, (t) => 1.2 * random() + 0.1 * Math.sin(tau * 50 * t)),
    ),
  ).toMatchObject({ level: "poor", noisy: true });
});

test("samples without a value stay so and spoil nothing", () => {
  const hummed = second(250, (t, i) => (i < 20 ? Number.NaN : 0.15 * Math.sin(tau * 50 * t)));
  const { without } = createHum(250).remove(hummed);
  expect(without.slice(0, 20).every(Number.isNaN)).toBe(true);
  expect(judged(250, hummed)).toMatchObject({ level: "good", noisy: false });
});
