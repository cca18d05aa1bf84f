import { describe, expect, it } from "vitest";
import { meanOffsetsM, segments } from "../../models/signal/body.ts";
import { aboutAxis, multiply, noTurn, type Quaternion } from "../../models/signal/quaternion.ts";
import { noSums, poseFigures, scorePose, segmentFigures } from "./score-pose.ts";

const rateHz = 30;
const body = (frames: number, turn: (segment: string, frame: number) => Quaternion) =>
  Float32Array.from(Array.from({ length: frames }, (_, frame) => segments.flatMap((segment) => turn(segment, frame))).flat());
const score = (truth: Float32Array, told: Float32Array, counts: (frame: number) => boolean = () => true) =>
  poseFigures([scorePose({ truth, told, offsetsM: meanOffsetsM, rateHz }, counts)]);
const still = body(10, () => noTurn);

describe("how far a told body lies from the true one", () => {
  it("is nothing for the same body, and null where no frame counts", () => {
    expect(score(still, still)).toMatchObject({ angular_deg: 0, sip_deg: 0, mpjpe_cm: 0 });
    expect(score(still, still, () => false)).toEqual({
      ...{ angular_deg: null, sip_deg: null, mpjpe_cm: null },
      ...{ limb_deg: null, jitter_ratio: null },
    });
    expect(poseFigures([noSums]).angular_deg).toBeNull();
  });

  it("is the angle over 14 segments for one that is turned, and not the pelvis's", () => {
    const turned = (name: string, deg: number) =>
      body(10, (segment) => (segment === name ? aboutAxis([0, 0, 1], (deg * Math.PI) / 180) : noTurn));
    expect(score(still, turned("head", 28)).angular_deg).toBeCloseTo(2, 4);
    expect(score(still, turned("left-thigh", 28)).sip_deg).toBeCloseTo(7, 4);
    expect(score(still, turned("pelvis", 28)).angular_deg).toBeCloseTo(0, 4);
  });

  it("is in cm what hangs from a turned segment has moved", () => {
    const bent = body(10, (segment) => (segment === "left-thigh" ? aboutAxis([1, 0, 0], Math.PI / 2) : noTurn));
    // Only the knee and what the shank carries unturned move: both by the same way.
    const way = Math.hypot(0.428, 0.428) * 100;
    expect(score(still, bent).mpjpe_cm).toBeCloseTo((2 * way) / 14, 4);
  });

  it("says apart how far the segments of a silent limb lie off, while it is silent", () => {
    const turned = body(10, (segment) => (segment === "head" ? aboutAxis([0, 0, 1], 0.5) : noTurn));
    const silent = (frame: number) => (frame < 5 ? [3, 4] : []);
    const sums = scorePose({ truth: still, told: turned, offsetsM: meanOffsetsM, rateHz }, () => true, silent);
    expect(sums.limbs).toBe(10);
    expect(poseFigures([sums]).limb_deg).toBeCloseTo((0.5 * 180) / Math.PI / 2, 4);
  });

  it("says of each segment how far it lies off, and of sums together the mean over their frames", () => {
    const turned = body(10, (segment) => (segment === "head" ? aboutAxis([0, 0, 1], Math.PI / 9) : noTurn));
    const sums = (told: Float32Array) => scorePose({ truth: still, told, offsetsM: meanOffsetsM, rateHz }, () => true);
    const { head, neck } = segmentFigures([sums(turned), sums(still)]);
    expect(head).toBeCloseTo(10, 4);
    expect(neck).toBeCloseTo(0, 4);
    expect(segmentFigures([noSums]).head).toBeNull();
  });

  it("leaves out frames that were not told, and takes no jerk over the hole", () => {
    const shake = body(10, (segment, frame) => (segment === "chest" ? aboutAxis([1, 0, 0], frame % 2 ? 0.1 : 0) : noTurn));
    const told = shake.slice();
    told.fill(Number.NaN, 4 * 60, 6 * 60);
    const sums = scorePose({ truth: shake, told, offsetsM: meanOffsetsM, rateHz }, () => true);
    expect([sums.frames, sums.jerks]).toEqual([8, 2]);
    expect(poseFigures([sums]).jitter_ratio).toBeCloseTo(1, 6);
  });

  it("counts twice the shaking as twice the jerk", () => {
    const shaken = (by: number) => body(20, (segment, frame) => (segment === "chest" ? aboutAxis([1, 0, 0], frame % 2 ? by : 0) : noTurn));
    expect(score(shaken(0.01), shaken(0.02)).jitter_ratio).toBeCloseTo(2, 2);
  });

  it("does not care about the sign of a quaternion", () => {
    const turned = body(10, () => multiply([-1, 0, 0, 0], noTurn));
    expect(score(still, turned).angular_deg).toBeCloseTo(0, 6);
  });
});
