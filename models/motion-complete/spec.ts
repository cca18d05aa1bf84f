/** `motion-complete`: the body of 15 segments from one to six sensors on it, five times a second, silent sensors completed. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Pose } from "../../device-drivers/contract/pose.ts";
import type { ModelSpec } from "../model-spec.ts";
import { type MotionPlacement, placements, quaternionAt, segmentStates, segments } from "../signal/body.ts";
import { fromSixD, multiply, type Quaternion, unit } from "../signal/quaternion.ts";
import { asideEach, channels, frames, type MotionMemory, motionFeatures, newest, rateHz } from "./features.ts";

const values = segments.length * 6;

export const motionComplete: ModelSpec<MotionMemory, "aligned"> = {
  id: "motion-complete",
  title: "Body in motion, completed where a sensor is silent",
  folder: new URL("./", import.meta.url),
  input: { kind: "quaternion", unit: "1" },
  beside: { kind: "acc", unit: "g" },
  trigger: { kind: "aligned", hopS: newest / rateHz, windowS: frames / rateHz, rateHz, placements, channels: 4, beside: 3, least: 1 },
  labels: [],
  warmupS: 2,
  resultTimeoutMs: 2000,
  initialMemory: () => ({ fromUs: undefined, heard: placements.map(() => undefined) }),
  features(context, memory) {
    const { x, aside } = motionFeatures(context, memory);
    return { x: { data: x, shape: [1, channels, frames] }, aside: { data: aside, shape: [1, newest, asideEach] } };
  },
  read({ pose, told }) {
    if (pose?.length !== values * newest || told?.length !== newest * asideEach)
      throw new GatewayError(
        "model.output_missing",
        "bug",
        `motion-complete: its outputs must be \`pose\` of ${values * newest} numbers and \`told\``,
      );
    return { kind: "pose", ...poseOf(pose, told) };
  },
};

/** `pose` by value and frame, beside the heading that `told` has of each frame. A segment that bears a sensor which is heard lies as that says. */
function poseOf(pose: Float32Array, told: Float32Array): Pose {
  const rotations = new Float32Array(newest * segments.length * 4);
  const states = new Uint8Array(newest * segments.length);
  const six = new Float32Array(6);
  for (let at = 0; at < newest; at++) {
    const aside = told.subarray(at * asideEach, (at + 1) * asideEach);
    const heading: Quaternion = [aside[0] ?? 1, 0, aside[1] ?? 0, 0];
    const own = (placement: MotionPlacement) => unit(quaternionAt(aside.subarray(2), placements.indexOf(placement)));
    states.set(
      segmentStates((placement) => own(placement) !== undefined),
      at * segments.length,
    );
    for (const [segment, name] of segments.entries()) {
      for (let i = 0; i < 6; i++) six[i] = pose[(segment * 6 + i) * newest + at] ?? Number.NaN;
      const sensor = placements.find((placement) => placement === name);
      rotations.set((sensor && own(sensor)) ?? multiply(heading, fromSixD(six)), (at * segments.length + segment) * 4);
    }
  }
  return { rateHz, rotations, states };
}
