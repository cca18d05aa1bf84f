/**
 * How sensors sit on their limbs, from a pose that is held still. In it the rotation of every segment is known but for where the person faces, and that is the
 * same for all of them; the sensors share one world (a magnetometer, or an alignment at their start).
 *
 * `arms-out` is the T-pose in which no segment is turned. It is entered from hanging arms: raised sideways, each arm turns about the axis that points forwards,
 * whatever way its sensor sits, and that is how the facing is known. `arms-down` is for whoever can't raise them, or wears no sensor on an arm: the facing is
 * then the one that most sensors agree on, as if each were strapped on roughly as it should be.
 */

import {
  aboutAxis,
  angleBetweenRad,
  conjugate,
  headingOf,
  multiply,
  noTurn,
  type Quaternion,
  rotate,
  unit,
  type Vector,
} from "../../../models/signal/quaternion.ts";
import type { CalibrationPose, Mount } from "../../facts/mount.ts";

/** What one sensor told before and during the pose. */
export interface HeldSensor {
  readonly device: string;
  readonly placement: string;
  /** While the arms hung; empty where nobody asked for it. */
  readonly before: readonly Quaternion[];
  readonly held: readonly Quaternion[];
  /** Share of the samples of the pose that came, 0–1. */
  readonly share: number;
  /** Mean acceleration along the sensor's axes while it was held, in g; undefined where it measures none. */
  readonly meanAccG: Vector | undefined;
}

export interface PoseFault {
  readonly code: "missing" | "moved" | "gravity" | "arms" | "swapped";
  readonly device?: string;
  readonly placement?: string;
  /** How far it turned or is off, degrees. */
  readonly deg?: number;
}

interface Judged {
  readonly mounts: readonly Mount[];
  readonly faults: readonly PoseFault[];
}

/** Arms held out tremble by some 3°, a body that stands sways by 2°. */
export const stillDeg = 8;
const leastShare = 0.8;
/** Between gravity as it is measured and down as the sensor says it is: more, and its own orientation has not settled. */
const gravityDeg = 15;
/** An arm that is raised from the side turns by 90°. */
const raisedDeg = [50, 130] as const;
/** Of the axis of that turn against the level, and of one arm's against the other's. */
const axisDeg = 35;
/** So many sensors of trunk and legs that agree are no chance. */
const leastOthers = 2;
const rad = Math.PI / 180;

/** Rotation of the segment in the pose, facing forwards. */
function poseOf(placement: string, pose: CalibrationPose): Quaternion {
  if (pose === "arms-out" || !placement.endsWith("forearm")) return noTurn;
  return aboutAxis([0, 0, 1], (placement.startsWith("left") ? -90 : 90) * rad);
}

export function judgePose(sensors: readonly HeldSensor[], pose: CalibrationPose, sinceUs: number): Judged {
  const faults = sensors.flatMap(faultOf);
  if (sensors.length === 0) return { mounts: [], faults: [{ code: "missing" }] };
  if (faults.length > 0) return { mounts: [], faults };
  const means = sensors.map((sensor) => ({ ...sensor, mean: meanOf(sensor.held) ?? noTurn, pose: poseOf(sensor.placement, pose) }));
  const hasArms = pose === "arms-out" && sensors.some(({ placement }) => placement.endsWith("forearm"));
  const facing = hasArms ? facingOfArms(means) : facingOfMost(means.map((each) => headingOf(multiply(each.mean, conjugate(each.pose)))));
  if (facing === undefined) return { mounts: [], faults: [{ code: "arms" }] };
  if (hasArms && isBehind(means, facing)) return { mounts: [], faults: [{ code: "swapped" }] };
  const mounts = means.map(({ device, placement, mean, pose: own }): Mount => {
    return { device, placement, turn: multiply(conjugate(mean), multiply(facing, own)), facing, sinceUs };
  });
  return { mounts, faults: [] };
}

function faultOf({ device, placement, held, share, meanAccG }: HeldSensor): PoseFault[] {
  const mean = meanOf(held);
  if (mean === undefined || share < leastShare) return [{ code: "missing", device, placement }];
  const moved = Math.max(...held.map((each) => angleBetweenRad(mean, each))) / rad;
  if (moved > stillDeg) return [{ code: "moved", device, placement, deg: Math.round(moved) }];
  if (meanAccG === undefined) return [];
  const up = rotate(mean, meanAccG);
  const off = Math.acos(Math.max(-1, Math.min(1, up[1] / (Math.hypot(...up) || 1)))) / rad;
  return off > gravityDeg ? [{ code: "gravity", device, placement, deg: Math.round(off) }] : [];
}

interface MeanSensor {
  readonly placement: string;
  readonly before: readonly Quaternion[];
  readonly mean: Quaternion;
}

/** Undefined where no arm was seen to be raised, or both say otherwise. */
function facingOfArms(sensors: readonly MeanSensor[]): Quaternion | undefined {
  const forwards = sensors.flatMap(({ placement, before, mean }): Vector[] => {
    const hanging = placement.endsWith("forearm") ? meanOf(before) : undefined;
    if (hanging === undefined) return [];
    const [w, x, y, z] = multiply(mean, conjugate(hanging));
    const size = Math.hypot(x, y, z);
    const angle = (2 * Math.atan2(size, Math.abs(w))) / rad;
    const sign = (w < 0 ? -1 : 1) * (placement.startsWith("left") ? 1 : -1);
    const isLevel = Math.abs(y) < size * Math.sin(axisDeg * rad);
    return angle >= raisedDeg[0] && angle <= raisedDeg[1] && isLevel ? [[(sign * x) / size, 0, (sign * z) / size]] : [];
  });
  const headings = forwards.map(([x, , z]) => Math.atan2(x, z));
  const [first, second] = headings;
  if (first === undefined) return undefined;
  if (second !== undefined && Math.abs(wrapped(second - first)) > axisDeg * rad) return undefined;
  return aboutAxis([0, 1, 0], first + wrapped((second ?? first) - first) / 2);
}

/** Arms that are raised tell the other way round where their sensors are swapped: then trunk and legs, roughly as they should be, all face backwards. */
function isBehind(sensors: readonly MeanSensor[], facing: Quaternion): boolean {
  const others = sensors.filter(({ placement }) => !placement.endsWith("forearm"));
  return others.length >= leastOthers && others.every(({ mean }) => angleBetweenRad(facing, headingOf(mean)) > (180 - axisDeg) * rad);
}

/** The mean of those that are near the one which is nearest to all. */
function facingOfMost(headings: readonly Quaternion[]): Quaternion {
  const angles = headings.map(([w, , y]) => 2 * Math.atan2(y, w));
  const distance = (angle: number) => angles.reduce((sum, other) => sum + Math.abs(wrapped(other - angle)), 0);
  const middle = angles.reduce((best, angle) => (distance(angle) < distance(best) ? angle : best), angles[0] ?? 0);
  const near = angles.map((angle) => wrapped(angle - middle)).filter((off) => Math.abs(off) < axisDeg * rad);
  return aboutAxis([0, 1, 0], middle + near.reduce((sum, off) => sum + off, 0) / near.length);
}

function wrapped(angle: number): number {
  return Math.atan2(Math.sin(angle), Math.cos(angle));
}

/** Of rotations that are near each other; undefined of none. */
function meanOf(all: readonly Quaternion[]): Quaternion | undefined {
  const [first] = all;
  if (first === undefined) return undefined;
  const sum = [0, 0, 0, 0];
  for (const each of all) {
    const way = each.reduce((dot, part, i) => dot + part * (first[i] ?? 0), 0) < 0 ? -1 : 1;
    for (const [i, part] of each.entries()) sum[i] = (sum[i] ?? 0) + way * part;
  }
  return unit(sum as unknown as Quaternion);
}
