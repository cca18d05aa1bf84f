/** Writes a body of 15 segments as BVH with the joint names of CMU's usual skeleton, so that other programs know them. Pure. */

import { type Pose, SegmentState, segmentCount } from "../../device-drivers/contract/pose.ts";
import { endsM, meanOffsetsM, parents, quaternionAt } from "../../models/signal/body.ts";
import { conjugate, multiply, noTurn, type Quaternion, type Vector } from "../../models/signal/quaternion.ts";

/** In the order of the segments. */
const names = [
  ...["Hips", "Spine", "Spine1", "Neck1", "Head", "LeftArm", "RightArm", "LeftForeArm", "RightForeArm"],
  ...["LeftUpLeg", "RightUpLeg", "LeftLeg", "RightLeg", "LeftFoot", "RightFoot"],
];
/** m in one unit, as in that skeleton: 1/0.45 inch. */
const unitM = 0.0254 / 0.45;
const rotationChannels = "Zrotation Yrotation Xrotation";

/** A body stays where it is: its way is not known. A segment that is unknown does not turn against what it hangs from. */
export function formatBvh({ rateHz, rotations, states }: Pose): string {
  const order: number[] = [];
  const lines = ["HIERARCHY", ...jointLines(0, 0, order), "MOTION"];
  const frames = states.length / segmentCount;
  lines.push(`Frames: ${frames}`, `Frame Time: ${(1 / rateHz).toFixed(7)}`);
  for (let frame = 0; frame < frames; frame++) {
    const turns: Quaternion[] = [];
    const local = parents.map((parent, segment) => {
      const place = frame * segmentCount + segment;
      const above = turns[parent] ?? noTurn;
      const own = states[place] === SegmentState.unknown ? above : quaternionAt(rotations, place);
      turns.push(own);
      return multiply(conjugate(above), own);
    });
    lines.push(["0 0 0", ...order.map((segment) => eulerDeg(local[segment] ?? noTurn).join(" "))].join(" "));
  }
  return `${lines.join("\n")}\n`;
}

/** Depth first, as the format wants it; `order` takes the segments in that order. */
function jointLines(segment: number, depth: number, order: number[]): string[] {
  order.push(segment);
  const indent = "  ".repeat(depth);
  const children = parents.flatMap((parent, child) => (parent === segment ? [child] : []));
  const inner =
    children.length > 0
      ? children.flatMap((child) => jointLines(child, depth + 1, order))
      : [`${indent}  End Site`, `${indent}  {`, `${indent}    ${offset(endsM[segment])}`, `${indent}  }`];
  return [
    `${indent}${segment === 0 ? "ROOT" : "JOINT"} ${names[segment]}`,
    `${indent}{`,
    `${indent}  ${offset(segment === 0 ? [0, 0, 0] : meanOffsetsM[segment])}`,
    `${indent}  CHANNELS ${segment === 0 ? `6 Xposition Yposition Zposition ${rotationChannels}` : `3 ${rotationChannels}`}`,
    ...inner,
    `${indent}}`,
  ];
}

const offset = (vector: Vector = [0, 0, 0]) => `OFFSET ${vector.map((part) => (part / unitM).toFixed(6)).join(" ")}`;

/** Turns about z, y and x, the last first. */
function eulerDeg([w, x, y, z]: Quaternion): readonly string[] {
  const aboutY = Math.asin(Math.max(-1, Math.min(1, 2 * (w * y - x * z))));
  const aboutX = Math.atan2(2 * (y * z + w * x), 1 - 2 * (x * x + y * y));
  const aboutZ = Math.atan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z));
  return [aboutZ, aboutY, aboutX].map((rad) => ((rad * 180) / Math.PI).toFixed(4));
}
