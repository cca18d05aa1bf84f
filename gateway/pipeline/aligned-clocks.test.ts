/** Sensors with clocks and rates of their own, on one body: how far apart what they show at one moment lies in truth. */

import { expect, test } from "vitest";
import type { SampleBlock, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { placements } from "../../models/signal/body.ts";
import { defaultProfile } from "../rules/index.ts";
import { createPerson } from "./person.ts";

const baseUs = 1_700_000_000_000_000;
const minutes = 6;
const batchS = 0.2;
/** What a clock is taken for before it has been watched. */
const settlingS = 60;

/** A clock that is so many millionths fast and began at some time of its own; what it sends is under way for 5 to 60 ms. */
const sensors = placements.map((placement, i) => ({
  placement,
  rateHz: [50, 60, 100][i % 3] ?? 60,
  ppm: [-150, 80, 0, 150, -40, 20][i] ?? 0,
  bootUs: 1_000_000 * (7 * i + 1),
  seed: i + 1,
}));

function descriptorOf({ placement, rateHz }: (typeof sensors)[number]): StreamDescriptor {
  return {
    ...{ device: placement, stream: "imu", rateHz, placement, contact: "none", sentinels: [] },
    channels: ["w", "x", "y", "z"].map((id) => ({ id, kind: "quaternion" as const, unit: "1", scale: 1, offset: 0 })),
  };
}

/** Everything turns about the vertical by one radian a second, so that an angle is a time. */
function blocksOf(sensor: (typeof sensors)[number]): SampleBlock[] {
  const descriptor = descriptorOf(sensor);
  const fast = 1 + sensor.ppm * 1e-6;
  const count = Math.round(batchS * sensor.rateHz);
  let random = sensor.seed;
  return Array.from({ length: Math.floor((minutes * 60) / batchS) }, (_, batch): SampleBlock => {
    const firstIndex = batch * count;
    // A sensor that runs fast measures its n-th sample early.
    const trueS = (index: number) => index / sensor.rateHz / fast;
    random = (random * 16_807) % 2_147_483_647;
    const arrivalUs = baseUs + Math.round(trueS(firstIndex + count) * 1e6 + 5000 + 55_000 * (random / 2_147_483_647) ** 3);
    const row = (of: (half: number) => number) =>
      Float32Array.from({ length: count }, (_, i) => of((trueS(firstIndex + i) % (4 * Math.PI)) / 2));
    return {
      ...{ kind: "samples", descriptor, bootId: "boot", firstIndex, count, deviceClock: 1 },
      deviceTimeUs: sensor.bootUs + Math.round((firstIndex / sensor.rateHz) * 1e6),
      stamps: { timeUs: arrivalUs, monotonicUs: arrivalUs - baseUs, wallUs: arrivalUs, wallQuality: "ntp" },
      channels: [row(Math.cos), row(() => 0), row(Math.sin), row(() => 0)],
    };
  });
}

test("six sensors whose clocks drift by up to 150 ppm and that measure at 50, 60 and 100 Hz are placed within 20 ms of each other, and of the moment itself", () => {
  /** By second, how late each sensor's samples are placed, ms. */
  const lateMs = new Map<number, number[]>();
  const person = createPerson({
    ...{ profile: defaultProfile, models: [], versions: {}, submit: () => {}, onSettled: () => {} },
    onPlaced({ device }, placed) {
      const sensor = sensors.find(({ placement }) => placement === device);
      if (sensor === undefined || placed.kind !== "samples") return;
      const trueUs = baseUs + (placed.firstIndex / sensor.rateHz / (1 + sensor.ppm * 1e-6)) * 1e6;
      const second = Math.floor((trueUs - baseUs) / 1e6);
      lateMs.set(second, [...(lateMs.get(second) ?? []), (placed.startUs - trueUs) / 1000]);
    },
  });
  for (const block of sensors.flatMap(blocksOf).sort((a, b) => a.stamps.timeUs - b.stamps.timeUs)) person.push(block);
  const settled = [...lateMs].filter(([second]) => second >= settlingS).map(([, each]) => each);
  expect(settled.length).toBeGreaterThan(290);
  for (const late of settled) {
    expect(Math.max(...late) - Math.min(...late)).toBeLessThan(20);
    expect(Math.max(...late.map(Math.abs))).toBeLessThan(25);
  }
});
