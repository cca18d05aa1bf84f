/** A motion recording as the body of 15 segments: BVH of CMU's usual skeleton, and of the Character Creator's. Pure. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { parents, quaternionAt, segments } from "../../models/signal/body.ts";
import {
  aboutAxis,
  conjugate,
  multiply,
  noTurn,
  type Quaternion,
  rotate,
  slerp,
  unit,
  type Vector,
} from "../../models/signal/quaternion.ts";
import type { Bvh, BvhHead, BvhJoint } from "./bvh.ts";

export interface BodyClip {
  readonly rateHz: number;
  readonly frames: number;
  /** frames × 15 × 4: global, segment → world, none in a T-pose (models/signal/body.ts). */
  readonly rotations: Float32Array;
  /** frames × 3: where the first joint of the pelvis is, m. */
  readonly rootM: Float32Array;
  /** Joint at which each segment begins, in the frame of its parent, m. */
  readonly offsetsM: readonly Vector[];
}

interface Skeleton {
  /** Joint that turns each segment, in their order. */
  readonly joints: readonly string[];
  /** m in one unit of the file. */
  readonly unitM: number;
  /** Of each segment the turn from how its joint stands in a T-pose to none. */
  readonly straight: (joint: (name: string) => BvhJoint) => readonly Quaternion[];
}

const sides = (name: (side: "Left" | "Right") => string) => [name("Left"), name("Right")];

/** Legs stand apart where nothing is turned; a T-pose has them straight. One unit is 1/0.45 inch. */
const cmu: Skeleton = {
  joints: [
    ...["Hips", "Spine", "Spine1", "Neck1", "Head"],
    ...["Arm", "ForeArm", "UpLeg", "Leg", "Foot"].flatMap((part) => sides((side) => `${side}${part}`)),
  ],
  unitM: 0.0254 / 0.45,
  straight(joint) {
    const splay = ["LeftLeg", "RightLeg"].map((name) => {
      const [x, y] = joint(name).offset;
      return aboutAxis([0, 0, 1], Math.atan2(x, -y));
    });
    return segments.map((_, i) => (i < 9 ? noTurn : (splay[(i - 9) % 2] ?? noTurn)));
  },
};

/** Bones of Character Creator stand each in a frame of its own; the turns were found by laying a trial that is there in both forms (02_01) over itself. cm. */
const characterCreator: Skeleton = {
  joints: [
    ...["Hip", "Spine01", "Spine02", "NeckTwist02", "Head", "L_Upperarm", "R_Upperarm", "L_Forearm", "R_Forearm"],
    ...["L_Thigh", "R_Thigh", "L_Calf", "R_Calf", "L_Foot", "R_Foot"],
  ].map((name) => `CC_Base_${name}`),
  unitM: 0.01,
  straight: () => [
    [0.999, 0.038, 0.005, -0.004],
    [1, 0.025, 0.005, 0.009],
    [0.997, 0.082, 0.005, 0.011],
    [0.997, -0.07, 0.014, 0.017],
    [1, 0.013, 0.014, 0.019],
    [0.667, 0.001, 0.02, 0.744],
    [0.664, 0.009, -0.031, -0.747],
    [0.7, 0.003, 0.025, 0.714],
    [0.7, 0.017, -0.029, -0.713],
    [0.041, 0.03, -0.023, -0.998],
    [0.032, 0.015, 0.031, 0.999],
    [0.005, 0.032, 0.044, -0.998],
    [0.008, 0.013, -0.034, 0.999],
    [0.028, 0.019, 0.747, 0.664],
    [0.03, 0.045, -0.727, -0.684],
  ],
};

const skeletons: readonly Skeleton[] = [cmu, characterCreator];

/** Room for as many frames as the head promises, filled frame by frame. Throws `recording.skeleton` where the joints of no known skeleton are there. */
export function clipRoom({ joints, frameTimeS, frameCount }: BvhHead): { add(frame: Float64Array): void; readonly clip: BodyClip } {
  const skeleton = skeletons.find(({ joints: names }) => names.every((name) => joints.some((joint) => joint.name === name)));
  if (skeleton === undefined)
    throw new GatewayError("recording.skeleton", "operator", "This BVH has the joints of no skeleton that is known.");
  const indexOf = (name: string) => joints.findIndex((joint) => joint.name === name);
  const chosen = skeleton.joints.map(indexOf);
  const straight = skeleton.straight((name) => joints[indexOf(name)] as BvhJoint).map((turn) => unit(turn) ?? noTurn);
  const rotations = new Float32Array(frameCount * segments.length * 4);
  const rootM = new Float32Array(frameCount * 3);
  const offsetsM = segments.map((_, i) => {
    const from = chosen[parents[i] ?? -1];
    if (from === undefined) return [0, 0, 0] as const;
    const [x, y, z] = rotate(conjugate(straight[parents[i] ?? 0] ?? noTurn), between(joints, chosen[i] ?? 0, from));
    return [x * skeleton.unitM, y * skeleton.unitM, z * skeleton.unitM] as const;
  });
  let at = 0;
  return {
    clip: { rateHz: 1 / frameTimeS, frames: frameCount, rotations, rootM, offsetsM },
    add(frame) {
      const { turned, root } = globalRotations(joints, frame);
      for (const [i, joint] of chosen.entries())
        rotations.set(multiply(turned[joint] ?? noTurn, straight[i] ?? noTurn), (at * segments.length + i) * 4);
      rootM.set(
        root.map((value) => value * skeleton.unitM),
        at * 3,
      );
      at++;
    },
  };
}

/** Throws `recording.skeleton` where the joints of no known skeleton are there. */
export function bodyClip(bvh: Bvh): BodyClip {
  const room = clipRoom({ ...bvh, frameCount: bvh.frames.length });
  for (const frame of bvh.frames) room.add(frame);
  return room.clip;
}

/** At another rate: between two frames each turn is cut evenly. */
export function atRate(clip: BodyClip, rateHz: number): BodyClip {
  const step = clip.rateHz / rateHz;
  const frames = clip.frames < 2 ? clip.frames : Math.floor((clip.frames - 1) / step + 1e-3) + 1;
  const rotations = new Float32Array(frames * segments.length * 4);
  const rootM = new Float32Array(frames * 3);
  for (let at = 0; at < frames; at++) {
    const place = Math.min(at * step, clip.frames - 1);
    const low = Math.min(Math.floor(place + 1e-6), Math.max(0, clip.frames - 2));
    const share = clip.frames < 2 ? 0 : place - low;
    for (let i = 0; i < segments.length; i++) {
      const [a, b] = [
        quaternionAt(clip.rotations, low * segments.length + i),
        quaternionAt(clip.rotations, (low + 1) * segments.length + i),
      ];
      rotations.set(clip.frames < 2 ? a : slerp(a, b, share), (at * segments.length + i) * 4);
    }
    for (let axis = 0; axis < 3; axis++) {
      const [a = 0, b = a] = [clip.rootM[low * 3 + axis], clip.rootM[(low + 1) * 3 + axis]];
      rootM[at * 3 + axis] = a + share * (b - a);
    }
  }
  return { rateHz, frames, rotations, rootM, offsetsM: clip.offsetsM };
}

function globalRotations(joints: readonly BvhJoint[], frame: Float64Array): { turned: Quaternion[]; root: number[] } {
  const turned: Quaternion[] = [];
  const root = [0, 0, 0];
  let at = 0;
  for (const [index, { parent, channels }] of joints.entries()) {
    let own: Quaternion = turned[parent] ?? noTurn;
    for (const channel of channels) {
      const value = frame[at++] ?? 0;
      const axis = "XYZ".indexOf(channel.charAt(0));
      if (channel.endsWith("rotation")) own = multiply(own, aboutAxis(unitAxes[axis] ?? [1, 0, 0], (value * Math.PI) / 180));
      else if (index === 0) root[axis] = value;
    }
    turned.push(own);
  }
  return { turned, root };
}

const unitAxes: readonly Vector[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

/** What lies between two joints while nothing between them is turned. */
function between(joints: readonly BvhJoint[], joint: number, ancestor: number): Vector {
  let sum: Vector = [0, 0, 0];
  for (let at = joint; at >= 0 && at !== ancestor; at = joints[at]?.parent ?? -1) {
    const [x, y, z] = joints[at]?.offset ?? [0, 0, 0];
    sum = [sum[0] + x, sum[1] + y, sum[2] + z];
  }
  return sum;
}
