/** `motion-complete`: the body of 15 segments from one to six sensors on it, five times a second, silent sensors completed. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Pose } from "../../device-drivers/contract/pose.ts";
import type { ModelSpec } from "../model-spec.ts";
import { type MotionPlacement, placements, quaternionAt, segmentStates, segments } from "../signal/body.ts";
import { type Quaternion, unit } from "../signal/quaternion.ts";
import { asideEach, asideSensor, channels, frames, type MotionMemory, motionFeatures, newest, rateHz } from "./features.ts";
import { type Place, turnedBody, values } from "./turned-body.ts";

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
  initialMemory: () => ({ fromUs: undefined, heard: placements.map(() => undefined), means: placements.map(() => undefined) }),
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

/** `pose` by value and frame; `told` has of each frame the heading beside which it is, and where the sensors are. */
function poseOf(pose: Float32Array, told: Float32Array): Pose {
  const rotations = new Float32Array(newest * segments.length * 4);
  const states = new Uint8Array(newest * segments.length);
  for (let at = 0; at < newest; at++) {
    const aside = told.subarray(at * asideEach, (at + 1) * asideEach);
    const heading: Quaternion = [aside[0] ?? 1, 0, aside[1] ?? 0, 0];
    const placeOf = (placement: MotionPlacement): Place | undefined => {
      const [isHeard = 0, ...turn] = aside.subarray(2 + asideSensor * placements.indexOf(placement));
      const rotation = unit(quaternionAt(turn, 0));
      return rotation && { rotation, isHeard: isHeard > 0.5 };
    };
    states.set(
      segmentStates((placement) => placeOf(placement)?.isHeard === true),
      at * segments.length,
    );
    const body = turnedBody((index) => pose[index * newest + at] ?? Number.NaN, heading, placeOf);
    rotations.set(body.flat(), at * segments.length * 4);
  }
  return { rateHz, rotations, states };
}
