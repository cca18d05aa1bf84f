import { expect, it } from "vitest";
import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { aboutAxis, angleBetweenRad, noTurn, type Quaternion, unit } from "../../../models/signal/quaternion.ts";
import type { PlacedBlock } from "../reorder.ts";
import { createPlacementGrid } from "./placement-grid.ts";

const startUs = 1_700_000_000_000_000;
const stream = (device: string, rateHz: number, unit = "g"): StreamDescriptor => ({
  ...{ device, stream: "imu", rateHz, placement: "left-wrist", contact: "none", sentinels: [] },
  channels: [{ id: "x", kind: "acc", unit, scale: 1, offset: 0 }],
});
/** Samples from `fromS` on, each the second at which it was measured. */
const block = (rateHz: number, fromS: number, toS: number, offsetUs = 0): PlacedBlock => {
  const count = Math.round((toS - fromS) * rateHz);
  return {
    ...{ kind: "samples", bootId: "b", firstIndex: 0, count, arrivalUs: 0 },
    startUs: startUs + Math.round(fromS * 1e6) + offsetUs,
    channels: [Float32Array.from({ length: count }, (_, i) => fromS + i / rateHz)],
  };
};
const grid = () => createPlacementGrid({ rateHz: 10, windowS: 2, channels: 1, input: { kind: "acc", unit: "g" } });
const secondBefore = (one: ReturnType<typeof grid>, endS: number) => [...(one.slice(startUs + endS * 1e6, 10)[0] ?? [])];

it.each([
  [10, 0],
  [10, 20_000],
  [50, 0],
  [23, 3_000],
])("each point lies where it belongs between two samples of a stream of %d Hz that is %d µs off the grid", (rateHz, offsetUs) => {
  const one = grid();
  one.push(stream("band", rateHz), block(rateHz, 0, 3, offsetUs));
  for (const [i, value] of secondBefore(one, 2).entries()) expect(value + offsetUs / 1e6).toBeCloseTo(1 + i / 10, 5);
});

/** A limb that swings by 60° to either side 1.5 times a second, about an axis that is none of the world's. */
const swing = (s: number): Quaternion => aboutAxis([0.6, 0, 0.8], (Math.PI / 3) * Math.sin(3 * Math.PI * s));

it.each([
  [50, 0.35],
  [60, 0.25],
  [100, 0.1],
])(
  "a swinging limb at %d Hz is within %d° on a grid of 30 Hz, where the nearest sample is degrees away, whatever signs the quaternions have",
  (rateHz, mostDeg) => {
    const one = createPlacementGrid({ rateHz: 30, windowS: 2, channels: 4, input: { kind: "quaternion", unit: "1" } });
    const descriptor: StreamDescriptor = {
      ...stream("band", rateHz),
      channels: ["w", "x", "y", "z"].map((id) => ({ id, kind: "quaternion", unit: "1", scale: 1, offset: 0 })),
    };
    const offsetUs = 3_700;
    const turns = Array.from({ length: 3 * rateHz }, (_, i) => {
      const turn = swing(i / rateHz + offsetUs / 1e6);
      return i % 3 === 0 ? turn.map((part) => -part) : turn;
    });
    const channels = [0, 1, 2, 3].map((part) => Float32Array.from(turns, (turn) => turn[part] ?? 0));
    one.push(descriptor, { ...block(rateHz, 0, 3, offsetUs), channels });
    const rows = one.slice(startUs + 2e6, 30);
    const apart = Array.from({ length: 30 }, (_, i) => {
      const truth = swing(1 + i / 30);
      const [w = 0, x = 0, y = 0, z = 0] = rows.map((row) => row[i] ?? 0);
      const nearest = swing(Math.round((1 + i / 30 - offsetUs / 1e6) * rateHz) / rateHz + offsetUs / 1e6);
      return [truth, nearest].map((other) => (angleBetweenRad(unit([w, x, y, z]) ?? noTurn, other) * 180) / Math.PI);
    });
    expect(Math.max(...apart.map(([own = 0]) => own))).toBeLessThan(mostDeg);
    expect(Math.max(...apart.map(([, near = 0]) => near))).toBeGreaterThan(1.5);
  },
);

it("a channel without a value is not made up from its neighbours, and the others go on", () => {
  const beside = { kind: "acc", unit: "g", count: 2 } as const;
  const one = createPlacementGrid({ rateHz: 20, windowS: 2, channels: 1, input: { kind: "acc", unit: "g" }, beside });
  const descriptor = {
    ...stream("band", 10),
    channels: ["x", "y"].map((id) => ({ id, kind: "acc", unit: "g", scale: 1, offset: 0 }) as const),
  };
  const values = block(10, 0, 2).channels[0] as Float32Array;
  const holed = values.map((value, i) => (i === 15 ? Number.NaN : value));
  one.push(descriptor, { ...block(10, 0, 2), channels: [values, holed] });
  const [x = [], , y = []] = one.slice(startUs + 2e6, 20);
  const about = (row: ArrayLike<number>) => Array.from({ length: 6 }, (_, i) => row[7 + i] ?? 0);
  expect(about(x)).toEqual([1.35, 1.4, 1.45, 1.5, 1.55, 1.6].map((value) => expect.closeTo(value, 5)));
  expect(about(y)).toEqual([
    expect.closeTo(1.35, 5),
    expect.closeTo(1.4, 5),
    Number.NaN,
    Number.NaN,
    expect.closeTo(1.6, 5),
    expect.closeTo(1.6, 5),
  ]);
});

it("what lies in a hole is NaN, and nothing else", () => {
  const one = grid();
  one.push(stream("band", 10), block(10, 0, 1.3));
  one.push(stream("band", 10), block(10, 1.6, 2));
  expect(secondBefore(one, 2).map(Number.isNaN)).toEqual([false, false, false, true, true, true, false, false, false, false]);
  one.push(stream("band", 10), block(10, 500, 501));
  expect(secondBefore(one, 501).some(Number.isNaN)).toBe(false);
  expect(secondBefore(one, 500).every(Number.isNaN)).toBe(true);
});

it("shows one of two streams at a placement, the other once that is silent, and none of another unit", () => {
  const one = grid();
  expect(one.push(stream("band", 10), block(10, 0, 1))).toBe(true);
  expect(one.push(stream("watch", 10), block(10, 1, 2))).toBe(false);
  expect(one.push(stream("band", 10, "counts"), block(10, 1, 2))).toBe(false);
  expect(one.source?.device).toBe("band");
  expect(one.push(stream("watch", 10), block(10, 4, 5))).toBe(true);
  expect(one.source?.device).toBe("watch");
});

it("goes on from its state", () => {
  const [whole, first] = [grid(), grid()];
  for (const one of [whole, first]) one.push(stream("band", 23), block(23, 0, 1.5));
  const second = createPlacementGrid(
    { rateHz: 10, windowS: 2, channels: 1, input: { kind: "acc", unit: "g" } },
    structuredClone(first.state()),
  );
  for (const one of [whole, second]) one.push(stream("band", 23), block(23, 1.5, 3));
  expect(secondBefore(second, 2)).toEqual(secondBefore(whole, 2));
  expect(second.state()).toEqual(whole.state());
});

it("shows what a model is shown beside its channels behind them, and NaN where the stream has fewer", () => {
  const beside = { kind: "acc", unit: "g", count: 3 } as const;
  const one = createPlacementGrid({ rateHz: 10, windowS: 2, channels: 1, input: { kind: "quaternion", unit: "1" }, beside });
  const descriptor: StreamDescriptor = {
    ...stream("band", 10),
    channels: [
      { id: "x", kind: "acc", unit: "m/s2", scale: 9.80665, offset: 0 },
      { id: "w", kind: "quaternion", unit: "1", scale: 2, offset: 0 },
      { id: "y", kind: "acc", unit: "g", scale: 3, offset: 0 },
    ],
  };
  const values = block(10, 0, 2).channels[0] as Float32Array;
  expect(one.push(descriptor, { ...block(10, 0, 2), channels: [values, values, values] })).toBe(true);
  const at = one.slice(startUs + 2e6, 10).map((channel) => channel[0] ?? 0);
  expect(at).toEqual([2, 1, 3, Number.NaN].map((value) => (Number.isNaN(value) ? value : expect.closeTo(value, 5))));
  expect(one.push(stream("watch", 10), block(10, 0, 2))).toBe(false);
});
