import { expect, test } from "vitest";
import { type Pose, SegmentState, segmentCount } from "../../device-drivers/contract/pose.ts";
import { segments } from "../../models/signal/body.ts";
import { aboutAxis } from "../../models/signal/quaternion.ts";
import { stanceOf } from "./stance.ts";

/** Two frames; in the second both thighs are turned so far, degrees. */
function pose(leftDeg: number, rightDeg = leftDeg, state: number = SegmentState.measured): Pose {
  const rotations = Float32Array.from({ length: 2 * segmentCount * 4 }, (_, i) => (i % 4 === 0 ? 1 : 0));
  const states = new Uint8Array(2 * segmentCount).fill(state);
  for (const [name, deg] of [
    ["left-thigh", leftDeg],
    ["right-thigh", rightDeg],
  ] as const)
    rotations.set(aboutAxis([1, 0, 0], (-deg * Math.PI) / 180), (segmentCount + segments.indexOf(name)) * 4);
  return { rateHz: 30, rotations, states };
}

test("thighs tell sitting from standing, in the newest frame, and between nothing is said", () => {
  expect(stanceOf(pose(85))).toEqual({ stance: "sitting", isCompleted: false });
  expect(stanceOf(pose(10))).toEqual({ stance: "standing", isCompleted: false });
  expect(stanceOf(pose(45))).toBeUndefined();
  expect(stanceOf(pose(85, 10))).toBeUndefined();
});

test("what rests on a silent sensor says so, and what is unknown says nothing", () => {
  expect(stanceOf(pose(85, 85, SegmentState.completed))).toEqual({ stance: "sitting", isCompleted: true });
  expect(stanceOf(pose(85, 85, SegmentState.unknown))).toBeUndefined();
});
