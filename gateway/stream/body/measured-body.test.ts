import { expect, test } from "vitest";
import { SegmentState, segmentCount } from "../../../device-drivers/contract/pose.ts";
import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { segments } from "../../../models/signal/body.ts";
import type { PlacedBlock } from "../reorder.ts";
import { createMeasuredBody } from "./measured-body.ts";

const startUs = 1_700_000_000_000_000;
const rateHz = 60;

function sensor(placement: string): StreamDescriptor {
  return {
    ...{ device: placement, stream: "imu", rateHz, placement, contact: "none", sentinels: [] },
    channels: ["w", "x", "y", "z"].map((id) => ({ id, kind: "quaternion" as const, unit: "1", scale: 1, offset: 0 })),
  };
}

/** A sensor that has turned about the vertical by as many radians as seconds have passed. */
function turning(fromS: number, toS: number): PlacedBlock {
  const count = Math.round((toS - fromS) * rateHz);
  const row = (of: (half: number) => number) => Float32Array.from({ length: count }, (_, i) => of((fromS + i / rateHz) / 2));
  return {
    ...{ kind: "samples", bootId: "b", firstIndex: 0, count, arrivalUs: 0, startUs: startUs + Math.round(fromS * 1e6) },
    channels: [row(Math.cos), row(() => 0), row(Math.sin), row(() => 0)],
  };
}

const posesOf = (items: ReturnType<ReturnType<typeof createMeasuredBody>["step"]>) =>
  items.flatMap((item) => (item.kind === "pose" ? [item] : []));

test("what a sensor is worn on is measured, and nothing else is known: one sensor alone shows one segment", () => {
  const body = createMeasuredBody();
  body.push(sensor("left-forearm"), turning(0, 1));
  const poses = posesOf(body.step(startUs + 1e6));
  expect(poses).toHaveLength(5);
  for (const { pose, about, timeUs } of poses) {
    expect(about).toEqual([{ device: "left-forearm", stream: "imu" }]);
    for (let frame = 0; frame < 6; frame++) {
      const states = [...pose.states.subarray(frame * segmentCount, (frame + 1) * segmentCount)];
      expect(states.map((state, at) => (state === SegmentState.measured ? segments[at] : undefined)).filter(Boolean)).toEqual([
        "left-forearm",
      ]);
      const place = (frame * segmentCount + segments.indexOf("left-forearm")) * 4;
      const angle = 2 * Math.atan2(pose.rotations[place + 2] ?? 0, pose.rotations[place] ?? 0);
      const timeS = (timeUs - startUs) / 1e6 - (6 - frame) / 30;
      expect(Math.abs(angle - timeS)).toBeLessThanOrEqual(0.5 / rateHz + 1e-6);
    }
  }
});

test("a sensor that falls silent is unknown from then on, and is not waited for", () => {
  const body = createMeasuredBody();
  body.push(sensor("head"), turning(0, 2));
  body.push(sensor("pelvis"), turning(0, 1));
  const heard = posesOf(body.step(startUs + 2e6)).map(({ about }) => about.map(({ device }) => device).join());
  expect(heard.slice(0, 5)).toEqual(new Array(5).fill("pelvis,head"));
  expect(heard.slice(6)).toEqual(new Array(4).fill("head"));
  expect(posesOf(body.step(startUs + 3600e6)).length).toBeLessThan(3);
});

test("goes on from its state, and makes nothing of sensors that are worn elsewhere or do not turn", () => {
  const [whole, first] = [createMeasuredBody(), createMeasuredBody()];
  for (const one of [whole, first]) one.push(sensor("head"), turning(0, 1));
  first.step(startUs + 0.5e6);
  const second = createMeasuredBody(structuredClone(first.state()));
  for (const one of [whole, second]) one.push(sensor("head"), turning(1, 2));
  expect(second.step(startUs + 2e6)).toEqual(whole.step(startUs + 2e6).slice(2));
  const other = createMeasuredBody();
  other.push(sensor("waist"), turning(0, 1));
  other.push({ ...sensor("head"), channels: [{ id: "x", kind: "acc", unit: "g", scale: 1, offset: 0 }] }, turning(0, 1));
  expect(other.step(startUs + 1e6)).toEqual([]);
  expect(other.state()).toEqual({ nextUs: undefined, grids: [] });
});
