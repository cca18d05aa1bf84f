/** A stretch of a body's motion, as models and sensors tell it. The segments, their order and their lengths stand in `models/signal/body.ts`. */

export const segmentCount = 15;

/** How a segment's rotation is known. What is completed was inferred while the sensor of its limb was silent. */
export const SegmentState = { unknown: 0, measured: 1, completed: 2 } as const;

export interface Pose {
  readonly rateHz: number;
  /** Frame by frame, segment by segment: w x y z from the segment to the world. Right-handed, y up; all at rest in a T-pose that faces +z, +x to its left. */
  readonly rotations: Float32Array;
  /** Frame by frame, segment by segment, a `SegmentState`. A rotation that is unknown means nothing. */
  readonly states: Uint8Array;
}

export function framesOf({ states }: Pick<Pose, "states">): number {
  return states.length / segmentCount;
}
