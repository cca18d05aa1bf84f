/** What counts as a jolt grows with the wearer's own beats, and with nothing else. */

import { expect, test } from "vitest";
import { createQualityMeter, type QualityState, type SecondQuality } from "./quality.ts";

const rateHz = 250;
const tau = 2 * Math.PI;
/** One beat a second: a QRS 80 ms wide. */
const beat = (heightMv: number) => (timeS: number) => heightMv * Math.exp(-((((timeS % 1) - 0.4) / 0.02) ** 2));
const sway = (mv: number, hz: number) => (timeS: number) => (mv / 2) * Math.sin(tau * hz * timeS);

function meterOf(saved?: QualityState) {
  const meter = createQualityMeter(rateHz, undefined, saved);
  let at = 0;
  return {
    state: meter.state,
    /** Judgements of so many seconds of a signal. */
    hear(signal: (timeS: number) => number, seconds: number): SecondQuality[] {
      const found: SecondQuality[] = [];
      for (let i = 0; i < seconds * rateHz; i++, at++) {
        const judged = meter.push(signal(at / rateHz), 0);
        if (judged !== undefined) found.push(judged);
      }
      return found;
    },
  };
}
const levels = (judged: readonly SecondQuality[]) => [...new Set(judged.map(({ level }) => level))];

test("beats of 8 mV are a good signal once they are known, also those of half again their height", () => {
  const meter = meterOf();
  expect(levels(meter.hear(beat(8), 8))).toEqual(["poor"]);
  meter.hear(beat(8), 7);
  expect(levels(meter.hear(beat(8), 20))).toEqual(["good"]);
  expect(levels(meter.hear(beat(12), 3))).toEqual(["good"]);
  expect(levels(meter.hear(beat(20), 3))).toEqual(["poor"]);
});

test("a broad rhythm after tall beats stays good for as long as it lasts, over a restart too", () => {
  const before = meterOf();
  before.hear(beat(8), 20);
  const meter = meterOf(JSON.parse(JSON.stringify(before.state())));
  expect(levels(meter.hear(sway(10, 3), 60))).toEqual(["good"]);
});

test("a swaying baseline is never taken for beats: it stays a jolt however long it lasts", () => {
  expect(levels(meterOf().hear(sway(8, 1.3), 120))).toEqual(["poor"]);
});

test("jolts of changing height between small beats change nothing", () => {
  const meter = meterOf();
  const jolts = (timeS: number) => beat(1)(timeS) + (Math.floor(timeS) % 3 === 0 ? sway(9, 1)(timeS) : 0);
  meter.hear(jolts, 120);
  expect(levels(meter.hear(sway(9, 1), 5))).toEqual(["poor"]);
});
