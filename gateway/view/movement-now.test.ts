import { expect, test } from "vitest";
import { type Pose, SegmentState, segmentCount } from "../../device-drivers/contract/pose.ts";
import type { MovementFact } from "../facts/movement.ts";
import { createMovementNow } from "./movement-now.ts";

const about = [{ device: "d", stream: "imu" }] as const;
const fact = (atS: number, more: Partial<MovementFact> = {}): MovementFact => ({
  ...{ kind: "movement", device: "d", stream: "imu", about, timeUs: atS * 1e6, knownUs: atS * 1e6, sensors: [], posture: "upright" },
  ...more,
});
const standing = (state: number): Pose => ({
  rateHz: 30,
  rotations: Float32Array.from({ length: segmentCount * 4 }, (_, i) => (i % 4 === 0 ? 1 : 0)),
  states: new Uint8Array(segmentCount).fill(state),
});
const model = { id: "motion-complete", version: "1" };

test("steps are summed, and a second in which no sensor could tell takes none away", () => {
  const now = createMovementNow();
  expect(now.of("p")).toEqual({});
  now.note("p", fact(1));
  expect(now.of("p").movement?.steps).toBeUndefined();
  for (const steps of [2, 1, undefined]) now.note("p", fact(2, steps === undefined ? {} : { steps }));
  expect(now.of("p").movement?.steps).toBe(3);
  now.clear();
  expect(now.of("p")).toEqual({});
});

test("where a network tells the legs an upright person stands, flagged where it is a guess, for as long as it tells", () => {
  const now = createMovementNow();
  now.body("p", { about, model, timeUs: 10e6, pose: standing(SegmentState.completed) });
  now.note("p", fact(10));
  expect(now.of("p").movement).toMatchObject({ posture: "standing", isCompleted: true });
  now.note("p", fact(10, { posture: "lying" }));
  expect(now.of("p").movement).toMatchObject({ posture: "lying", isCompleted: false });
  now.note("p", fact(20));
  expect(now.of("p").movement).toMatchObject({ posture: "upright", isCompleted: false });
  now.body("p", { about, timeUs: 20e6, pose: standing(SegmentState.measured) });
  expect(now.of("p").movement?.posture).toBe("upright");
});
