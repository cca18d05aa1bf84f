/**
 * The body that motion is told of: 15 segments with rotations that are none in a T-pose (standing, arms out, palms down), y up, facing z, x to the wearer's left.
 * Fingers, toes and face are none of it (models.md §1.12).
 */

import { SegmentState } from "../../device-drivers/contract/pose.ts";
import { type Quaternion, rotate, type Vector } from "./quaternion.ts";

export const segments = [
  ...(["pelvis", "spine", "chest", "neck", "head", "left-upper-arm", "right-upper-arm", "left-forearm", "right-forearm"] as const),
  ...(["left-thigh", "right-thigh", "left-shank", "right-shank", "left-foot", "right-foot"] as const),
] as const;
type Segment = (typeof segments)[number];

/** Index of the segment that each hangs from; −1 of the pelvis. Parents come before their children. */
export const parents = [-1, 0, 1, 2, 3, 2, 2, 5, 6, 0, 0, 9, 10, 11, 12] as const;

/** Where a sensor is worn: on the segment of its name. */
export const placements = ["pelvis", "head", "left-forearm", "right-forearm", "left-shank", "right-shank"] as const;
export type MotionPlacement = (typeof placements)[number];

/** The placement that tells most of each segment: while it is silent the segment is completed. */
export const sensorOf: Readonly<Record<Segment, MotionPlacement>> = {
  ...({ pelvis: "pelvis", spine: "pelvis", chest: "pelvis", neck: "head", head: "head" } as const),
  ...({ "left-upper-arm": "left-forearm", "left-forearm": "left-forearm" } as const),
  ...({ "right-upper-arm": "right-forearm", "right-forearm": "right-forearm" } as const),
  ...({ "left-thigh": "left-shank", "left-shank": "left-shank", "left-foot": "left-shank" } as const),
  ...({ "right-thigh": "right-shank", "right-shank": "right-shank", "right-foot": "right-shank" } as const),
};

/** Joint at which each segment begins, in the frame of its parent, m, of somebody of about 1.75 m. Bone lengths are those of a CMU skeleton, both sides made alike. */
export const meanOffsetsM: readonly Vector[] = [
  [0, 0, 0],
  [0, 0.116, -0.008],
  [0, 0.117, -0.003],
  [0, 0.088, 0.008],
  [0, 0.088, -0.006],
  [0.198, 0.047, -0.014],
  [-0.198, 0.047, -0.014],
  [0.28, 0, 0],
  [-0.28, 0, 0],
  [0.092, -0.102, 0.035],
  [-0.092, -0.102, 0.035],
  [0, -0.428, 0],
  [0, -0.428, 0],
  [0, -0.409, 0],
  [0, -0.409, 0],
];

/** Tip of each segment in its own frame, m, for those that nothing hangs from: crown, wrists, toes. Of the others the joint of the next. */
export const endsM: readonly Vector[] = [
  [0, 0.116, -0.008],
  [0, 0.117, -0.003],
  [0, 0.088, 0.008],
  [0, 0.088, -0.006],
  [0, 0.18, 0.02],
  [0.28, 0, 0],
  [-0.28, 0, 0],
  [0.2, 0, 0],
  [-0.2, 0, 0],
  [0, -0.428, 0],
  [0, -0.428, 0],
  [0, -0.409, 0],
  [0, -0.409, 0],
  [0, -0.05, 0.16],
  [0, -0.05, 0.16],
];

/** Fewer sensors than this say of no segment but their own how it lies. */
const leastHeard = 3;

/**
 * State of every segment, by which placements are heard: with three or more every segment is told, completed where its sensor is silent; with fewer only those
 * that bear a sensor which is heard.
 */
export function segmentStates(isHeard: (placement: MotionPlacement) => boolean): Uint8Array {
  const isTold = placements.filter(isHeard).length >= leastHeard;
  return Uint8Array.from(segments, (segment) => {
    const sensor = sensorOf[segment];
    if (isHeard(sensor) && (isTold || sensor === segment)) return SegmentState.measured;
    return isTold ? SegmentState.completed : SegmentState.unknown;
  });
}

/** The quaternion number `index` of a row of them. */
export function quaternionAt(row: ArrayLike<number>, index: number): Quaternion {
  const at = 4 * index;
  return [row[at] ?? Number.NaN, row[at + 1] ?? Number.NaN, row[at + 2] ?? Number.NaN, row[at + 3] ?? Number.NaN];
}

/** Where each segment begins, m from the first joint of the pelvis in the world; `rotations` = 15 global quaternions, the first at `from`. */
export function jointPositions(rotations: ArrayLike<number>, offsetsM: readonly Vector[] = meanOffsetsM, from = 0): Vector[] {
  const out: Vector[] = [];
  for (const [segment, parent] of parents.entries()) {
    const [x, y, z] = out[parent] ?? [0, 0, 0];
    if (parent < 0) out.push([0, 0, 0]);
    else {
      const [a, b, c] = rotate(quaternionAt(rotations, from + parent), offsetsM[segment] ?? [0, 0, 0]);
      out.push([x + a, y + b, z + c]);
    }
  }
  return out;
}
