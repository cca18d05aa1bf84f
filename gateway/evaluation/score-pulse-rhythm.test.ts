import { expect, test } from "vitest";
import { pulseRhythmFigures, scorePulseRhythm } from "./score-pulse-rhythm.ts";

/** Beats or pulses `intervalMs(i)` apart over so many seconds. */
function row(untilS: number, intervalMs: (i: number) => number, quality = 0.95) {
  const beats: { timeUs: number; rrMs: number; ppMs: number; quality: number }[] = [];
  for (let timeUs = 500_000, i = 0; timeUs < untilS * 1e6; i++) {
    const ms = intervalMs(i);
    timeUs += ms * 1000;
    beats.push({ timeUs, rrMs: ms, ppMs: ms, quality });
  }
  return beats;
}
const steady = () => 800;
const uneven = (i: number) => 550 + 550 * ((((Math.sin(i * 12.9898) * 43758.5453) % 1) + 1) % 1);
const span = { poorUs: [], fromUs: 0, toUs: 120e6 };

test("a minute counts for what the ECG says of it, and agrees where the pulse says the same", () => {
  const same = scorePulseRhythm({ ...span, qrs: row(120, uneven), pulses: row(120, uneven) });
  expect(same).toEqual({ irregular: 7, irregularAgreed: 7, regular: 0, regularAgreed: 0, allAgreed: 7 });
  const missed = scorePulseRhythm({ ...span, qrs: row(120, uneven), pulses: row(120, steady) });
  expect(missed).toMatchObject({ irregular: 7, irregularAgreed: 0, allAgreed: 0 });
  const invented = scorePulseRhythm({ ...span, qrs: row(120, steady), pulses: row(120, uneven) });
  expect(invented).toMatchObject({ regular: 7, regularAgreed: 0 });
  expect(pulseRhythmFigures([same, missed, invented])).toEqual({
    af_agree_pct: 50,
    nonaf_agree_pct: 0,
    af_windows: 14,
    rhythm_windows: 21,
    rhythm_agree_pct: (100 * 7) / 21,
  });
});

test("a pause that only one of them shows, or a rate that only one calls fast, is no agreement on the whole", () => {
  const paused = scorePulseRhythm({ ...span, qrs: row(120, steady), pulses: row(120, (i) => (i === 80 ? 3200 : 800)) });
  expect(paused).toMatchObject({ regular: 7, regularAgreed: 7 });
  expect(paused.allAgreed).toBeLessThan(7);
  expect(scorePulseRhythm({ ...span, qrs: row(120, () => 380), pulses: row(120, () => 760) }).allAgreed).toBe(0);
});

test("minutes in which the ECG was poor, or too few pulses were good, are left out", () => {
  const all = { qrs: row(120, steady), pulses: row(120, steady) };
  expect(scorePulseRhythm({ ...span, ...all, poorUs: [61e6] }).regular).toBe(1);
  expect(scorePulseRhythm({ ...span, qrs: all.qrs, pulses: row(120, steady, 0.7) }).regular).toBe(0);
  expect(pulseRhythmFigures([])).toMatchObject({ af_agree_pct: null, nonaf_agree_pct: null, af_windows: 0 });
});
