/**
 * `eval steps`: steps that the gateway counts by motion sensors on a recorded body, against those that its feet show (foot-contacts.ts). A recording is a walk
 * where the body goes forwards and the feet say so: three steps or more, left and right in turns, none more than twice as long as another. Counted from half a step before the
 * first to a quarter of a second behind the last, since a stride that a recording begins within is seen by sensors and not by contacts. One leg is held
 * against twice the steps of that leg. A trunk or an arm has to keep a rhythm of four steps before it counts: short walks are hard for it.
 */

import { toGatewayError } from "../../device-drivers/contract/error.ts";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { type MotionPlacement, placements, quaternionAt, segments } from "../../models/signal/body.ts";
import { conjugate, rotate } from "../../models/signal/quaternion.ts";
import type { BodyClip } from "../recordings/body-clip.ts";
import { createMovement } from "../stream/body/movement.ts";
import { type FootStep, footSteps } from "./foot-contacts.ts";
import { type MotionRecording, readClip } from "./pose-clips.ts";
import { type SensorTracks, sensorTracks } from "./virtual-sensors.ts";

const rateHz = 60;
/** What is worn, by the name of its figure. */
const worn = { legs: placements, one_leg: ["left-shank"], pelvis: ["pelvis"], arm: ["right-forearm"] } as const satisfies Record<
  string,
  readonly MotionPlacement[]
>;
type Worn = keyof typeof worn;

interface ClipSteps {
  readonly recording: MotionRecording;
  readonly isWalk: boolean;
  /** As the feet show them; twice those of the left foot; and as each set of sensors counts them. */
  readonly steps: number;
  readonly leftTwice: number;
  readonly counted: Readonly<Record<Worn, number>>;
  /** Steps a minute: from the first to the last as the feet show them, and as the gateway tells them with the last. */
  readonly cadence: readonly [shown: number, told: number | undefined];
}

export async function scoreSteps(recordings: readonly MotionRecording[], onProgress: (done: number, of: number, name: string) => void) {
  const clips: ClipSteps[] = [];
  const skipped: { record: string; reason: string }[] = [];
  for (const [at, recording] of recordings.entries()) {
    onProgress(at, recordings.length, recording.id);
    try {
      clips.push(scoreClip(await readClip(recording, rateHz), recording));
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (error.kind === "bug") throw error;
      skipped.push({ record: recording.id, reason: error.message });
    }
  }
  return { clips, skipped, metrics: stepFigures(clips) };
}

function scoreClip(clip: BodyClip, recording: MotionRecording): ClipSteps {
  const shown = footSteps(clip);
  const tracks = sensorTracks(clip, recording.id);
  const of = (name: Worn) => countedBy(tracks, worn[name], shown, clip.frames);
  const left = shown.filter(({ foot }) => foot === "left").length;
  const [legs, oneLeg, pelvis, arm] = [of("legs"), of("one_leg"), of("pelvis"), of("arm")];
  const spanS = (shown.at(-1)?.timeS ?? 0) - (shown[0]?.timeS ?? 0);
  return {
    ...{ recording, isWalk: isWalk(shown) && goesForwards(clip), steps: shown.length, leftTwice: 2 * left },
    counted: { legs: legs.steps, one_leg: oneLeg.steps, pelvis: pelvis.steps, arm: arm.steps },
    cadence: [((shown.length - 1) / spanS) * 60, legs.cadence],
  };
}

export function isWalk(steps: readonly FootStep[]): boolean {
  const between = steps.slice(1).map(({ timeS }, i) => timeS - (steps[i]?.timeS ?? 0));
  const isInTurns = steps.every(({ foot }, i) => foot !== steps[i - 1]?.foot);
  return steps.length >= 3 && isInTurns && Math.max(...between) <= 2 * Math.min(...between);
}

/** Within 45° of where the pelvis faces on the whole. */
function goesForwards({ frames, rootM, rotations }: BodyClip): boolean {
  const gone = [0, 2].map((axis) => (rootM[(frames - 1) * 3 + axis] ?? 0) - (rootM[axis] ?? 0)) as [number, number];
  const faced = [0, 0];
  for (let frame = 0; frame < frames; frame++) {
    const [x, , z] = rotate(quaternionAt(rotations, frame * segments.length), [0, 0, 1]);
    faced[0] = (faced[0] ?? 0) + x;
    faced[1] = (faced[1] ?? 0) + z;
  }
  const [x = 0, z = 0] = faced;
  return gone[0] * x + gone[1] * z > Math.SQRT1_2 * Math.hypot(...gone) * Math.hypot(x, z);
}

/** The recording is laid on the seconds so that the first that counts begins half a step before the first. */
function countedBy(tracks: SensorTracks, by: readonly MotionPlacement[], shown: readonly FootStep[], frames: number) {
  const [first, last] = [shown[0], shown.at(-1)];
  const movement = createMovement();
  const halfS = ((shown[1]?.timeS ?? 1) - (shown[0]?.timeS ?? 0)) / 2;
  const fromFrame = first === undefined ? 0 : Math.round((first.timeS - halfS) * rateHz);
  const toFrame = last === undefined ? frames : Math.min(frames, Math.round((last.timeS + 0.25) * rateHz));
  const zeroUs = 100e6;
  const startUs = zeroUs - Math.round((fromFrame / rateHz) * 1e6);
  for (const placement of by) movement.push(...blockOf(tracks[placement], placement, toFrame, startUs));
  const facts = movement.step(startUs + (toFrame / rateHz) * 1e6 + 1.5e6).filter(({ timeUs }) => timeUs > zeroUs);
  const cadences = facts.flatMap(({ cadencePerMin }) => (cadencePerMin === undefined ? [] : [cadencePerMin]));
  return { steps: facts.reduce((sum, { steps = 0 }) => sum + steps, 0), cadence: cadences.at(-1) };
}

/** Behind its end the sensor stays as it is, so that the last second is whole. */
function blockOf(track: SensorTracks[MotionPlacement], placement: string, toFrame: number, startUs: number) {
  const count = toFrame + 2 * rateHz;
  const rows = Array.from({ length: 7 }, () => new Float32Array(count));
  for (let i = 0; i < count; i++) {
    const frame = Math.min(i, toFrame - 1);
    const turn = track.rotations[frame] ?? [1, 0, 0, 0];
    const [x, y, z] = (i < toFrame ? track.acceleration[frame] : undefined) ?? [0, 0, 0];
    for (const [row, value] of [...turn, ...rotate(conjugate(turn), [x, y + 9.80665, z])].entries()) (rows[row] as Float32Array)[i] = value;
  }
  const channel = (id: string, kind: "quaternion" | "acc", unit: string) => ({ id, kind, unit, scale: 1, offset: 0 });
  const descriptor: StreamDescriptor = {
    ...{ device: placement, stream: "imu", rateHz, placement, sentinels: [], contact: "none" },
    channels: [
      ...["w", "x", "y", "z"].map((id) => channel(id, "quaternion", "1")),
      ...["x", "y", "z"].map((id) => channel(`a${id}`, "acc", "m/s2")),
    ],
  };
  const block = { kind: "samples", bootId: "clip", firstIndex: 0, count, startUs, arrivalUs: 0, channels: rows } as const;
  return [descriptor, block] as const;
}

/** Of walks, but for `other_error_pct`, which is of all else. A share of the steps that the feet show; over and under of two recordings do not cancel. */
function stepFigures(clips: readonly ClipSteps[]): Readonly<Record<string, number | null>> {
  const walks = clips.filter((clip) => clip.isWalk);
  const error = (of: readonly ClipSteps[], by: Worn) => {
    const shown = (clip: ClipSteps) => (by === "one_leg" ? clip.leftTwice : clip.steps);
    const steps = of.reduce((sum, clip) => sum + shown(clip), 0);
    const off = of.reduce((sum, clip) => sum + Math.abs(clip.counted[by] - shown(clip)), 0);
    return steps === 0 ? null : (100 * off) / steps;
  };
  const paced = walks.flatMap(({ cadence: [shown, told] }) => (told === undefined ? [] : [Math.abs(told - shown) / shown]));
  return {
    error_pct: error(walks, "legs"),
    one_leg_error_pct: error(walks, "one_leg"),
    pelvis_error_pct: error(walks, "pelvis"),
    arm_error_pct: error(walks, "arm"),
    cadence_error_pct: paced.length === 0 ? null : (100 * paced.reduce((sum, each) => sum + each, 0)) / paced.length,
    other_error_pct: error(
      clips.filter((clip) => !clip.isWalk && clip.steps > 0),
      "legs",
    ),
    walks: walks.length,
    steps: walks.reduce((sum, clip) => sum + clip.steps, 0),
  };
}
