/**
 * What the network is shown: of six sensors the rotation beside the heading of one of them, beside its whole rotation, and what the first was like over the last
 * seconds; the acceleration, and how long each has been silent. The twin of train/features.py; golden.json proves them equal.
 */

import { placements, quaternionAt } from "../signal/body.ts";
import { conjugate, headingOf, multiply, noTurn, type Quaternion, rotate, toSixD, unit, type Vector } from "../signal/quaternion.ts";

export const rateHz = 30;
/** Frames that a window shows, and those of them that are told. */
export const frames = 60;
export const newest = 6;
/** Of each sensor: six numbers of its rotation, three of its acceleration, whether it is heard, how long it has been silent, its rotation beside the guide, its mean. */
export const eachSensor = 23;
export const channels = eachSensor * placements.length;
/** Of each sensor in a frame that is told: whether it is heard, and where it is or was last (w x y z; noughts of one that was never heard). */
export const asideSensor = 5;
/** Of each frame that is told: the guide's heading (w and y), then the sensors. */
export const asideEach = 2 + asideSensor * placements.length;

/** Silent for so many frames, a sensor counts as silent for good (5 s). */
const longestSilence = 150;
/** Frames after which a mean forgets as fast as it learns (3 s); before them it is a plain one. */
const meanFrames = 90;
/** g → m/s², and the acceleration that is shown as 1. */
const [gravity, most] = [9.80665, 30];
/** Of a frame in which a sensor was not heard yet. */
const never = 1;
const nowhere = [0, 0, 0, 0, 0] as const;

/** What was heard last of a sensor: its rotation, turned since with whom it is seen beside, and how many frames ago. */
interface Heard {
  readonly rotation: Quaternion;
  readonly ago: number;
}

/** Of a sensor's rotation beside the heading, over the frames in which it was heard. */
interface Mean {
  readonly six: readonly number[];
  readonly frames: number;
}

export interface MotionMemory {
  /** Beginning of the next window, µs. */
  fromUs: number | undefined;
  /** By placement, before that. */
  heard: (Heard | undefined)[];
  /** By placement, before that; none of what was kept before means were. */
  means?: (Mean | undefined)[];
}

interface Frame {
  readonly rotation: Quaternion | undefined;
  /** In the world, without gravity, m/s². */
  readonly pushed: Vector;
}

interface Shown {
  readonly fromUs: number;
  /** Of each placement w x y z of the turn from its sensor to the world, then what its accelerometer feels along its own axes in g (at rest 1 upwards). */
  readonly placements: Readonly<Record<string, readonly Float32Array[]>>;
}

/** `x` [138 × 60] for the network and `aside` [6 × 32] for who reads its answer. Finite whatever is shown. */
export function motionFeatures({ fromUs, placements: rows }: Shown, memory: MotionMemory): { x: Float32Array; aside: Float32Array } {
  const x = new Float32Array(channels * frames);
  const aside = new Float32Array(newest * asideEach);
  const tracks = placements.map((name) => rows[name] ?? []);
  const frameUs = 1e6 / rateHz;
  let heard = caughtUp(memory, fromUs, frameUs);
  let means = heard.map((last, i) => (last === undefined ? undefined : memory.means?.[i]));
  const guide = guideOf(tracks, heard);
  for (let at = 0; at < frames; at++) {
    const now = tracks.map((track) => frameOf(track, at));
    heard = moved(heard, now, guide);
    const guideTurn = heard[guide]?.rotation ?? noTurn;
    const heading = headingOf(guideTurn);
    means = means.map((mean, i) => followed(mean, now[i]?.rotation, heading));
    for (const [sensor, frame] of now.entries())
      show(x, { sensor, at, heading, guideTurn, heard: heard[sensor], mean: means[sensor], frame });
    const told = at - (frames - newest);
    if (told >= 0)
      aside.set(
        [
          heading[0],
          heading[2],
          ...heard.flatMap((last) => (last === undefined ? nowhere : [last.ago === 0 ? 1 : 0, ...upright(last.rotation)])),
        ],
        told * asideEach,
      );
    if (at === newest - 1) {
      memory.fromUs = fromUs + newest * frameUs;
      memory.heard = heard;
      memory.means = means;
    }
  }
  return { x, aside };
}

/** What was heard before the window. After a leap of more than the longest silence nothing is held. */
function caughtUp({ fromUs, heard }: MotionMemory, nowUs: number, frameUs: number): (Heard | undefined)[] {
  const later = fromUs === undefined ? 0 : Math.round((nowUs - fromUs) / frameUs);
  if (later < 0 || later > longestSilence) return placements.map(() => undefined);
  return placements.map((_, i) => {
    const last = heard[i];
    return last === undefined ? undefined : { ...last, ago: Math.min(longestSilence, last.ago + later) };
  });
}

/** Whose heading the others are seen beside: the first in the order that is heard in the newest frames, else in the window, else before it. */
function guideOf(tracks: readonly (readonly Float32Array[])[], heard: readonly (Heard | undefined)[]): number {
  const isHeard = (from: number) => (track: readonly Float32Array[]) => {
    for (let at = frames - 1; at >= from; at--) if (frameOf(track, at).rotation !== undefined) return true;
    return false;
  };
  const [near, ever] = [tracks.findIndex(isHeard(frames - newest)), tracks.findIndex(isHeard(0))];
  if (near >= 0) return near;
  return Math.max(0, ever >= 0 ? ever : heard.findIndex((last) => last !== undefined));
}

/** One frame on: who is silent turns with the guide's heading. */
function moved(heard: readonly (Heard | undefined)[], now: readonly Frame[], guide: number): (Heard | undefined)[] {
  const [before, after] = [heard[guide]?.rotation, now[guide]?.rotation];
  const turn = before === undefined || after === undefined ? noTurn : multiply(headingOf(after), conjugate(headingOf(before)));
  return now.map(({ rotation }, i) => {
    if (rotation !== undefined) return { rotation, ago: 0 };
    const last = heard[i];
    return last === undefined ? undefined : { rotation: multiply(turn, last.rotation), ago: Math.min(longestSilence, last.ago + 1) };
  });
}

function followed(mean: Mean | undefined, rotation: Quaternion | undefined, heading: Quaternion): Mean | undefined {
  if (rotation === undefined) return mean;
  const six = toSixD(multiply(conjugate(heading), rotation));
  const count = Math.min(meanFrames, (mean?.frames ?? 0) + 1);
  return { frames: count, six: six.map((value, i) => (mean?.six[i] ?? 0) + (value - (mean?.six[i] ?? 0)) / count) };
}

interface ShownSensor {
  readonly sensor: number;
  readonly at: number;
  readonly heading: Quaternion;
  /** Of the guide, its heading included. */
  readonly guideTurn: Quaternion;
  readonly heard: Heard | undefined;
  readonly mean: Mean | undefined;
  readonly frame: Frame;
}

function show(x: Float32Array, { sensor, at, heading, guideTurn, heard, mean, frame: { rotation, pushed } }: ShownSensor): void {
  const put = (row: number, values: readonly number[]) => {
    for (let i = 0; i < values.length; i++) x[(sensor * eachSensor + row + i) * frames + at] = values[i] ?? 0;
  };
  put(10, [heard === undefined ? never : heard.ago / longestSilence]);
  if (heard === undefined) return;
  const back = conjugate(heading);
  put(0, toSixD(multiply(back, heard.rotation)));
  put(11, toSixD(multiply(conjugate(guideTurn), heard.rotation)));
  if (mean !== undefined) put(17, mean.six);
  if (rotation === undefined) return;
  put(
    6,
    rotate(back, pushed).map((value) => Math.max(-1, Math.min(1, value / most))),
  );
  put(9, [1]);
}

/** Of the two signs of a rotation the one with w ≥ 0. */
function upright([w, x, y, z]: Quaternion): Quaternion {
  return w < 0 ? [-w, -x, -y, -z] : [w, x, y, z];
}

/** A rotation that is none, as of a sensor that sends noughts, is not heard; an acceleration that is not there is none. */
function frameOf(track: readonly Float32Array[], at: number): Frame {
  const value = (channel: number) => track[channel]?.[at] ?? Number.NaN;
  const rotation = unit(quaternionAt([value(0), value(1), value(2), value(3)], 0));
  const felt: Vector = [value(4), value(5), value(6)];
  if (rotation === undefined || !felt.every(Number.isFinite)) return { rotation, pushed: [0, 0, 0] };
  const [x, y, z] = rotate(rotation, felt);
  return { rotation, pushed: [x * gravity, (y - 1) * gravity, z * gravity] };
}
