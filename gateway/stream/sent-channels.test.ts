import { expect, test } from "vitest";
import type { Channel, ChannelKind, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { errorBoundOf, sentChannels } from "./sent-channels.ts";

const channel = (id: string, kind: ChannelKind, unit: string): Channel => ({ id, kind, unit, scale: 1, offset: 0 });
const stream = (channels: readonly Channel[], more: Partial<StreamDescriptor> = {}): StreamDescriptor => ({
  ...{ device: "d", stream: "s", rateHz: 100, sentinels: [], contact: "none", channels },
  ...more,
});
const idsOf = (descriptor: StreamDescriptor) => sentChannels(descriptor).map(({ id }) => id);

const imu = [
  ...["x", "y", "z"].map((axis) => channel(`acc-${axis}`, "acc", "m/s2")),
  ...["x", "y", "z"].map((axis) => channel(`gyro-${axis}`, "gyro", "rad/s")),
];
const turns = ["w", "x", "y", "z"].map((part) => channel(part, "quaternion", "1"));

test("of a strap go its lead, its first pleth and every axis; not what is only a number or has a unit that nobody knows", () => {
  const lead = { ...channel("ii", "ecg", "mV"), lead: "II" };
  const other = { ...channel("v", "ecg", "mV"), lead: "V" };
  const pleths = [channel("red", "ppg", "1"), channel("ir", "ppg", "1")];
  const odd = [channel("spo2", "spo2", "%"), channel("mag", "mag", "uT"), channel("a", "acc", "furlong")];
  expect(idsOf(stream([other, lead, ...pleths, ...imu, ...odd]))).toEqual(["ii", "red", ...imu.map(({ id }) => id)]);
  expect(idsOf(stream(pleths, { rateHz: 10 }))).toEqual([]);
});

test("a sensor on the body goes as the body that is made of it, any other as it is", () => {
  expect(idsOf(stream([...turns, ...imu], { placement: "left-forearm" }))).toEqual([]);
  expect(idsOf(stream([...turns, ...imu], { placement: "wrist" }))).toHaveLength(10);
  expect(idsOf(stream(imu, { placement: "left-forearm" }))).toHaveLength(6);
});

test("the bound is the same movement whatever unit it is told in", () => {
  expect(errorBoundOf(channel("a", "acc", "[g]"))).toEqual({ largest: 0.05 });
  expect(errorBoundOf(channel("a", "acc", "m/s2"))).toEqual({ largest: expect.closeTo(0.49, 2) });
  expect(errorBoundOf(channel("a", "gyro", "rad/s"))).toEqual({ largest: expect.closeTo((3 * Math.PI) / 180, 6) });
  expect(errorBoundOf(channel("a", "ppg", "mV"))).toEqual({ share: 0.08 });
  expect(errorBoundOf(channel("a", "ecg", "uV"))).toEqual({ millivolts: 0.001 });
});

test("four parts of a quaternion that are each off by their bound turn by a degree at most", () => {
  const bound = errorBoundOf(channel("w", "quaternion", "1"));
  const off = "largest" in bound ? bound.largest : Number.NaN;
  for (const q of [
    [1, 0, 0, 0],
    [0.5, 0.5, 0.5, 0.5],
    [0.1, -0.7, 0.5, 0.5],
  ] as const) {
    const length = Math.hypot(...q);
    const [a, b] = [q.map((part) => part / length), q.map((part, i) => part / length + (i % 2 === 0 ? off : -off))];
    const dot = a.reduce((sum, part, i) => sum + part * (b[i] ?? 0), 0) / Math.hypot(...b);
    expect((2 * Math.acos(Math.min(1, dot)) * 180) / Math.PI).toBeLessThanOrEqual(1.0001);
  }
});
