/**
 * A motion recording as six sensors on the body would send it (models.md §1.12): rotations of their segments, sat on askew by 7°, and the acceleration of where
 * they sit. What falls silent when is drawn from the clip's name, so that every run draws the same. Pure.
 */

import { jointPositions, type MotionPlacement, placements, quaternionAt, segments } from "../../models/signal/body.ts";
import { fromRotationVector, multiply, type Quaternion, rotate, type Vector } from "../../models/signal/quaternion.ts";
import type { BodyClip } from "../recordings/body-clip.ts";
import { seededRandom } from "./bootstrap.ts";

interface SensorTrack {
  /** Of each frame the rotation as the sensor tells it. */
  readonly rotations: readonly Quaternion[];
  /** m/s² in the world, without gravity. */
  readonly acceleration: readonly Vector[];
}

export type SensorTracks = Readonly<Record<MotionPlacement, SensorTrack>>;

/** Degrees, root of the mean square (models.md §2.2: what helped most on real sensors). */
const mountDeg = 7;
/** Where on its segment a sensor sits, in the frame of the segment, m. */
const sits: Readonly<Record<MotionPlacement, Vector>> = {
  pelvis: [0, 0, 0],
  head: [0, 0.1, 0],
  "left-forearm": [0.2, 0, 0],
  "right-forearm": [-0.2, 0, 0],
  "left-shank": [0, -0.35, 0],
  "right-shank": [0, -0.35, 0],
};

/** A seed from a name: FNV-1a. */
function seedOf(name: string): number {
  let seed = 0x811c9dc5;
  for (const char of name) seed = Math.imul(seed ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return seed;
}

export function sensorTracks(clip: BodyClip, name: string): SensorTracks {
  const random = seededRandom(seedOf(`${name} mount`));
  const one = (placement: MotionPlacement): SensorTrack => {
    const segment = segments.indexOf(placement);
    const spread = (mountDeg * Math.PI) / 180 / Math.sqrt(3);
    const mount = fromRotationVector([spread * normal(random), spread * normal(random), spread * normal(random)]);
    const own = Array.from({ length: clip.frames }, (_, frame) => quaternionAt(clip.rotations, frame * segments.length + segment));
    const places = own.map((rotation, frame) => {
      const [x = 0, y = 0, z = 0] = jointPositions(clip.rotations, clip.offsetsM, frame * segments.length)[segment] ?? [];
      const [a, b, c] = rotate(rotation, sits[placement]);
      const root = (axis: number) => clip.rootM[frame * 3 + axis] ?? 0;
      return [x + a + root(0), y + b + root(1), z + c + root(2)] as const;
    });
    return { rotations: own.map((rotation) => multiply(rotation, mount)), acceleration: accelerations(places, clip.rateHz) };
  };
  return Object.fromEntries(placements.map((placement) => [placement, one(placement)])) as SensorTracks;
}

/** Second differences over 4/30 s; at both ends those of the nearest frame that has them. */
function accelerations(places: readonly Vector[], rateHz: number): Vector[] {
  const reach = Math.max(1, Math.round(rateHz / 15));
  const at = (frame: number, axis: 0 | 1 | 2) => places[frame]?.[axis] ?? 0;
  return places.map((_, frame) => {
    const middle = Math.max(reach, Math.min(places.length - 1 - reach, frame));
    if (places.length <= 2 * reach) return [0, 0, 0];
    const along = (axis: 0 | 1 | 2) => (at(middle - reach, axis) + at(middle + reach, axis) - 2 * at(middle, axis)) * (rateHz / reach) ** 2;
    return [along(0), along(1), along(2)];
  });
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A stretch in which a sensor says nothing. Frames. */
export interface Drop {
  readonly placement: MotionPlacement;
  readonly from: number;
  readonly to: number;
}

/** In every ten seconds `count` sensors but the pelvis' for two seconds; none where what is left of the clip is too short to see them come back. */
export function burstDrops(clip: { readonly frames: number; readonly rateHz: number }, name: string, count: number): Drop[] {
  const random = seededRandom(seedOf(`${name} lost${count}`));
  const frames = (s: number) => Math.round(s * clip.rateHz);
  const out: Drop[] = [];
  for (let block = 0; block < clip.frames; block += frames(10)) {
    const length = Math.min(frames(10), clip.frames - block);
    const first = block === 0 ? frames(heardS) : 0;
    const room = length - first - frames(lostS + afterS);
    if (room < 0) continue;
    const from = block + first + Math.floor(random() * (room + 1));
    const left: MotionPlacement[] = placements.filter((placement) => placement !== "pelvis");
    for (let i = 0; i < count; i++) {
      const [placement] = left.splice(Math.floor(random() * left.length), 1);
      if (placement !== undefined) out.push({ placement, from, to: from + frames(lostS) });
    }
  }
  return out;
}

/** s. A clip is not judged before its sensors were heard so long. */
export const heardS = 1;
const lostS = 2;
/** s. A drop is judged until so long behind it. */
export const afterS = 0.5;
