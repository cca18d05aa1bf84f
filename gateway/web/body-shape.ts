/** Where a body's segments lie, for drawing: lines in metres from a pose. Pure. */

import { endsM, jointPositions, parents, quaternionAt, segments } from "../../models/signal/body.ts";
import { aboutAxis, headingOf, multiply, type Quaternion, rotate, type Vector } from "../../models/signal/quaternion.ts";

export type LimbState = "unknown" | "measured" | "completed";

export interface Bone {
  readonly from: Vector;
  readonly to: Vector;
  readonly widthM: number;
  readonly state: LimbState;
}

const stateNames: readonly LimbState[] = ["unknown", "measured", "completed"];
/** Half a limb's thickness. */
const widthsM = [0.12, 0.12, 0.13, 0.05, 0.1, 0.045, 0.045, 0.035, 0.035, 0.07, 0.07, 0.05, 0.05, 0.035, 0.035];
const [shoulders, hips] = [
  [5, 6],
  [9, 10],
] as const;

/** A body stands with its arms down where nothing is known of them. */
function restOf(segment: number): Quaternion | undefined {
  if (segment === shoulders[0]) return aboutAxis([0, 0, 1], -1.4);
  return segment === shoulders[1] ? aboutAxis([0, 0, 1], 1.4) : undefined;
}

/**
 * Every segment that is known, in metres from the pelvis. What is unknown is not among them; what hangs from it stands where it would if that were at rest, for
 * a turn alone does not say where a thing is.
 * @param state a digit for each segment, as the live stream has it
 */
export function bonesOf(rotations: ArrayLike<number>, state: string): Bone[] {
  const turns: Quaternion[] = [];
  for (const [i, parent] of parents.entries()) {
    const above = turns[parent];
    const rest = restOf(i);
    const still = above === undefined ? ([1, 0, 0, 0] as const) : headingOf(above);
    turns.push(
      state[i] === "0"
        ? parent < 0
          ? [1, 0, 0, 0]
          : rest === undefined
            ? (above ?? still)
            : multiply(still, rest)
        : quaternionAt(rotations, i),
    );
  }
  const places = jointPositions(turns.flat());
  const bones = segments.flatMap((_, i): Bone[] => {
    const known = stateNames[Number(state[i] ?? 0)] ?? "unknown";
    const from = places[i] ?? [0, 0, 0];
    const [x, y, z] = rotate(turns[i] ?? [1, 0, 0, 0], endsM[i] ?? [0, 0, 0]);
    return known === "unknown" ? [] : [{ from, to: [from[0] + x, from[1] + y, from[2] + z], widthM: widthsM[i] ?? 0.04, state: known }];
  });
  return [...bones, ...girdle(places, state, shoulders, 2), ...girdle(places, state, hips, 0)];
}

/** What joins both sides, drawn as what it hangs from; without it a body would fall into pieces. */
function girdle(places: readonly Vector[], state: string, [left, right]: readonly [number, number], from: number): Bone[] {
  const known = stateNames[Number(state[from] ?? 0)] ?? "unknown";
  const [a, b] = [places[left], places[right]];
  const isSeen = known !== "unknown" && state[left] !== "0" && state[right] !== "0" && a !== undefined && b !== undefined;
  return isSeen ? [{ from: a, to: b, widthM: 0.05, state: known }] : [];
}

/** Limbs as people name them, each with its segments. */
const limbs = {
  head: [3, 4],
  trunk: [0, 1, 2],
  leftArm: [5, 7],
  rightArm: [6, 8],
  leftLeg: [9, 11, 13],
  rightLeg: [10, 12, 14],
} as const;
export type Limb = keyof typeof limbs;
export const limbNames = Object.keys(limbs) as Limb[];

/** A limb is completed where any of it is. */
export function limbState(limb: Limb, state: string): LimbState | "part" {
  const own = limbs[limb].map((segment) => stateNames[Number(state[segment] ?? 0)] ?? "unknown");
  if (own.includes("completed")) return "completed";
  if (own.every((each) => each === "measured")) return "measured";
  return own.includes("measured") ? "part" : "unknown";
}
