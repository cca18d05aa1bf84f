/** What a motion sensor's stage says of a body that turns, in every unit that a channel may state. */

import { expect, test } from "vitest";
import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { createLifeStream } from "./life-stream.ts";

const rateHz = 50;
const seconds = 20;

/** Lies still, and turns on its side between 10 and 12 s. */
function turning(unit: string, perG: number) {
  const channels = ["x", "y", "z"].map((id) => ({ id, kind: "acc" as const, unit, scale: perG / 1000, offset: 0 }));
  const descriptor: StreamDescriptor = { device: "d", stream: "imu", rateHz, channels, sentinels: [], contact: "none" };
  const angle = (i: number) => (Math.PI / 2) * Math.max(0, Math.min(1, (i / rateHz - 10) / 2));
  const axis = (of: (i: number) => number) => Int16Array.from({ length: seconds * rateHz }, (_, i) => Math.round(1000 * of(i)));
  const block = {
    ...{ kind: "samples" as const, bootId: "b", firstIndex: 0, count: seconds * rateHz, startUs: 0, arrivalUs: 0 },
    channels: [axis((i) => Math.sin(angle(i))), axis(() => 0), axis((i) => Math.cos(angle(i)))],
  };
  const items = createLifeStream(descriptor).push(block);
  return {
    moved: items.flatMap((item) => (item.kind === "life" ? [`${item.sign} ${Math.round(item.timeUs / 1e6)}`] : [])),
    levels: new Set(items.flatMap((item) => (item.kind === "quality" ? [item.level] : []))),
  };
}

test.each([
  ["g", 1],
  ["mg", 1000],
  ["m/s2", 9.80665],
  ["m/s²", 9.80665],
])("a body that turns on its side has moved, once (%s)", (unit, perG) => {
  expect(turning(unit, perG).moved).toEqual([expect.stringMatching(/^movement 1[123]$/)]);
});

test("in a unit that is not known nothing counts as movement, and the samples are there all the same", () => {
  expect(turning("counts", 1)).toEqual({ moved: [], levels: new Set(["good"]) });
});

test("seconds in which the sensor is shaken are told with their strength, a turn and a hand at rest are none", () => {
  const channels = ["x", "y", "z"].map((id) => ({ id, kind: "acc" as const, unit: "mg", scale: 1, offset: 0 }));
  const descriptor: StreamDescriptor = { device: "d", stream: "imu", rateHz, channels, sentinels: [], contact: "none" };
  const shake = (i: number) => (i >= 5 * rateHz && i < 8 * rateHz ? 400 : 20) * Math.sin(i);
  const still = new Float32Array(seconds * rateHz);
  const size = Float32Array.from(still, (_, i) => 1000 + shake(i));
  const block = { kind: "samples" as const, bootId: "b", firstIndex: 0, count: still.length, startUs: 0, arrivalUs: 0 };
  const items = createLifeStream(descriptor).push({ ...block, channels: [still, still, size] });
  const shaken = items.flatMap((item) => (item.kind === "shaken" ? [[item.timeUs / 1e6, Math.round(item.rmsG * 10) / 10]] : []));
  expect(shaken).toEqual([
    [6, 0.3],
    [7, 0.3],
    [8, 0.3],
  ]);
  const stage = createLifeStream(descriptor);
  const half = { ...block, count: 275, channels: [still, still, size].map((values) => values.subarray(0, 275)) };
  stage.push(half);
  const rest = {
    ...block,
    firstIndex: 275,
    startUs: 5.5e6,
    count: still.length - 275,
    channels: [still, still, size].map((values) => values.subarray(275)),
  };
  const after = createLifeStream(descriptor, structuredClone(stage.state())).push(rest);
  expect(after.filter(({ kind }) => kind === "shaken")).toHaveLength(3);
});
