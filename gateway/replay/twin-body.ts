/** The twin's body of a replay as a motion recording, on one grid of time. */

import { framesOf, type Pose, SegmentState, segmentCount } from "../../device-drivers/contract/pose.ts";
import type { TwinPayload } from "../semantic/payloads/index.ts";

/** Bound on what is written, in frames: a day at 30 Hz. */
const mostFrames = 2_592_000;

/**
 * From the first frame that the twin has to its last before the recording ends. Between its stretches the body stays as it was, and is told as unknown; undefined where it has none. Of
 * stretches at several rates those at the first one's.
 */
export function twinBody(payloads: readonly TwinPayload[], endUs: number): Pose | undefined {
  const poses = payloads.flatMap((payload) => (payload.kind === "pose" ? [payload] : []));
  const [first] = poses;
  if (first === undefined) return undefined;
  const { rateHz } = first.pose;
  const placed = poses.flatMap(({ startUs, pose }) => {
    const at = Math.round(((startUs - first.startUs) * rateHz) / 1e6);
    return pose.rateHz === rateHz && at >= 0 && at + framesOf(pose) <= mostFrames ? [{ at, pose }] : [];
  });
  const whole = Math.max(...placed.map(({ at, pose }) => at + framesOf(pose)));
  const frames = Math.min(whole, Math.max(0, Math.ceil(((endUs - first.startUs) * rateHz) / 1e6)));
  const states = new Uint8Array(frames * segmentCount).fill(SegmentState.unknown);
  const rotations = new Float32Array(frames * segmentCount * 4);
  let end = 0;
  for (const { at, pose } of placed) {
    if (at >= frames) continue;
    for (; end < at; end++) rotations.copyWithin(end * segmentCount * 4, (end - 1) * segmentCount * 4, end * segmentCount * 4);
    const count = Math.max(0, Math.min(framesOf(pose), frames - at)) * segmentCount;
    rotations.set(pose.rotations.subarray(0, count * 4), at * segmentCount * 4);
    states.set(pose.states.subarray(0, count), at * segmentCount);
    end = Math.max(end, at + framesOf(pose));
  }
  return { rateHz, rotations, states };
}
