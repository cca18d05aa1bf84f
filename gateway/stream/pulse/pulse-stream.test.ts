import { expect, test } from "vitest";
import { Flag, type StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { normalAt } from "../../../firmware-sim/signal/noise.ts";
import { ppgPulse } from "../../../models/ppg-pulse/spec.ts";
import { pulseRateOf } from "../../facts/pulse.ts";
import { openStage } from "../index.ts";
import type { Placed, PlacedBlock } from "../reorder.ts";
import type { StreamItem } from "../stream-item.ts";

const rateHz = 64;
const descriptor: StreamDescriptor = {
  ...{ device: "clip", stream: "ppg", rateHz, sentinels: [], contact: "none" },
  channels: [{ id: "ir", kind: "ppg", unit: "1", scale: 0.001, offset: 0 }],
};
const wave = (x: number) => Math.exp(-((x / (x < 0 ? 0.08 : 0.2)) ** 2));
/** A pulse of 75 a minute. */
const pulseAt = (i: number) => Math.round(1000 * [-1, 0, 1].reduce((sum, k) => sum + wave(((i / rateHz) % 0.8) - 0.4 + 0.8 * k), 0));
const block = (fromS: number, toS: number, of = pulseAt, flags?: number): PlacedBlock => {
  const count = (toS - fromS) * rateHz;
  const values = Int16Array.from({ length: count }, (_, i) => of(fromS * rateHz + i));
  return {
    ...{ kind: "samples", bootId: "b", firstIndex: fromS * rateHz, count, startUs: fromS * 1e6, arrivalUs: toS * 1e6, channels: [values] },
    ...(flags === undefined ? {} : { flags: new Uint8Array(count).fill(flags) }),
  };
};
const gap = (fromS: number, toS: number): Placed => ({
  ...{ kind: "gap", bootId: "b", firstIndex: fromS * rateHz, count: (toS - fromS) * rateHz, startUs: fromS * 1e6 },
});
const ratesByModel = { spec: { ...ppgPulse, trigger: { kind: "beat" } }, isFollowed: false, tensors: () => ({}) } as never;
const ratesOf = (items: readonly StreamItem[]) => items.flatMap((item) => (item.kind === "pulse-rate" ? [item] : []));
const beatsOf = (items: readonly StreamItem[]) => items.flatMap((item) => (item.kind === "pulse" ? [item] : []));
const run = (...placed: readonly Placed[]) => {
  const stage = openStage(descriptor, []);
  return placed.flatMap((each) => stage.push(each));
};

test("a pleth gives its beats at their time and every two seconds their rate over the last eight", () => {
  const items = run(block(0, 30));
  const beats = beatsOf(items);
  expect(beats.length).toBeGreaterThan(30);
  for (const { ppMs } of beats.slice(1)) expect(Math.abs((ppMs ?? 0) - 800)).toBeLessThan(15);
  // The middle of a stroke lies 65 ms before its peak here.
  for (const { timeUs } of beats) expect(Math.abs(((timeUs / 1e6) % 0.8) - 0.335)).toBeLessThan(0.03);
  const rates = ratesOf(items);
  expect(rates.map(({ timeUs }) => timeUs / 1e6)).toEqual([8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28]);
  for (const { bpm, interval, fromUs, timeUs, knownUs } of rates.slice(1)) {
    expect(bpm).toBeCloseTo(75, 0);
    expect(interval?.[0]).toBeLessThan(75);
    expect(interval?.[1]).toBeGreaterThan(75);
    expect([timeUs - fromUs, knownUs - timeUs]).toEqual([8e6, 1e6]);
  }
});

test("without samples, and without a pulse in them, there is no rate and never a guess", () => {
  const withoutAt = (items: readonly StreamItem[], s: number) => ratesOf(items).find(({ timeUs }) => timeUs === s * 1e6);
  expect(withoutAt(run(block(0, 30, pulseAt, Flag.notWorn)), 20)).toMatchObject({ without: "no-signal" });
  expect(withoutAt(run(block(0, 30, () => 1000)), 20)).toMatchObject({ without: "no-pulse" });
  const noise = ratesOf(run(block(0, 120, (i) => Math.round(1000 * normalAt(4, i)))));
  const told = noise.filter(({ bpm }) => bpm !== undefined);
  expect(noise.length).toBeGreaterThan(50);
  expect(told.length).toBeLessThan(0.2 * noise.length);
});

test("behind a hole the rate is told again when its seconds hold enough pulses, and no interval spans the hole", () => {
  const items = run(block(0, 20), gap(20, 40), block(40, 70));
  const behind = ratesOf(items).filter(({ timeUs }) => timeUs > 41e6);
  const [first] = behind.filter(({ bpm }) => bpm !== undefined);
  expect(first?.timeUs).toBeGreaterThanOrEqual(46e6);
  expect(first?.bpm).toBeCloseTo(75, 0);
  expect(beatsOf(items).find(({ timeUs }) => timeUs > 40e6)).not.toHaveProperty("ppMs");
});

test("a stage goes on exactly from its state, in the middle of everything", () => {
  const parts = [block(0, 7), block(7, 13), gap(13, 15), block(15, 22), block(22, 33)];
  const whole = openStage(descriptor, []);
  const expected = parts.map((part) => whole.push(part));
  for (let cut = 1; cut < parts.length; cut++) {
    const first = openStage(descriptor, []);
    for (const part of parts.slice(0, cut)) first.push(part);
    const second = openStage(descriptor, [], structuredClone(first.state()));
    expect(parts.slice(cut).map((part) => second.push(part))).toEqual(expected.slice(cut));
  }
});

test("a rate by light is read from its fact, and from no other", () => {
  const [rate] = ratesOf(run(block(0, 20)));
  if (rate === undefined) throw new Error("no rate");
  expect(pulseRateOf(rate)).toMatchObject({ device: "clip", stream: "ppg", channel: "ir", timeUs: 8e6 });
  expect(pulseRateOf({ kind: "tick", timeUs: 1 })).toBeUndefined();
});

test("where a model reads the rate, its results are the rate and the beats give none; what it is not sure of is no rate", () => {
  const items = openStage(descriptor, [ratesByModel]).push(block(0, 20));
  expect([ratesOf(items).length, beatsOf(items).length > 20]).toEqual([0, true]);
  const about = [{ device: "clip", stream: "ppg" }] as const;
  const result = { kind: "result", model: { id: "ppg-pulse", version: "1" }, pass: "final", about, timeUs: 8e6, knownUs: 8e6 } as const;
  const told = { kind: "value", value: 80, unit: "bpm", interval: [78, 82] } as const;
  expect(pulseRateOf({ ...result, outcome: told })).toEqual({
    ...{ ...about[0], timeUs: 8e6, knownUs: 8e6, bpm: 80, interval: [78, 82] },
    quality: 0.95,
  });
  expect(pulseRateOf({ ...result, outcome: { kind: "unknown", reason: "unsure" } })).not.toHaveProperty("bpm");
  expect(pulseRateOf({ ...result, model: { id: "ecg-beat", version: "1" }, outcome: told })).toBeUndefined();
});

test("a pleth too slow for its pulse, and a stream without one, is not given to it", () => {
  const at = (hz: number, kind: "ppg" | "acc") =>
    openStage({ ...descriptor, rateHz: hz, channels: [{ id: "x", kind, unit: "g", scale: 1, offset: 0 }] }, []).state();
  expect(Object.keys((at(20, "ppg") as { byName: object }).byName)).toEqual(["life", "pulse"]);
  expect(at(10, "ppg")).not.toHaveProperty("byName");
  expect(at(50, "acc")).not.toHaveProperty("byName");
});

test("what a pulse keeps does not grow with its hours, whoever tells its rates", () => {
  for (const models of [[], [ratesByModel]]) {
    const stage = openStage(descriptor, models);
    const kept = (fromS: number, toS: number) => {
      stage.push(block(fromS, toS));
      return JSON.stringify(stage.state()).length;
    };
    const early = kept(0, 60);
    const late = kept(60, 600);
    expect(Math.abs(late - early)).toBeLessThan(early / 4);
  }
});
