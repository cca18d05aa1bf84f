/**
 * What stands in for a silent sensor without completion (models.md §1.12): `hold`, its last rotation beside the heading of the pelvis (of the head without one)
 * and no acceleration, and `slerp`, the same decaying to the mean pose. And the body of six sensors without any network. Pure.
 */

import { type MotionPlacement, placements, segments } from "../../models/signal/body.ts";
import { conjugate, headingOf, multiply, noTurn, type Quaternion, slerp } from "../../models/signal/quaternion.ts";
import type { Sample, Samples } from "./tell-pose.ts";

export type Filling = "hold" | "slerp";

/** s. After it a third of the way from the mean pose is left. */
const decayS = 0.5;
const rateHz = 30;

/** Beside the heading of the pelvis, over the recordings that the model has learnt from. */
const meanPose: Readonly<Record<MotionPlacement, Quaternion>> = {
  pelvis: [0.999, 0.045, 0, 0.003],
  head: [0.982, 0.173, -0.063, 0.026],
  "left-forearm": [0.777, -0.051, -0.443, -0.445],
  "right-forearm": [0.787, -0.097, 0.448, 0.414],
  "left-shank": [0.979, 0.202, -0.006, 0.019],
  "right-shank": [0.979, 0.202, 0.023, -0.027],
};

export function filled(samples: Samples, filling: Filling): Samples {
  const guide = samples.pelvis.some((sample) => sample !== undefined) ? samples.pelvis : samples.head;
  const headings = guide.map((sample) => (sample === undefined ? noTurn : headingOf(sample.rotation)));
  const fill = (placement: MotionPlacement) => {
    const mean = meanPose[placement];
    let last: Quaternion | undefined;
    let silent = 0;
    return samples[placement].map((sample, frame): Sample => {
      const heading = headings[frame] ?? noTurn;
      if (sample !== undefined) {
        last = multiply(conjugate(heading), sample.rotation);
        silent = 0;
        return sample;
      }
      silent++;
      const share = last === undefined ? 1 : filling === "hold" ? 0 : 1 - Math.exp(-silent / (decayS * rateHz));
      return { rotation: multiply(heading, slerp(last ?? mean, mean, share)), acceleration: [0, 0, 0] };
    });
  };
  return Object.fromEntries(placements.map((placement) => [placement, fill(placement)])) as unknown as Samples;
}

/** Segments without a sensor lie between those that have one, or as the one that hangs from them. Frames × 15 × 4. */
export function withoutNetwork(samples: Samples, frames: number): Float32Array {
  const out = new Float32Array(frames * segments.length * 4);
  for (let frame = 0; frame < frames; frame++) {
    const own = (placement: MotionPlacement) => samples[placement][frame]?.rotation ?? noTurn;
    const [pelvis, head] = [own("pelvis"), own("head")];
    const chest = slerp(pelvis, head, 0.5);
    const [leftArm, rightArm, leftLeg, rightLeg] = [own("left-forearm"), own("right-forearm"), own("left-shank"), own("right-shank")];
    const body: readonly Quaternion[] = [
      ...[pelvis, slerp(pelvis, head, 0.25), chest, slerp(pelvis, head, 0.75), head],
      ...[slerp(chest, leftArm, 0.5), slerp(chest, rightArm, 0.5), leftArm, rightArm],
      ...[slerp(pelvis, leftLeg, 0.5), slerp(pelvis, rightLeg, 0.5), leftLeg, rightLeg, leftLeg, rightLeg],
    ];
    for (const [i, rotation] of body.entries()) out.set(rotation, (frame * segments.length + i) * 4);
  }
  return out;
}
