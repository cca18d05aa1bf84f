/** What readers of the live stream are told of a body. Pure. */

import { framesOf, segmentCount } from "../../device-drivers/contract/pose.ts";
import type { Body } from "../facts/body.ts";
import type { LivePose } from "./view-port.ts";

/** Rotations are rounded to 0.0001, a hundredth of a degree. */
export function poseMessage(person: string, { about, model, timeUs, pose }: Body): LivePose {
  const { rateHz, rotations, states } = pose;
  const frames = framesOf(pose);
  return {
    ...{ kind: "pose", person, devices: [...new Set(about.map(({ device }) => device))], model: model ?? null },
    ...{ startUs: timeUs - Math.round((frames * 1e6) / rateHz), rateHz },
    rotations: Array.from(rotations, (part) => Math.round(part * 10_000) / 10_000),
    states: Array.from({ length: frames }, (_, i) => [...states.subarray(i * segmentCount, (i + 1) * segmentCount)].join("")),
  };
}
