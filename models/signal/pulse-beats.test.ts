import { describe, expect, test } from "vitest";
import { loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { normalAt } from "../../firmware-sim/signal/noise.ts";
import { createPulseBeats, knownWithinS, type PulseBeat } from "./pulse-beats.ts";
import { createQrsDetector } from "./qrs.ts";

const excerpt = await loadExcerpt("bidmc-23");
const samplesOf = (name: string) => {
  const channel = excerpt.channels.find(({ lead }) => lead === name);
  return Float32Array.from(channel?.samples ?? [], (count) => count * (channel?.scale ?? 1));
};
const pleth = samplesOf("PLETH");
const rPeaksS = createQrsDetector({ rateHz: 125 })
  .push(samplesOf("II"))
  .map(({ index }) => index / 125);

const at = (rateHz: number) =>
  Float32Array.from({ length: Math.floor((pleth.length - 1) * (rateHz / 125)) }, (_, i) => {
    const place = (i * 125) / rateHz;
    const from = Math.floor(place);
    return (pleth[from] ?? 0) * (1 - place + from) + (pleth[from + 1] ?? 0) * (place - from);
  });
const beatsIn = (rateHz: number, samples: Float32Array): PulseBeat[] => createPulseBeats({ rateHz }).push(samples);

/** A stroke of 0.25 s at each of the times, and a slower return. */
function strokesAt(timesS: readonly number[], rateHz: number, seconds: number, more: (timeS: number, i: number) => number = () => 0) {
  return Float32Array.from({ length: seconds * rateHz }, (_, i) => {
    const t = i / rateHz;
    return timesS.reduce((sum, beat) => sum + wave(t - beat), 0) + more(t, i);
  });
}
const wave = (x: number) => (Math.abs(x) > 1 ? 0 : Math.exp(-((x / (x < 0 ? 0.08 : 0.2)) ** 2)));
const everyS = (stepS: number, toS: number) => Array.from({ length: Math.floor(toS / stepS) }, (_, i) => (i + 1) * stepS);

describe.each([20, 25, 30, 64, 100, 125, 250, 500])("at %d Hz", (rateHz) => {
  test("each R peak of a real heart has its pulse, and no pulse is without one, either way up", () => {
    for (const sign of [1, -1]) {
      const found = beatsIn(
        rateHz,
        at(rateHz).map((value) => sign * value),
      );
      const lagsS = found.map(({ at: sample }) => {
        const timeS = sample / rateHz;
        const before = rPeaksS.filter((r) => r < timeS).at(-1);
        return before === undefined ? Number.NaN : timeS - before;
      });
      const usualS = [...lagsS].sort((a, b) => a - b)[lagsS.length >> 1] ?? 0;
      const fitting = lagsS.filter((lag) => Math.abs(lag - usualS) < 0.15).length;
      expect(fitting).toBeGreaterThanOrEqual(found.length - 2);
      expect(fitting).toBeGreaterThanOrEqual(rPeaksS.length - 5);
    }
  });

  test("a stroke is placed to a hundredth of a second and measured from the one before", () => {
    const found = beatsIn(rateHz, strokesAt(everyS(0.83, 38), rateHz, 40));
    expect(found.length).toBeGreaterThan(40);
    for (const { intervalS } of found.slice(1)) expect(Math.abs((intervalS ?? 0) - 0.83)).toBeLessThan(0.01);
    expect(found.slice(3).every(({ likeness }) => likeness > 0.95)).toBe(true);
  });

  test("pulses of 32 and of 200 a minute are found, each once", () => {
    for (const bpm of [32, 60, 120, 200]) {
      const beats = everyS(60 / bpm, 58);
      const { length } = beatsIn(rateHz, strokesAt(beats, rateHz, 60));
      expect(Math.abs(length - beats.length)).toBeLessThanOrEqual(3);
    }
  });
});

test("a beat is told in time, one after another, whatever the heart does", () => {
  const detector = createPulseBeats({ rateHz: 64 });
  const timesS = [...everyS(0.8, 20), ...everyS(1.7, 20).map((t) => 20 + t), ...everyS(0.4, 20).map((t) => 40 + t)];
  const samples = strokesAt(timesS, 64, 62, (_t, i) => 0.02 * normalAt(3, i));
  let last = 0;
  let found = 0;
  for (let i = 0; i < samples.length; i++)
    for (const { at: sample } of detector.push(samples.subarray(i, i + 1))) {
      expect(i - sample).toBeLessThan((knownWithinS + 0.1) * 64);
      expect(sample).toBeGreaterThan(last);
      last = sample;
      found++;
    }
  expect(found).toBeGreaterThan(0.9 * timesS.length);
});

test("breathing and a drift three times as high as the pulse hide no beat", () => {
  const beats = everyS(0.75, 58);
  const found = beatsIn(
    64,
    strokesAt(beats, 64, 60, (t) => 3 * Math.sin(2 * Math.PI * 0.25 * t) + 0.05 * t),
  );
  expect(Math.abs(found.length - beats.length)).toBeLessThanOrEqual(3);
});

test("no interval is measured across a hole, a short one is bridged, and an even line has no beats", () => {
  const samples = strokesAt(everyS(0.75, 38), 64, 40);
  const holed = samples.map((value, i) => ((i > 15 * 64 && i < 17 * 64) || (i > 30 * 64 && i < 30.1 * 64) ? Number.NaN : value));
  const found = beatsIn(64, holed);
  const behind = found.filter(({ at: sample }) => sample > 17 * 64);
  expect(behind[0]?.intervalS).toBeUndefined();
  expect(behind.slice(1).every(({ intervalS }) => intervalS !== undefined && Math.abs(intervalS - 0.75) < 0.03)).toBe(true);
  expect(beatsIn(64, new Float32Array(64 * 20).fill(7))).toEqual([]);
});

test("noise is unlike itself", () => {
  const found = beatsIn(
    64,
    Float32Array.from({ length: 64 * 60 }, (_, i) => normalAt(5, i)),
  );
  const likeness = found.reduce((sum, each) => sum + each.likeness, 0) / found.length;
  expect(likeness).toBeLessThan(0.75);
});

test("goes on exactly from its state at any sample", () => {
  const samples = at(64).slice(0, 64 * 30);
  const expected = beatsIn(64, samples);
  for (const cut of [1, 700, 701, 1500]) {
    const first = createPulseBeats({ rateHz: 64 });
    const found = first.push(samples.subarray(0, cut));
    found.push(...createPulseBeats({ rateHz: 64, state: structuredClone(first.state()) }).push(samples.subarray(cut)));
    expect(found).toEqual(expected);
  }
});
