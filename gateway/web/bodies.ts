/** The bodies on the page, fed by the live stream: the last minute of each, and the frame that stands now. Draw state only. */

import { createPlayhead, type Playhead } from "./playhead.ts";
import type { PoseMessage } from "./wire-types.ts";

export interface BodyFrame {
  readonly timeUs: number;
  /** Fifteen quaternions, w x y z. */
  readonly rotations: Float32Array;
  /** A digit for each segment. */
  readonly state: string;
}

export interface Bodies {
  pose(message: PoseMessage, nowMs: number): void;
  /** The frame to draw now; undefined where there is none of the last two seconds. */
  now(person: string, nowMs: number): BodyFrame | undefined;
  /** The last minute, oldest first. */
  minute(person: string): readonly BodyFrame[];
  /** A network has completed something of the newest stretch; undefined before the first. */
  model(person: string): string | null | undefined;
  clear(): void;
}

const keptUs = 60_000_000;
const staleUs = 2_000_000;
const numbers = 60;

export function createBodies(): Bodies {
  const bodies = new Map<string, { frames: BodyFrame[]; head: Playhead; model: string | null }>();
  const of = (person: string) => {
    const found = bodies.get(person) ?? { frames: [], head: createPlayhead(), model: null };
    bodies.set(person, found);
    return found;
  };
  return {
    pose({ person, startUs, rateHz, rotations, states, model }, nowMs) {
      const body = of(person);
      body.model = model?.id ?? null;
      const periodUs = 1e6 / rateHz;
      const newestUs = body.frames.at(-1)?.timeUs ?? Number.NEGATIVE_INFINITY;
      // The gateway's axis was put right: nothing of the old one is of now.
      if (startUs < newestUs - keptUs) body.frames = [];
      for (const [i, state] of states.entries()) {
        const timeUs = startUs + i * periodUs;
        if (timeUs > (body.frames.at(-1)?.timeUs ?? Number.NEGATIVE_INFINITY) + periodUs / 2)
          body.frames.push({ timeUs, state, rotations: Float32Array.from(rotations.slice(i * numbers, (i + 1) * numbers)) });
      }
      const fromUs = (body.frames.at(-1)?.timeUs ?? 0) - keptUs;
      while ((body.frames[0]?.timeUs ?? fromUs) < fromUs) body.frames.shift();
      body.head.heard("body", startUs + states.length * periodUs, (states.length * periodUs) / 1000, nowMs);
    },
    now(person, nowMs) {
      const body = bodies.get(person);
      const headUs = body?.head.at(nowMs);
      if (body === undefined || headUs === undefined) return undefined;
      const frame = body.frames.findLast(({ timeUs }) => timeUs <= headUs) ?? body.frames[0];
      return frame === undefined || headUs - frame.timeUs > staleUs ? undefined : frame;
    },
    minute: (person) => bodies.get(person)?.frames ?? [],
    model: (person) => bodies.get(person)?.model,
    clear: () => bodies.clear(),
  };
}
