/** What a motion sensor on one segment of a recorded body measures, without any fault of its own: orientation, acceleration and rate of turn. Pure. */

import type { Channel } from "../../device-drivers/contract/sample-block.ts";
import { endsM, jointPositions, quaternionAt, segments } from "../../models/signal/body.ts";
import { conjugate, multiply, type Quaternion, rotate, slerp, type Vector } from "../../models/signal/quaternion.ts";
import type { BodyClip } from "./body-clip.ts";

export type BodySegment = (typeof segments)[number];

interface SegmentMotion {
  /** Segment → world. */
  readonly turn: Quaternion;
  /** World, without gravity, m/s². */
  readonly acceleration: Vector;
}

const gravityMps2 = 9.80665;
const up: Vector = [0, 1, 0];

/** Of the middle of one segment. In a loop the clip's last frame is its first, further on by what one round walks; once through, nothing moves on before and behind it. */
export function segmentMotion(
  clip: BodyClip,
  name: BodySegment,
  { isLoop }: { readonly isLoop: boolean },
): (timeS: number) => SegmentMotion {
  const { rateHz, rotations, rootM, offsetsM } = clip;
  const segment = segments.indexOf(name);
  const last = clip.frames - 1;
  const [mx, my, mz] = endsM[segment] ?? up;
  const turnAt = (frame: number) => quaternionAt(rotations, frame * segments.length + segment);
  const places = new Float64Array(clip.frames * 3);
  for (let frame = 0; frame < clip.frames; frame++) {
    const [x, y, z] = jointPositions(rotations, offsetsM, frame * segments.length)[segment] ?? [0, 0, 0];
    const [ex, ey, ez] = rotate(turnAt(frame), [mx / 2, my / 2, mz / 2]);
    const root = (axis: number) => rootM[frame * 3 + axis] ?? 0;
    places.set([root(0) + x + ex, root(1) + y + ey, root(2) + z + ez], frame * 3);
  }
  const placeAt = (frame: number, axis: number) => {
    const rounds = isLoop ? Math.floor(frame / last) : 0;
    const further = rounds === 0 ? 0 : rounds * ((places[last * 3 + axis] ?? 0) - (places[axis] ?? 0));
    return (places[(frame - rounds * last) * 3 + axis] ?? 0) + further;
  };
  /** Second differences over this many frames, so that a tremble of the recording does not become a blow. */
  const span = Math.max(1, Math.round(rateHz / 30));
  const accelerationAt = (frame: number, axis: number) => {
    if (!isLoop && last < 2 * span) return 0;
    const at = isLoop ? frame : Math.max(span, Math.min(last - span, frame));
    return (placeAt(at + span, axis) + placeAt(at - span, axis) - 2 * placeAt(at, axis)) * (rateHz / span) ** 2;
  };
  return (timeS) => {
    const place = isLoop ? (timeS * rateHz) % last : Math.max(0, Math.min(last, timeS * rateHz));
    const frame = Math.min(Math.floor(place), Math.max(0, last - 1));
    const share = place - frame;
    const between = (axis: number) => (1 - share) * accelerationAt(frame, axis) + share * accelerationAt(frame + 1, axis);
    return { turn: slerp(turnAt(frame), turnAt(Math.min(frame + 1, last)), share), acceleration: [between(0), between(1), between(2)] };
  };
}

/** Along the sensor's own axes, gravity in: +9.8 upwards at rest. m/s². */
export function sensedAcceleration({ turn, acceleration: [x, y, z] }: SegmentMotion): Vector {
  return rotate(conjugate(turn), [x, y + gravityMps2, z]);
}

/** Of the sensor's own axes, rad/s, from one sample to the next. */
export function rateOfTurn(from: Quaternion, to: Quaternion, rateHz: number): Vector {
  const [w, x, y, z] = multiply(conjugate(from), to);
  const size = Math.hypot(x, y, z);
  const rate = size < 1e-9 ? 0 : (2 * Math.atan2(size, Math.abs(w)) * rateHz * Math.sign(w)) / size;
  return [rate * x, rate * y, rate * z];
}

type MotionChannel = Omit<Channel, "range" | "mdc"> & { readonly range: readonly [number, number] };

/** The ten channels of such a sensor, in the order in which its values come; one count of each kind is so much. */
export function motionChannels(scales: {
  readonly quaternion: number;
  readonly acc: number;
  readonly gyro: number;
}): readonly MotionChannel[] {
  return [
    ...["w", "x", "y", "z"].map((part) => channelOf(`q-${part}`, { kind: "quaternion", unit: "1", scale: scales.quaternion }, 1.01)),
    ...["x", "y", "z"].map((axis) => channelOf(`acc-${axis}`, { kind: "acc", unit: "m/s2", scale: scales.acc }, 150)),
    ...["x", "y", "z"].map((axis) => channelOf(`gyro-${axis}`, { kind: "gyro", unit: "rad/s", scale: scales.gyro }, 30)),
  ];
}

function channelOf(id: string, channel: Pick<Channel, "kind" | "unit" | "scale">, limit: number): MotionChannel {
  return { id, ...channel, offset: 0, range: [-limit, limit] };
}
