/** Whether somebody whose trunk is upright sits or stands, by the thighs of their body. No sensor of the six is worn on a thigh: a network says how they lie. */

import { framesOf, type Pose, SegmentState, segmentCount } from "../../device-drivers/contract/pose.ts";

export interface Stance {
  readonly stance: "sitting" | "standing";
  /** A sensor of a leg is silent: it was completed, and nothing may be decided by it alone. */
  readonly isCompleted: boolean;
}

/** Their places among the segments (models/signal/body.ts). */
const [leftThigh, rightThigh] = [9, 10];
/** Thighs are level in a chair and hang while one stands; between lies a squat or a high stool. */
const [sitsDeg, standsDeg] = [55, 35];

/** Of the newest frame; undefined where a thigh is not known, or both differ. */
export function stanceOf({ rotations, states }: Pose): Stance | undefined {
  const frame = framesOf({ states }) - 1;
  const of = [leftThigh, rightThigh].map((segment) => {
    const at = frame * segmentCount + segment;
    const [x = 0, z = 0] = [rotations[at * 4 + 1], rotations[at * 4 + 3]];
    // The way along the segment, y, against the vertical.
    const deg = (Math.acos(Math.max(-1, Math.min(1, 1 - 2 * (x * x + z * z)))) * 180) / Math.PI;
    return { state: states[at] ?? SegmentState.unknown, deg };
  });
  if (of.some(({ state, deg }) => state === SegmentState.unknown || Number.isNaN(deg))) return undefined;
  const isCompleted = of.some(({ state }) => state === SegmentState.completed);
  if (of.every(({ deg }) => deg > sitsDeg)) return { stance: "sitting", isCompleted };
  return of.every(({ deg }) => deg < standsDeg) ? { stance: "standing", isCompleted } : undefined;
}
