/** Cuts a person's motion into stretches of at most ten seconds and packs each within one degree. Pure; it owns no clock and no queue. */

import { framesOf, type Pose, segmentCount } from "../../device-drivers/contract/pose.ts";
import type { Source } from "../../device-drivers/contract/result.ts";
import type { ModeOf } from "./mode.ts";
import type { PosePayload } from "./payloads/pose.ts";
import { decodePose, encodePose } from "./pose-code.ts";

/** The next frames of one body. */
interface Stretch extends Pick<PosePayload, "about" | "model"> {
  /** Its end, one period after the last frame. */
  readonly timeUs: number;
  readonly pose: Pose;
}

interface PosePacker {
  /** Frames that were there before are left out. */
  push(stretch: Stretch): PosePayload[];
  /** Signal time has reached `timeUs`: a body that fell silent. */
  tick(timeUs: number): PosePayload[];
  flush(): PosePayload[];
  /** Structured-cloneable; a packer made from it packs the same stretches. */
  state(): unknown;
}

interface PosePackerOptions {
  readonly person: string;
  readonly modeOf: ModeOf;
  readonly state?: unknown;
}

/** No rotation at the twin is further off than this. */
const limitDeg = 1;
/** Stretches end where this grid since 1970 does. */
const gridUs = 10_000_000;
/** Frames within this of where they should be go on. */
const placeUs = 20_000;
/** A body of which nothing has come for so long has fallen silent. */
const silentUs = 5_000_000;

interface Open {
  readonly about: PosePayload["about"];
  readonly model: PosePayload["model"];
  readonly rateHz: number;
  readonly startUs: number;
  readonly parts: readonly Pick<Pose, "rotations" | "states">[];
}

export function createPosePacker({ person, modeOf, state: saved }: PosePackerOptions): PosePacker {
  let open = saved as Open | undefined;

  const close = (): PosePayload[] => {
    if (open === undefined) return [];
    const { about, model, rateHz, startUs, parts } = open;
    open = undefined;
    const rotations = Float32Array.from(parts.flatMap((part) => [...part.rotations]));
    const { code } = encodePose({ rateHz, rotations, states: Uint8Array.from(parts.flatMap((part) => [...part.states])) }, limitDeg);
    return [{ kind: "pose", person, about, ...(model === undefined ? {} : { model }), startUs, code, pose: decodePose(code) }];
  };

  return {
    push(stretch) {
      const { about, model, timeUs } = stretch;
      const { rateHz } = stretch.pose;
      if (about.some((source) => modeOf(person, source, timeUs) === "event")) return close();
      const pose = open === undefined ? stretch.pose : newer(stretch, endOf(open));
      const count = framesOf(pose);
      if (count === 0) return [];
      const startUs = timeUs - (count * 1e6) / rateHz;
      const goesOn =
        open !== undefined &&
        open.rateHz === rateHz &&
        open.model?.id === model?.id &&
        open.model?.version === model?.version &&
        Math.abs(startUs - endOf(open)) <= placeUs;
      const out = goesOn ? [] : close();
      open =
        open === undefined
          ? { about, model, rateHz, startUs, parts: [pose] }
          : { ...open, about: withSources(open.about, about), parts: [...open.parts, pose] };
      if (Math.floor((timeUs + placeUs) / gridUs) > Math.floor((open.startUs + placeUs) / gridUs)) out.push(...close());
      return out;
    },
    // The axis was put right: nothing of the old one waits for its time to come again.
    tick: (timeUs) => (open !== undefined && (timeUs - endOf(open) > silentUs || timeUs < open.startUs) ? close() : []),
    flush: close,
    state: () => open,
  };
}

const framesIn = ({ parts }: Open) => parts.reduce((sum, part) => sum + framesOf(part), 0);
const endOf = (open: Open) => open.startUs + (framesIn(open) * 1e6) / open.rateHz;

/** The frames of a stretch that begin at `fromUs` or later. */
function newer({ timeUs, pose }: Stretch, fromUs: number): Pose {
  const { rateHz, rotations, states } = pose;
  const count = framesOf(pose);
  const wanted = Math.max(0, Math.min(count, Math.round(((timeUs - fromUs) * rateHz) / 1e6)));
  const from = (count - wanted) * segmentCount;
  return from === 0 ? pose : { rateHz, rotations: rotations.slice(from * 4), states: states.slice(from) };
}

function withSources([first, ...known]: PosePayload["about"], more: readonly Source[]): PosePayload["about"] {
  const all = [first, ...known];
  const isKnown = (source: Source) => all.some(({ device, stream }) => device === source.device && stream === source.stream);
  return [first, ...known, ...more.filter((source) => !isKnown(source))];
}
