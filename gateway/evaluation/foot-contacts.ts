/**
 * Steps of a motion recording as its feet show them: the reference that counted steps are held against. A foot stands while its lower end, ankle or toes, is
 * near the lowest that it is within a stride and moves slowly; a step is a foot that comes to stand after it has been carried elsewhere. The lowest is looked
 * for anew at each moment, since floors of recordings slope and some walks lead over stones. Pure.
 */

import { endsM, jointPositions, quaternionAt, segments } from "../../models/signal/body.ts";
import { rotate } from "../../models/signal/quaternion.ts";
import type { BodyClip } from "../recordings/body-clip.ts";

export interface FootStep {
  readonly foot: "left" | "right";
  readonly timeS: number;
}

/** m above the lowest that this end of the foot is within `strideS`; m/s over the floor. Feet roll over some 5 cm, and swing at several metres a second. */
const [standsM, standsMps] = [0.05, 0.6];
const strideS = 0.75;
/** s. A foot that touches for less brushes the floor; one in the air for less has trembled. */
const [leastStandS, leastSwingS] = [0.1, 0.1];
/** m over the floor. Less is a foot that turns or shuffles where it stands. */
const leastStrideM = 0.2;

export function footSteps(clip: BodyClip): FootStep[] {
  return (["left", "right"] as const).flatMap((foot) => stepsOf(clip, foot)).sort((a, b) => a.timeS - b.timeS);
}

function stepsOf(clip: BodyClip, foot: FootStep["foot"]): FootStep[] {
  const ends = endsOf(clip, foot);
  const stands = smoothed(standing(ends, clip.rateHz), clip.rateHz);
  const out: FootStep[] = [];
  let leftAt: number | undefined;
  for (let frame = 1; frame < clip.frames; frame++) {
    if (stands[frame - 1] && !stands[frame]) leftAt = frame - 1;
    if (stands[frame - 1] || !stands[frame] || leftAt === undefined) continue;
    const [from, to] = [ends[0]?.[leftAt], ends[0]?.[frame]];
    if (from === undefined || to === undefined) continue;
    if (Math.hypot(to[0] - from[0], to[2] - from[2]) >= leastStrideM) out.push({ foot, timeS: frame / clip.rateHz });
  }
  return out;
}

/** Of ankle and toes, where each is in each frame, m. */
function endsOf(clip: BodyClip, foot: FootStep["foot"]): (readonly [number, number, number])[][] {
  const segment = segments.indexOf(`${foot}-foot`);
  const rows: (readonly [number, number, number])[][] = [[], []];
  for (let frame = 0; frame < clip.frames; frame++) {
    const [x, y, z] = jointPositions(clip.rotations, clip.offsetsM, frame * segments.length)[segment] ?? [0, 0, 0];
    const [a, b, c] = rotate(quaternionAt(clip.rotations, frame * segments.length + segment), endsM[segment] ?? [0, 0, 0]);
    const root = (axis: number) => clip.rootM[frame * 3 + axis] ?? 0;
    rows[0]?.push([root(0) + x, root(1) + y, root(2) + z]);
    rows[1]?.push([root(0) + x + a, root(1) + y + b, root(2) + z + c]);
  }
  return rows;
}

function standing(ends: (readonly [number, number, number])[][], rateHz: number): boolean[] {
  const reach = Math.max(1, Math.round(rateHz / 30));
  const isDown = ends.map((row) => {
    const span = Math.round(strideS * rateHz);
    return row.map(([x, y, z], frame) => {
      const [before, after] = [Math.max(0, frame - reach), Math.min(row.length - 1, frame + reach)];
      const [p, q] = [row[before] ?? [x, y, z], row[after] ?? [x, y, z]];
      const speed = (Math.hypot(q[0] - p[0], q[2] - p[2]) * rateHz) / Math.max(1, after - before);
      const floor = Math.min(...row.slice(Math.max(0, frame - span), frame + span + 1).map(([, height]) => height));
      return y - floor < standsM && speed < standsMps;
    });
  });
  return (isDown[0] ?? []).map((ankle, frame) => ankle || (isDown[1]?.[frame] ?? false));
}

/** Stretches that are too short are none. */
function smoothed(stands: readonly boolean[], rateHz: number): boolean[] {
  const without = (row: readonly boolean[], value: boolean, least: number) => {
    const out = [...row];
    for (let from = 0; from < row.length; ) {
      let to = from;
      while (to < row.length && row[to] === row[from]) to++;
      if (row[from] === value && to - from < least && from > 0 && to < row.length) out.fill(!value, from, to);
      from = to;
    }
    return out;
  };
  return without(without(stands, false, leastSwingS * rateHz), true, leastStandS * rateHz);
}
