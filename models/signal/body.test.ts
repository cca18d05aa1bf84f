import { describe, expect, it } from "vitest";
import { SegmentState } from "../../device-drivers/contract/pose.ts";
import { endsM, jointPositions, meanOffsetsM, parents, placements, segmentStates, segments, sensorOf } from "./body.ts";
import { aboutAxis, noTurn } from "./quaternion.ts";

const standing = Float32Array.from(segments.flatMap(() => noTurn));
const at = (name: (typeof segments)[number]) => segments.indexOf(name);

describe("the body", () => {
  it("has parents before their children, an offset and a tip for each, and both sides alike", () => {
    for (const [segment, parent] of parents.entries()) expect(parent).toBeLessThan(segment);
    expect([parents.length, meanOffsetsM.length, endsM.length]).toEqual([15, 15, 15]);
    for (const name of segments.filter((segment) => segment.startsWith("left"))) {
      const [x, y, z] = meanOffsetsM[at(name)] ?? [];
      const other = meanOffsetsM[at(name.replace("left", "right") as "right-foot")];
      expect([-(other?.[0] ?? 9), other?.[1], other?.[2]].map((value) => value ?? 9)).toEqual([x || -0, y, z].map((v) => v ?? 8));
    }
  });

  it("stands in a T-pose with the feet below, the head above and the left hand to the left", () => {
    const joints = jointPositions(standing);
    expect(joints[at("left-foot")]?.[1]).toBeCloseTo(-0.939, 6);
    expect(joints[at("head")]?.[1]).toBeGreaterThan(0.35);
    expect(joints[at("left-forearm")]?.[0]).toBeCloseTo(0.478, 6);
    expect(joints[at("right-forearm")]?.[0]).toBeCloseTo(-0.478, 6);
  });

  it("moves what hangs from a segment with it", () => {
    const bent = standing.slice();
    // The whole left leg raised forward by a quarter turn about the axis to the left.
    bent.set(aboutAxis([1, 0, 0], -Math.PI / 2), 4 * at("left-thigh"));
    const joints = jointPositions(bent);
    expect(joints[at("left-shank")]?.[2]).toBeCloseTo(0.035 + 0.428, 6);
    expect(joints[at("left-foot")]?.[1]).toBeCloseTo(-0.102 - 0.409, 6);
  });

  it("is measured with all sensors, completed at the limb of a silent one, and unknown beside one sensor alone", () => {
    expect([...segmentStates(() => true)]).toEqual(segments.map(() => SegmentState.measured));
    const without = segmentStates((placement) => placement !== "left-shank");
    for (const [i, segment] of segments.entries())
      expect(without[i], segment).toBe(sensorOf[segment] === "left-shank" ? SegmentState.completed : SegmentState.measured);
    for (const only of placements) {
      const states = segmentStates((placement) => placement === only);
      expect(states.filter((state) => state === SegmentState.measured)).toHaveLength(1);
      expect(states.filter((state) => state === SegmentState.unknown)).toHaveLength(14);
      expect(states[at(only)]).toBe(SegmentState.measured);
    }
  });
});
