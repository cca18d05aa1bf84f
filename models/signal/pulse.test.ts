import { describe, expect, test } from "vitest";
import { loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { normalAt, uniformAt } from "../../firmware-sim/signal/noise.ts";
import { createPulseDetector, type Pulse } from "./pulse.ts";

const excerpt = await loadExcerpt("bidmc-23");
const pleth = Array.from(excerpt.channels.find(({ lead }) => lead === "PLETH")?.samples ?? []);
/** Counted by eye and by its ECG: 64 beats in 59.8 s. */
const beats = 64;
const sorted = [...pleth].sort((a, b) => a - b);
const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
const swing = quantile(0.95) - quantile(0.05);
const rates = [25, 30, 64, 100, 125, 250, 500];

const at = (rateHz: number) =>
  Float32Array.from({ length: Math.floor((pleth.length - 1) * (rateHz / 125)) }, (_, i) => {
    const place = (i * 125) / rateHz;
    const from = Math.floor(place);
    return (pleth[from] ?? 0) * (1 - place + from) + (pleth[from + 1] ?? 0) * (place - from);
  });

const pulsesIn = (rateHz: number, samples: Float32Array): readonly Pulse[] => createPulseDetector({ rateHz }).push(samples);
const minutes = (rateHz: number, of: (i: number) => number, count = 10) =>
  pulsesIn(
    rateHz,
    Float32Array.from({ length: count * 60 * rateHz }, (_, i) => of(i)),
  ).length / count;

describe.each(rates)("at %d Hz", (rateHz) => {
  test("the pulses of a real pleth are found, either way up and down to ten steps of height, and none twice", () => {
    for (const steps of [Number.POSITIVE_INFINITY, 30, 10])
      for (const sign of [1, -1]) {
        const samples = at(rateHz).map((value) => (Number.isFinite(steps) ? Math.round((sign * value * steps) / swing) : sign * value));
        const { length } = pulsesIn(rateHz, samples);
        expect(length).toBeGreaterThan(0.85 * beats);
        expect(length).toBeLessThanOrEqual(beats + 1);
      }
  });

  test("a pleth that is clipped at either end still has its pulses", () => {
    for (const clip of [(value: number) => Math.min(value, quantile(0.75)), (value: number) => Math.max(value, quantile(0.2))])
      expect(pulsesIn(rateHz, at(rateHz).map(clip)).length).toBeGreaterThan(0.8 * beats);
  });

  test("noise has hardly any, from one count up", () => {
    for (const count of [1, 3, 100, 10_000]) {
      const white = minutes(rateHz, (i) => Math.round(1.5 * (2 * uniformAt(7, i) - 1)) * count);
      const bell = minutes(rateHz, (i) => Math.round(count * normalAt(8, i)));
      expect(Math.max(white, bell)).toBeLessThan(12);
    }
  });

  test("flicker, a blinking lamp, drift and saturation have none", () => {
    const tone = (hz: number) => (i: number) => Math.round(500 * Math.sin((2 * Math.PI * hz * i) / rateHz));
    for (const hz of [50, 60, 100, 120]) for (const off of [0.8, 1.1, 2.3]) expect(minutes(rateHz, tone(hz + off), 2)).toBeLessThan(1);
    expect(minutes(rateHz, (i) => Math.round(500 * Math.abs(Math.sin((Math.PI * 1.2 * i) / rateHz))), 2)).toBeLessThan(1);
    for (const duty of [0.5, 0.1, 0.9]) expect(minutes(rateHz, (i) => ((i / rateHz) % 1 < duty ? 1000 : 0), 2)).toBeLessThan(1);
    expect(minutes(rateHz, (i) => Math.round((i * 40) / rateHz), 2)).toBe(0);
    expect(minutes(rateHz, (i) => 900 * Math.sin((2 * Math.PI * 0.05 * i) / rateHz), 2)).toBeLessThan(1);
    expect(minutes(rateHz, () => 32_767, 2)).toBe(0);
  });
});

test("a pulse is placed at its stroke and says how high that was", () => {
  const found = createPulseDetector({ rateHz: 125 });
  const ages: number[] = [];
  const heights: number[] = [];
  for (const sample of pleth)
    for (const { ageSamples, amplitude } of found.push(Float32Array.of(sample))) {
      ages.push(ageSamples / 125);
      heights.push(amplitude);
    }
  expect(Math.max(...ages)).toBeLessThan(0.6);
  heights.sort((a, b) => a - b);
  expect((heights[heights.length >> 1] ?? 0) / swing).toBeGreaterThan(0.6);
  expect((heights[heights.length >> 1] ?? 0) / swing).toBeLessThan(1.4);
});

test("an artefact a hundred times as tall hides the pulse for seconds, not for good", () => {
  const samples = at(125);
  for (let i = 1250; i < 1375; i++) samples[i] = 100 * swing;
  expect(pulsesIn(125, samples).length).toBeGreaterThan(0.6 * beats);
});

test("samples that are missing and a restart in between change nothing", () => {
  const samples = at(125);
  for (let i = 3000; i < 3020; i++) samples[i] = Number.NaN;
  const once = pulsesIn(125, samples);
  const first = createPulseDetector({ rateHz: 125 });
  const before = first.push(samples.subarray(0, 3333));
  const second = createPulseDetector({ rateHz: 125, state: structuredClone(first.state()) });
  expect([...before, ...second.push(samples.subarray(3333))].map(({ amplitude }) => amplitude)).toEqual(
    once.map(({ amplitude }) => amplitude),
  );
});

test("a state that knew no shapes is taken up and learns them", () => {
  const old = { count: 500, fast: 1, previousFast: 1, slopePeak: 2, lastPulse: 400 };
  expect(createPulseDetector({ rateHz: 125, state: old }).push(at(125)).length).toBeGreaterThan(0.85 * beats);
});
