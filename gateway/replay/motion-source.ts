/** A recorded body as a source: each placement bears a motion sensor of its own, without a fault, that measures orientation, acceleration and rate of turn. */

import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { placements as everyPlacement, type MotionPlacement } from "../../models/signal/body.ts";
import type { BodyClip } from "../recordings/body-clip.ts";
import { motionChannels, rateOfTurn, segmentMotion, sensedAcceleration } from "../recordings/body-sensor.ts";
import { baseWallUs } from "../recordings/header.ts";
import { encodeRecorded, recordingDriver } from "./recording-driver.ts";
import type { ReplaySource, ReplaySpan } from "./source.ts";

export interface MotionOptions extends ReplaySpan {
  /** Which sensors are worn; all six unless told. */
  readonly placements?: readonly MotionPlacement[];
}

const rateHz = 60;
const stepS = 0.25;
/** So fine that what a sensor of today rounds away is kept. */
const channels = motionChannels({ quaternion: 2 ** -30, acc: 1e-6, gyro: 1e-6 });
/** Of each value as such a sensor would send it. */
const bits = 16;

/** Of placements with commas between them, all six of no list. Throws `use.sensors` (operator). */
export function placementsOf(list?: string): readonly MotionPlacement[] {
  if (list === undefined) return everyPlacement;
  const names = list.split(",").map((name) => name.trim());
  const worn = everyPlacement.filter((placement) => names.includes(placement));
  if (worn.length === names.length) return worn;
  throw new GatewayError("use.sensors", "operator", `--sensors ${list}: there are ${everyPlacement.join(", ")}, each once.`);
}

/** Throws `recording.no_samples` (operator) where the body stands in no frame of it. */
export function motionSource(name: string, clip: BodyClip, options: MotionOptions = {}): ReplaySource {
  if (clip.frames === 0) throw new GatewayError("recording.no_samples", "operator", `${name}: there is no frame in it.`);
  const { placements = everyPlacement } = options;
  const lengthS = Math.round((1000 * clip.frames) / clip.rateHz) / 1000;
  const toS = Math.min(lengthS, options.toS ?? lengthS);
  const span = { fromS: Math.min(toS, options.fromS ?? 0), toS, baseUs: baseWallUs({}) };
  const streams = placements.map((placement) => ({
    descriptor: { device: placement, stream: "imu", rateHz, placement, channels, sentinels: [], contact: "none" as const },
  }));
  const driver = recordingDriver(streams);
  return {
    name,
    chunks: chunksOf(clip, placements, span),
    driverOf: () => ({ driver, options: {} }),
    stated: {
      ...span,
      ...{ lengthS, rateHz },
      rawBytes: Math.ceil(((span.toS - span.fromS) * rateHz * placements.length * channels.length * bits) / 8),
    },
  };
}

/** Each sensor's samples of every quarter of a second, as they would arrive. */
function* chunksOf(
  clip: BodyClip,
  placements: readonly MotionPlacement[],
  { fromS, toS, baseUs }: { fromS: number; toS: number; baseUs: number },
): Generator<Chunk> {
  const worn = placements.map((placement) => ({ placement, motionAt: segmentMotion(clip, placement, { isLoop: false }) }));
  const end = Math.round(toS * rateHz);
  for (let from = Math.round(fromS * rateHz); from < end; from += stepS * rateHz) {
    const to = Math.min(end, from + stepS * rateHz);
    const timeUs = baseUs + Math.round((to * 1e6) / rateHz);
    const stamps = { timeUs, monotonicUs: timeUs - baseUs, wallUs: timeUs, wallQuality: "ntp" as const };
    for (const [which, { placement, motionAt }] of worn.entries()) {
      const rows = channels.map(() => new Int32Array(to - from));
      for (let i = 0; i < to - from; i++) {
        const motion = motionAt((from + i) / rateHz);
        const turns = rateOfTurn(motion.turn, motionAt((from + i + 1) / rateHz).turn, rateHz);
        for (const [at, value] of [...motion.turn, ...sensedAcceleration(motion), ...turns].entries())
          (rows[at] as Int32Array)[i] = Math.round(value / (channels[at]?.scale ?? 1));
      }
      yield { link: "recording", device: placement, channel: "imu", bytes: encodeRecorded(which, from, rows), stamps };
    }
  }
}
