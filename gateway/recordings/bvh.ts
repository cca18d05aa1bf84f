/** Reads BVH, the text form of motion recordings: a skeleton and, for each frame, the numbers of its joints' channels. Pure over text. */

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

export interface BvhHead {
  /** Parents before children. */
  readonly joints: readonly BvhJoint[];
  readonly frameTimeS: number;
  readonly frameCount: number;
}

export interface Bvh extends BvhHead {
  /** Of each frame the channels of all joints in their order, degrees and the file's unit. */
  readonly frames: readonly Float64Array[];
}

/** More joints than any skeleton has, and of frames an hour at 120 a second. */
const [mostJoints, mostFrames] = [512, 432_000];

interface BvhReader {
  /** Called for each line in turn. */
  line(text: string): void;
  /** Of all lines: throws where something is missing. */
  end(): BvhHead;
}

interface BvhListener {
  /** Once, before the first frame. */
  readonly onHead?: (head: BvhHead) => void;
  readonly onFrame: (frame: Float64Array) => void;
}

/** Reads line by line, so that no more of a file is in memory than what its frames are made into. Throws `recording.bvh` with the number of the line. */
export function createBvhReader({ onHead, onFrame }: BvhListener): BvhReader {
  const tree = createHierarchy();
  let at = -1;
  let joints: readonly BvhJoint[] | undefined;
  let frameCount: number | undefined;
  let head: BvhHead | undefined;
  let width = 0;
  let frames = 0;
  return {
    line(text) {
      at++;
      if (joints === undefined) joints = tree.line(text, at);
      else if (frameCount === undefined) {
        frameCount = numberBehind(text, at, /^\s*Frames:\s*(\d+)\s*$/);
        if (frameCount > mostFrames) throw unreadable(at, `more than ${mostFrames} frames`);
      } else if (head === undefined) {
        const frameTimeS = numberBehind(text, at, /^\s*Frame Time:\s*(\S+)\s*$/);
        if (!(frameTimeS > 0 && frameTimeS <= 10)) throw unreadable(at, "no time of a frame");
        head = { joints, frameTimeS, frameCount };
        width = joints.reduce((sum, { channels }) => sum + channels.length, 0);
        onHead?.(head);
      } else if (frames < frameCount && text.trim() !== "") {
        const frame = Float64Array.from(text.trim().split(/\s+/), Number);
        if (frame.length !== width || frame.some((value) => !Number.isFinite(value))) throw unreadable(at, `not ${width} numbers`);
        frames++;
        onFrame(frame);
      }
    },
    end() {
      if (joints === undefined) throw unreadable(at, "no MOTION");
      if (head === undefined) throw unreadable(at + 1, noNumber);
      if (frames < head.frameCount) throw unreadable(at, `${frames} of ${head.frameCount} frames`);
      return head;
    },
  };
}

/** Throws `recording.bvh` with the number of the line that could not be read. */
export function readBvh(text: string): Bvh {
  const frames: Float64Array[] = [];
  const reader = createBvhReader({ onFrame: (frame) => void frames.push(frame) });
  for (const line of text.split(/\r?\n/)) reader.line(line);
  return { ...reader.end(), frames };
}

/** The skeleton, line by line; its joints once MOTION has come. */
function createHierarchy() {
  const joints: { name: string; parent: number; offset: Vector; channels: readonly BvhChannel[] }[] = [];
  /** Open braces: a joint's index, or undefined of an end site. */
  const open: (number | undefined)[] = [];
  let named: number | undefined;
  return {
    line(text: string, i: number): readonly BvhJoint[] | undefined {
      const [word = "", ...rest] = text.trim().split(/\s+/);
      const inside = open.at(-1);
      if (word === "MOTION") {
        if (open.length > 0 || joints.length === 0) throw unreadable(i, "a skeleton that does not end");
        return joints;
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
      return undefined;
    },
  };
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

const noNumber = "no number of frames, or no time of one";

function numberBehind(text: string, line: number, pattern: RegExp): number {
  const value = Number(pattern.exec(text)?.[1] ?? Number.NaN);
  if (Number.isNaN(value)) throw unreadable(line, noNumber);
  return value;
}

function unreadable(line: number, what: string): GatewayError {
  return new GatewayError("recording.bvh", "operator", `This BVH could not be read: line ${line + 1} has ${what}.`);
}
