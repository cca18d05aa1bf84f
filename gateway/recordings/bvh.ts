/** Reads BVH, the text form of motion recordings: a skeleton and, for each frame, the numbers of its joints' channels. Pure. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Vector } from "../../models/signal/quaternion.ts";

const axes = ["Xposition", "Yposition", "Zposition", "Xrotation", "Yrotation", "Zrotation"] as const;
type BvhChannel = (typeof axes)[number];

export interface BvhJoint {
  readonly name: string;
  /** Index; −1 of the root. */
  readonly parent: number;
  /** From the parent, in its frame, in the file's unit. */
  readonly offset: Vector;
  /** In the file's order; a joint turns by the first of its rotations last. */
  readonly channels: readonly BvhChannel[];
}

export interface Bvh {
  /** Parents before children. */
  readonly joints: readonly BvhJoint[];
  readonly frameTimeS: number;
  /** Of each frame the channels of all joints in their order, degrees and the file's unit. */
  readonly frames: readonly Float64Array[];
}

/** More joints or frames than any recording of a body has. */
const [mostJoints, mostFrames] = [512, 2_000_000];

/** Throws `recording.bvh` with the number of the line that could not be read. */
export function readBvh(text: string): Bvh {
  const lines = text.split(/\r?\n/);
  const { joints, next } = hierarchy(lines);
  const count = numberBehind(lines, next + 1, /^\s*Frames:\s*(\d+)\s*$/);
  const frameTimeS = numberBehind(lines, next + 2, /^\s*Frame Time:\s*(\S+)\s*$/);
  if (!(frameTimeS > 0 && frameTimeS <= 10)) throw unreadable(next + 2, "no time of a frame");
  if (count > mostFrames) throw unreadable(next + 1, `more than ${mostFrames} frames`);
  const width = joints.reduce((sum, { channels }) => sum + channels.length, 0);
  const frames: Float64Array[] = [];
  for (let i = next + 3; i < lines.length && frames.length < count; i++) {
    const words = (lines[i] ?? "").trim();
    if (words === "") continue;
    const frame = Float64Array.from(words.split(/\s+/), Number);
    if (frame.length !== width || frame.some((value) => !Number.isFinite(value))) throw unreadable(i, `not ${width} numbers`);
    frames.push(frame);
  }
  if (frames.length < count) throw unreadable(lines.length - 1, `${frames.length} of ${count} frames`);
  return { joints, frameTimeS, frames };
}

/** `next` = the line of MOTION. */
function hierarchy(lines: readonly string[]): { joints: BvhJoint[]; next: number } {
  const joints: { name: string; parent: number; offset: Vector; channels: readonly BvhChannel[] }[] = [];
  /** Open braces: a joint's index, or undefined of an end site. */
  const open: (number | undefined)[] = [];
  let named: number | undefined;
  for (const [i, line] of lines.entries()) {
    const [word = "", ...rest] = line.trim().split(/\s+/);
    const inside = open.at(-1);
    if (word === "MOTION") {
      if (open.length > 0 || joints.length === 0) throw unreadable(i, "a skeleton that does not end");
      return { joints, next: i };
    }
    if (word === "ROOT" || word === "JOINT") {
      if ((word === "ROOT") !== (joints.length === 0) || joints.length >= mostJoints)
        throw unreadable(i, "a second root, or too many joints");
      named = joints.push({ name: rest.join(" "), parent: inside ?? -1, offset: [0, 0, 0], channels: [] }) - 1;
    } else if (word === "End") named = undefined;
    else if (word === "{") open.push(named);
    else if (word === "}") {
      if (open.length === 0) throw unreadable(i, "a brace too many");
      open.pop();
    } else if (inside !== undefined) {
      const joint = joints[inside];
      if (joint !== undefined && word === "OFFSET") joint.offset = offsetOf(rest, i);
      if (joint !== undefined && word === "CHANNELS") joint.channels = channelsOf(rest, i);
    }
  }
  throw unreadable(lines.length - 1, "no MOTION");
}

function offsetOf(words: readonly string[], line: number): Vector {
  const [x = Number.NaN, y = Number.NaN, z = Number.NaN] = words.map(Number);
  if (![x, y, z].every(Number.isFinite)) throw unreadable(line, "an offset without three numbers");
  return [x, y, z];
}

function channelsOf([count, ...names]: readonly string[], line: number): readonly BvhChannel[] {
  const known = names.filter((name): name is BvhChannel => (axes as readonly string[]).includes(name));
  if (known.length !== names.length || known.length !== Number(count)) throw unreadable(line, "channels that are none");
  return known;
}

function numberBehind(lines: readonly string[], line: number, pattern: RegExp): number {
  const value = Number(pattern.exec(lines[line] ?? "")?.[1] ?? Number.NaN);
  if (Number.isNaN(value)) throw unreadable(line, "no number of frames, or no time of one");
  return value;
}

function unreadable(line: number, what: string): GatewayError {
  return new GatewayError("recording.bvh", "operator", `This BVH could not be read: line ${line + 1} has ${what}.`);
}
