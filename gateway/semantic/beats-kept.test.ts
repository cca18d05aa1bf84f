import { expect, test } from "vitest";
import { type Followed, followBeats } from "./beats-kept.ts";

const rateHz = 250;
const startUs = 1_700_000_040_000_000;
const every = 200;
const peakOf = (beat: number) => 90 + beat * every;
const heart = (i: number) =>
  Math.round(1024 + 200 * Math.exp(-((((i % every) - 90) / 4) ** 2)) + 40 * Math.exp(-((((i % every) - 150) / 18) ** 2)));
const toMv = (count: number) => (count - 1024) * 0.005;
const timeOf = (place: number) => startUs + Math.round((place * 1e6) / rateHz);
const length = 20 * rateHz;
const window = (n: number, change: (value: number, place: number) => number = (value) => value) =>
  Int32Array.from({ length }, (_, i) => change(heart(n * length + i), n * length + i));
const peaksUs = Array.from({ length: 300 }, (_, beat) => timeOf(peakOf(beat)));
const see = (n: number, samples: Int32Array, before?: Followed) =>
  followBeats(before, { startUs: timeOf(n * length), rateHz, toMv, peaksUs }, samples);

test("the beats of a signal are found in itself, window after window as without a cut", () => {
  let before: Followed | undefined;
  for (let n = 0; n < 5; n++) {
    const { otherUs, after } = see(n, window(n), before);
    expect(otherUs).toEqual([]);
    before = structuredClone(after);
  }
});

test("a beat that is smoothed away is told, and one where there was none", () => {
  const { after } = see(0, window(0));
  const lost = peakOf(35);
  const smoothed = window(1, (value, i) => (Math.abs(i - lost) < 30 ? 1024 : value));
  expect(see(1, smoothed, after).otherUs).toEqual([timeOf(lost)]);
  const added = peakOf(37) + 95;
  const spiked = window(1, (_, i) => heart(i) + Math.round(220 * Math.exp(-(((i - added) / 4) ** 2))));
  const [told = 0] = see(1, spiked, after).otherUs;
  expect(Math.abs(told - timeOf(added))).toBeLessThan(30_000);
});

test("the newest beats are judged with the next window, as its samples may still make some of them", () => {
  const last = peakOf(48);
  expect(last).toBeGreaterThan(2 * length - 400);
  const { after } = see(0, window(0));
  const smoothed = see(
    1,
    window(1, (value, i) => (Math.abs(i - last) < 30 ? 1024 : value)),
    after,
  );
  expect(smoothed.otherUs).toEqual([]);
  expect(see(2, window(2), smoothed.after).otherUs).toEqual([timeOf(last)]);
});

test("behind a hole a detector begins anew and is not listened to until it knows the heart", () => {
  const { after } = see(0, window(0));
  const early = peakOf(52);
  const smoothed = window(2, (value, i) => (Math.abs(i - early) < 30 ? 1024 : value));
  expect(see(2, smoothed, after).otherUs).toEqual([]);
});
