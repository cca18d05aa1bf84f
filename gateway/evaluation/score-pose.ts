/** How far a body that was told lies from the one that was: turns, places and jerk (models.md §1.12). Pure. */

import { jointPositions, quaternionAt, segments } from "../../models/signal/body.ts";
import { angleBetweenRad, type Vector } from "../../models/signal/quaternion.ts";

/** Sums over the frames that count, so that clips can be added up. */
export interface PoseSums {
  readonly frames: number;
  /** Degrees over frames, mean of the 14 segments without the pelvis, and of upper arms and thighs. */
  readonly angularDeg: number;
  readonly sipDeg: number;
  /** Degrees over frames, of each segment. */
  readonly segmentsDeg: readonly number[];
  /** cm over frames, mean of the joints, both pelves laid on each other. */
  readonly mpjpeCm: number;
  /** Degrees over frames and the segments of silent limbs, and how many those were. */
  readonly limbDeg: number;
  readonly limbs: number;
  /** m/s³ over the stretches of four frames. */
  readonly jerks: number;
  readonly toldJerk: number;
  readonly trueJerk: number;
}

export const noSums: PoseSums = {
  frames: 0,
  angularDeg: 0,
  sipDeg: 0,
  segmentsDeg: segments.map(() => 0),
  mpjpeCm: 0,
  limbDeg: 0,
  limbs: 0,
  jerks: 0,
  toldJerk: 0,
  trueJerk: 0,
};

const sip = ["left-upper-arm", "right-upper-arm", "left-thigh", "right-thigh"].map((name) => (segments as readonly string[]).indexOf(name));

interface PoseTracks {
  /** Frames × 15 × 4. */
  readonly truth: Float32Array;
  readonly told: Float32Array;
  readonly offsetsM: readonly Vector[];
  readonly rateHz: number;
}

/** Over the frames that `counts`; those that were not told (NaN) are left out. `silent`: indices of the segments whose sensor says nothing in a frame. */
export function scorePose(
  { truth, told, offsetsM, rateHz }: PoseTracks,
  counts: (frame: number) => boolean,
  silent: (frame: number) => readonly number[] = () => [],
): PoseSums {
  const sums = { ...noSums };
  const recent: { readonly frame: number; readonly told: Vector[]; readonly truth: Vector[] }[] = [];
  for (let frame = 0; frame < truth.length / (segments.length * 4); frame++) {
    const from = frame * segments.length;
    if (!counts(frame) || Number.isNaN(told[from * 4])) continue;
    const degrees = segments.map((_, i) => (angleBetweenRad(quaternionAt(told, from + i), quaternionAt(truth, from + i)) * 180) / Math.PI);
    sums.frames++;
    sums.angularDeg += mean(degrees.slice(1));
    sums.segmentsDeg = sums.segmentsDeg.map((sum, i) => sum + (degrees[i] ?? 0));
    for (const segment of silent(frame)) {
      sums.limbs++;
      sums.limbDeg += degrees[segment] ?? 0;
    }
    sums.sipDeg += mean(sip.map((i) => degrees[i] ?? 0));
    const places = { frame, told: jointPositions(told, offsetsM, from), truth: jointPositions(truth, offsetsM, from) };
    sums.mpjpeCm += mean(places.told.slice(1).map((place, i) => 100 * distance(place, places.truth[i + 1] ?? [0, 0, 0])));
    recent.push(places);
    const [a, b, c, d] = recent.slice(-4);
    if (a === undefined || b === undefined || c === undefined || d === undefined || d.frame - a.frame !== 3) continue;
    sums.jerks++;
    for (const which of ["told", "truth"] as const)
      sums[which === "told" ? "toldJerk" : "trueJerk"] += jerk([a[which], b[which], c[which], d[which]], rateHz);
  }
  return sums;
}

export function addSums(all: readonly PoseSums[]): PoseSums {
  return all.reduce((a, b) => {
    const plain = Object.keys(noSums).map((key) => [key, Number(a[key as keyof PoseSums]) + Number(b[key as keyof PoseSums])]);
    return { ...Object.fromEntries(plain), segmentsDeg: a.segmentsDeg.map((sum, i) => sum + (b.segmentsDeg[i] ?? 0)) } as PoseSums;
  }, noSums);
}

export function poseFigures(all: readonly PoseSums[]) {
  const { frames, jerks, limbs, ...sums } = addSums(all);
  const per = (value: number) => (frames === 0 ? null : value / frames);
  return {
    angular_deg: per(sums.angularDeg),
    sip_deg: per(sums.sipDeg),
    mpjpe_cm: per(sums.mpjpeCm),
    limb_deg: limbs === 0 ? null : sums.limbDeg / limbs,
    jitter_ratio: jerks === 0 || sums.trueJerk === 0 ? null : sums.toldJerk / sums.trueJerk,
  };
}

/** Degrees by segment, the pelvis included; null where no frame counts. */
export function segmentFigures(all: readonly PoseSums[]): Readonly<Record<string, number | null>> {
  const { frames, segmentsDeg } = addSums(all);
  return Object.fromEntries(segments.map((name, i) => [name, frames === 0 ? null : (segmentsDeg[i] ?? 0) / frames]));
}

/** Mean over the joints behind the pelvis'. */
function jerk([a, b, c, d]: readonly [Vector[], Vector[], Vector[], Vector[]], rateHz: number): number {
  const of = (i: number, axis: 0 | 1 | 2) => (d[i]?.[axis] ?? 0) - 3 * (c[i]?.[axis] ?? 0) + 3 * (b[i]?.[axis] ?? 0) - (a[i]?.[axis] ?? 0);
  return mean(a.slice(1).map((_, i) => Math.hypot(of(i + 1, 0), of(i + 1, 1), of(i + 1, 2)) * rateHz ** 3));
}

function distance([a, b, c]: Vector, [x, y, z]: Vector): number {
  return Math.hypot(a - x, b - y, c - z);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
