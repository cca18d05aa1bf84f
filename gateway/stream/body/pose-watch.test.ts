import { expect, test } from "vitest";
import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { createPoseWatch, mostSamples, mostSensors } from "./pose-watch.ts";

const rateHz = 10_000;
const descriptor = (device: string): StreamDescriptor => ({
  ...{ device, stream: "imu", rateHz, sentinels: [], contact: "none" },
  channels: ["w", "x", "y", "z"].map((id) => ({ id, kind: "quaternion" as const, unit: "1", scale: 1, offset: 0 })),
});
const block = {
  ...{ kind: "samples" as const, bootId: "b", firstIndex: 0, count: 3 * rateHz, startUs: 0, arrivalUs: 0 },
  channels: [1, 0, 0, 0].map((part) => new Float32Array(3 * rateHz).fill(part)),
};

test("a sensor that is faster than any, and more of them than anybody wears, are seen as far as the bound", () => {
  const watch = createPoseWatch({ fromUs: 0, toUs: 3e6 });
  const devices = Array.from({ length: mostSensors + 1 }, (_, i) => `d${i}`);
  for (const device of devices) watch.push(descriptor(device), "pelvis", block);
  const seen = watch.sensors(devices.map((device) => ({ device, placement: "pelvis" })));
  expect(seen.map(({ held }) => held.length)).toEqual([...Array(mostSensors).fill(mostSamples), 0]);
});

test("what a sensor told where it was worn before does not count", () => {
  const watch = createPoseWatch({ fromUs: 0, toUs: 3e6 });
  watch.push(descriptor("d"), "left-shank", block);
  expect(watch.sensors([{ device: "d", placement: "right-shank" }])).toMatchObject([{ share: 0, held: [] }]);
  expect(watch.newestUs("d")).toBeGreaterThan(2.9e6);
});
