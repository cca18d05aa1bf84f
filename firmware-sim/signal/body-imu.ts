/** Motion sensors on a recorded body: orientation, acceleration and rate of turn of one segment, as a pure function of the sample's index. */

import type { BodyClip } from "../../gateway/recordings/body-clip.ts";
import { endsM, jointPositions, quaternionAt, segments } from "../../models/signal/body.ts";
import {
  aboutAxis,
  conjugate,
  fromRotationVector,
  multiply,
  type Quaternion,
  rotate,
  slerp,
  type Vector,
} from "../../models/signal/quaternion.ts";
import { normalAt, uniformAt } from "./noise.ts";
import { noValue, type SignalSource, type SourceChannel } from "./signal-source.ts";

type Segment = (typeof segments)[number];

/** What can be wrong with a worn motion sensor; set while it runs. */
interface MotionFaults {
  /** Its heading turns away by so much, as without a magnetometer; degrees a minute from the first sample on. */
  driftDegPerMin: number;
  /** Iron nearby turns its heading by so much, degrees. */
  magneticDeg: number;
  /** It has slipped round its limb by so much, degrees. */
  slipDeg: number;
}

interface BodyImuOptions {
  /** What its descriptor says. */
  readonly placement: Segment;
  /** Where it really is; where the descriptor says unless told. */
  readonly wornOn?: Segment;
  readonly seed: number;
  readonly rateHz?: number;
  /** How it sits on its segment: turned by a random rotation of so many degrees. */
  readonly mountDeg?: number;
  /** Its own idea of where "forwards" is, degrees about the vertical. */
  readonly headingDeg?: number;
  readonly faults?: Readonly<MotionFaults>;
}

export function noMotionFaults(): MotionFaults {
  return { driftDegPerMin: 0, magneticDeg: 0, slipDeg: 0 };
}

const gravityMps2 = 9.80665;
const rad = Math.PI / 180;
const [quaternionScale, accScale, gyroScale] = [1 / 16_384, 0.005, 0.001];
/** Standard deviations: of a turn in radians, m/s², rad/s. */
const noise = { turn: 0.0015, acc: 0.05, gyro: 0.005 };
const up: Vector = [0, 1, 0];

interface Motion {
  readonly turn: Quaternion;
  /** World, without gravity, m/s². */
  readonly acceleration: Vector;
}

/** The clip is played round and round: its last frame is its first, further on by what one round walks. */
export function bodyImuSource(clip: BodyClip, options: BodyImuOptions): SignalSource {
  const { placement, wornOn = placement, seed, rateHz = 60, mountDeg = 0, headingDeg = 0, faults = noMotionFaults() } = options;
  const motionAt = motionOf(clip, segments.indexOf(wornOn));
  const mount = mountOf(seed, mountDeg);
  const [x, y, z] = endsM[segments.indexOf(wornOn)] ?? up;
  const length = Math.hypot(x, y, z);
  const alongLimb: Vector = [x / length, y / length, z / length];

  const sensorAt = (timeS: number) => {
    const { turn, acceleration } = motionAt(timeS);
    return { acceleration, turn: multiply(turn, multiply(aboutAxis(alongLimb, faults.slipDeg * rad), mount)) };
  };

  const valuesAt = (index: number): readonly number[] => {
    const timeS = index / rateHz;
    const random = (at: number) => normalAt(seed + at, index);
    const { turn, acceleration } = sensorAt(timeS);
    const heading = headingDeg + faults.magneticDeg + (faults.driftDegPerMin * timeS) / 60;
    const told = multiply(
      aboutAxis(up, heading * rad),
      multiply(turn, fromRotationVector([1, 2, 3].map((at) => noise.turn * random(at)) as unknown as Vector)),
    );
    const acc = rotate(conjugate(turn), [acceleration[0], acceleration[1] + gravityMps2, acceleration[2]]);
    const gyro = rateOf(turn, sensorAt(timeS + 1 / rateHz).turn, rateHz);
    return [
      ...told,
      ...acc.map((part, i) => part + noise.acc * random(4 + i)),
      ...gyro.map((part, i) => part + noise.gyro * random(7 + i)),
    ];
  };

  return {
    ...{ stream: "imu", rateHz, placement, channels, contact: "none" },
    read(firstIndex, count) {
      const rows = channels.map(() => new Int16Array(count));
      for (let i = 0; i < count; i++)
        for (const [at, value] of valuesAt(firstIndex + i).entries())
          (rows[at] as Int16Array)[i] = count16(value / (channels[at]?.scale ?? 1));
      return { channels: rows };
    },
  };
}

const channels: readonly SourceChannel[] = [
  ...["w", "x", "y", "z"].map((part) => channelOf(`q-${part}`, "quaternion", "1", quaternionScale, 1.01)),
  ...["x", "y", "z"].map((axis) => channelOf(`acc-${axis}`, "acc", "m/s2", accScale, 150)),
  ...["x", "y", "z"].map((axis) => channelOf(`gyro-${axis}`, "gyro", "rad/s", gyroScale, 30)),
];

function channelOf(id: string, kind: string, unit: string, scale: number, limit: number): SourceChannel {
  return { id, kind, unit, scale, offset: 0, range: [-limit, limit] };
}

const count16 = (value: number) => Math.max(noValue + 1, Math.min(32_767, Math.round(value)));

/** A random axis, and exactly so many degrees about it. */
function mountOf(seed: number, deg: number): Quaternion {
  const [x = 0, y = 0, z = 0] = [1, 2, 3].map((at) => 2 * uniformAt(seed, at) - 1);
  const length = Math.hypot(x, y, z) || 1;
  return aboutAxis([x / length, y / length, z / length], deg * rad);
}

/** Of the sensor's own axes, rad/s. */
function rateOf(from: Quaternion, to: Quaternion, rateHz: number): Vector {
  const [w, x, y, z] = multiply(conjugate(from), to);
  const size = Math.hypot(x, y, z);
  const rate = size < 1e-9 ? 0 : (2 * Math.atan2(size, Math.abs(w)) * rateHz * Math.sign(w)) / size;
  return [rate * x, rate * y, rate * z];
}

/** Of the middle of one segment, at any time of the endless walk. */
function motionOf(clip: BodyClip, segment: number): (timeS: number) => Motion {
  const { rateHz, rotations, rootM, offsetsM } = clip;
  const round = clip.frames - 1;
  const [mx, my, mz] = endsM[segment] ?? up;
  const turnAt = (frame: number) => quaternionAt(rotations, frame * segments.length + segment);
  const places = Array.from({ length: clip.frames }, (_, frame): Vector => {
    const [x, y, z] = jointPositions(rotations, offsetsM, frame * segments.length)[segment] ?? [0, 0, 0];
    const [ex, ey, ez] = rotate(turnAt(frame), [mx / 2, my / 2, mz / 2]);
    const root = (axis: number) => rootM[frame * 3 + axis] ?? 0;
    return [root(0) + x + ex, root(1) + y + ey, root(2) + z + ez];
  });
  const further = places[round]?.map((part, axis) => part - (places[0]?.[axis] ?? 0)) ?? [0, 0, 0];
  const placeAt = (frame: number, axis: number) => {
    const rounds = Math.floor(frame / round);
    return (places[frame - rounds * round]?.[axis] ?? 0) + rounds * (further[axis] ?? 0);
  };
  /** Second differences over this many frames, so that a tremble of the recording does not become a blow. */
  const span = Math.max(1, Math.round(rateHz / 30));
  const accelerations = Array.from({ length: round }, (_, frame) =>
    [0, 1, 2].map((axis) => (placeAt(frame + span, axis) + placeAt(frame - span, axis) - 2 * placeAt(frame, axis)) * (rateHz / span) ** 2),
  );
  return (timeS) => {
    const place = (timeS * rateHz) % round;
    const frame = Math.floor(place);
    const share = place - frame;
    const between = (axis: number) =>
      (1 - share) * (accelerations[frame]?.[axis] ?? 0) + share * (accelerations[(frame + 1) % round]?.[axis] ?? 0);
    return { turn: slerp(turnAt(frame), turnAt(frame + 1), share), acceleration: [between(0), between(1), between(2)] };
  };
}
