/**
 * A body from what the network says and where the sensors are. A silent sensor, the spine, the neck and the feet are turned from where a sensor is or was last;
 * elbows and knees bend about one axis, so that an upper arm and a thigh are told by an angle. The twin of `rotations` in train/net.py. Pure.
 */

import { type MotionPlacement, placements, segments } from "../signal/body.ts";
import { aboutAxis, conjugate, fromSixD, multiply, noTurn, type Quaternion, rotate, type Vector } from "../signal/quaternion.ts";

type Segment = (typeof segments)[number];

/** Of each twelve numbers the segment, and the placement from which it is turned. */
const besides: readonly (readonly [Segment, MotionPlacement])[] = [
  ...placements.map((placement) => [placement, placement] as const),
  ...([
    ["spine", "pelvis"],
    ["chest", "pelvis"],
    ["neck", "head"],
    ["left-foot", "left-shank"],
    ["right-foot", "right-shank"],
  ] as const),
];

/** Which segment bends from which above it, about which axis of both: as the skeletons of CMU have it. */
const hinges: readonly { readonly upper: Segment; readonly lower: Segment; readonly axis: Vector }[] = [
  { upper: "left-upper-arm", lower: "left-forearm", axis: [0, -Math.sqrt(0.75), 0.5] },
  { upper: "right-upper-arm", lower: "right-forearm", axis: [0, Math.sqrt(0.75), -0.5] },
  { upper: "left-thigh", lower: "left-shank", axis: [1, 0, 0] },
  { upper: "right-thigh", lower: "right-shank", axis: [1, 0, 0] },
];

const eachBeside = 12;
/** Numbers that the network gives of a frame: two turns of six numbers each (from the sensor, beside the heading), cosine and sine of each hinge. */
export const values = eachBeside * besides.length + 2 * hinges.length;

/** Where a sensor is, or was last, in the world; and whether it is heard. */
export interface Place {
  readonly rotation: Quaternion;
  readonly isHeard: boolean;
}

/** Global rotations in the order of the segments. `value(i)` is number i of the frame; a sensor that was never heard has no place. */
export function turnedBody(
  value: (index: number) => number,
  heading: Quaternion,
  placeOf: (placement: MotionPlacement) => Place | undefined,
): readonly Quaternion[] {
  const body = new Map<Segment, Quaternion>();
  for (const [i, [segment, placement]] of besides.entries()) {
    const place = placeOf(placement);
    const isSensor = segment === placement;
    if (isSensor && place?.isHeard === true) {
      body.set(segment, place.rotation);
      continue;
    }
    const vector = (from: number): Vector => [0, 1, 2].map((axis) => value(i * eachBeside + from + axis)) as unknown as Vector;
    const frame = isSensor ? place?.rotation : body.get(placement);
    const column = (which: 0 | 1): readonly number[] => {
      const [x, y, z] = rotate(heading, vector(6 + 3 * which));
      const [a, b, c] = frame === undefined ? [0, 0, 0] : rotate(frame, vector(3 * which));
      return [x + a, y + b, z + c];
    };
    body.set(segment, fromSixD([...column(0), ...column(1)]));
  }
  for (const [i, { upper, lower, axis }] of hinges.entries()) {
    const from = eachBeside * besides.length + 2 * i;
    const bent = aboutAxis(axis, Math.atan2(value(from + 1), value(from)));
    body.set(upper, multiply(body.get(lower) ?? noTurn, conjugate(bent)));
  }
  return segments.map((segment) => body.get(segment) ?? noTurn);
}
