/** Motion sensors on a recorded body: orientation, acceleration and rate of turn of one segment, as a pure function of the sample's index. */

import type { BodyClip } from "../../gateway/recordings/body-clip.ts";
import { type BodySegment, motionChannels, rateOfTurn, segmentMotion, sensedAcceleration } from "../../gateway/recordings/body-sensor.ts";
import { endsM, segments } from "../../models/signal/body.ts";
import { aboutAxis, fromRotationVector, multiply, type Quaternion, type Vector } from "../../models/signal/quaternion.ts";
import { normalAt, uniformAt } from "./noise.ts";
import { noValue, type SignalSource } from "./signal-source.ts";

/** What can be wrong with a worn motion sensor; set while it runs. */
export interface MotionFaults {
  /** Its heading turns away by so much, as without a magnetometer: degrees a minute, since this second of its own time. */
  driftDegPerMin: number;
  driftSinceS: number;
  /** Iron nearby turns its heading by so much, degrees. */
  magneticDeg: number;
  /** It has slipped round its limb by so much, degrees. */
  slipDeg: number;
  /** It was put on another limb than its descriptor says. */
  wornOn: BodySegment | undefined;
}

interface BodyImuOptions {
  /** What its descriptor says. */
  readonly placement: BodySegment;
  /** Where it really is; where the descriptor says unless told. */
  readonly wornOn?: BodySegment;
  readonly seed: number;
  readonly rateHz?: number;
  /** How it sits on its segment: turned by a random rotation of so many degrees. */
  readonly mountDeg?: number;
  /** Its own idea of where "forwards" is, degrees about the vertical. */
  readonly headingDeg?: number;
  readonly faults?: Readonly<MotionFaults>;
}

export function noMotionFaults(): MotionFaults {
  return { driftDegPerMin: 0, driftSinceS: 0, magneticDeg: 0, slipDeg: 0, wornOn: undefined };
}

const rad = Math.PI / 180;
/** Standard deviations: of a turn in radians, m/s², rad/s. */
const noise = { turn: 0.0015, acc: 0.05, gyro: 0.005 };
const up: Vector = [0, 1, 0];
const channels = motionChannels({ quaternion: 1 / 16_384, acc: 0.005, gyro: 0.001 });

/** The clip is played round and round: its last frame is its first, further on by what one round walks. */
export function bodyImuSource(clip: BodyClip, options: BodyImuOptions): SignalSource {
  const { placement, wornOn = placement, seed, rateHz = 60, mountDeg = 0, headingDeg = 0, faults = noMotionFaults() } = options;
  const mount = mountOf(seed, mountDeg);
  const limbs = new Map<BodySegment, ReturnType<typeof limbOf>>();
  const limb = () => {
    const worn = faults.wornOn ?? wornOn;
    const own = limbs.get(worn) ?? limbOf(clip, worn);
    limbs.set(worn, own);
    return own;
  };

  const sensorAt = (timeS: number) => {
    const { motionAt, along } = limb();
    const { turn, acceleration } = motionAt(timeS);
    return { acceleration, turn: multiply(turn, multiply(aboutAxis(along, faults.slipDeg * rad), mount)) };
  };

  const valuesAt = (index: number): readonly number[] => {
    const timeS = index / rateHz;
    const random = (at: number) => normalAt(seed + at, index);
    const sensed = sensorAt(timeS);
    const { turn } = sensed;
    const heading = headingDeg + faults.magneticDeg + (faults.driftDegPerMin * Math.max(0, timeS - faults.driftSinceS)) / 60;
    const told = multiply(
      aboutAxis(up, heading * rad),
      multiply(turn, fromRotationVector([1, 2, 3].map((at) => noise.turn * random(at)) as unknown as Vector)),
    );
    const gyro = rateOfTurn(turn, sensorAt(timeS + 1 / rateHz).turn, rateHz);
    return [
      ...told,
      ...sensedAcceleration(sensed).map((part, i) => part + noise.acc * random(4 + i)),
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

function limbOf(clip: BodyClip, worn: BodySegment) {
  const [x, y, z] = endsM[segments.indexOf(worn)] ?? up;
  const length = Math.hypot(x, y, z);
  const along: Vector = [x / length, y / length, z / length];
  return { motionAt: segmentMotion(clip, worn, { isLoop: true }), along };
}

const count16 = (value: number) => Math.max(noValue + 1, Math.min(32_767, Math.round(value)));

/** A random axis, and exactly so many degrees about it. */
function mountOf(seed: number, deg: number): Quaternion {
  const [x = 0, y = 0, z = 0] = [1, 2, 3].map((at) => 2 * uniformAt(seed, at) - 1);
  const length = Math.hypot(x, y, z) || 1;
  return aboutAxis([x / length, y / length, z / length], deg * rad);
}
