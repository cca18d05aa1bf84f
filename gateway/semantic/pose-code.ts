/**
 * A body's motion in few bytes with a stated error. Each segment is told against the decoded rotation of the nearest known segment that it hangs from, so that
 * errors do not add up along a limb; the four numbers of that rotation are curves, transformed over the whole stretch and rounded to one step. The step is
 * the coarsest that keeps every rotation of every frame within the bound. Sums of doubles stand in a fixed order: writer and reader have the same ones.
 */

import { framesOf, type Pose, SegmentState, segmentCount } from "../../device-drivers/contract/pose.ts";
import { undecodable } from "./bits.ts";
import { inverse, levelLengths, transform } from "./codecs/transform.ts";
import { type Symbols, symbolReader, symbolWriter } from "./symbols.ts";

interface PoseCode {
  readonly code: Uint8Array;
  /** The largest angle between a rotation and its decoded one, degrees, rounded up to 1/256. */
  readonly errorDeg: number;
}

export interface DecodedPose extends Pose {
  readonly errorDeg: number;
}

/** Bound on a stretch, in frames: ten minutes at 30 Hz. */
export const maxPoseFrames = 18_000;
/** The segment that each hangs from, −1 for none, as the body has them; a part of the layout, for which it never changes. */
const hangsFrom = [-1, 0, 1, 2, 3, 2, 2, 5, 6, 0, 0, 9, 10, 11, 12];
const levels = 5;
const parts = 4;
/** The coarsest step of a transformed number; each finer one is this much of the one before. */
const coarsest = 0.04;
const finer = 0.84;
const maxFineness = 63;
/** Where the search begins: what a walk within one degree comes to, so that two or three steps are tried. */
const usualFineness = 10;
/** A number that is no further from zero than this share of the step is zero. */
const deadZone = 0.62;
const endMark = 0xb0d;

/** Contexts that nothing else uses: of what is usual in them nothing was learnt. */
const at = { count: 80, rate: 81, state: 83, run: 84, fineness: 85, error: 86, coefficients: 88 } as const;
const likeNeighbours = 4;

/** @param limitDeg bound on the error of each rotation that is known; finer than about 0.0001° is not tried. */
export function encodePose(pose: Pose, limitDeg: number): PoseCode {
  const frames = framesOf(pose);
  let fineness = usualFineness;
  let tried = quantised(pose, stepOf(fineness));
  if (tried.errorDeg > limitDeg) while (tried.errorDeg > limitDeg && fineness < maxFineness) tried = quantised(pose, stepOf(++fineness));
  else
    while (fineness > 0) {
      const coarser = quantised(pose, stepOf(fineness - 1));
      if (coarser.errorDeg > limitDeg) break;
      tried = coarser;
      fineness -= 1;
    }
  const errorDeg = Math.ceil(tried.errorDeg * 256) / 256;
  const io = symbolWriter();
  io.number(at.count, frames);
  io.real(at.rate, pose.rateHz);
  codeStates(io, pose.states, frames);
  io.number(at.fineness, fineness);
  io.number(at.error, Math.round(errorDeg * 256));
  codeCoefficients(io, tried.coefficients, frames);
  io.plain(16, endMark);
  return { code: io.bytes(), errorDeg };
}

/** @throws GatewayError `semantic.undecodable` */
export function decodePose(code: Uint8Array): DecodedPose {
  const io = symbolReader(code);
  const frames = io.number(at.count, 0);
  if (frames > maxPoseFrames) throw undecodable("a body's motion is too long");
  const rateHz = io.real(at.rate, 0);
  if (!(rateHz > 0 && rateHz <= 1000)) throw undecodable("a body's motion has no rate");
  const states = new Uint8Array(frames * segmentCount);
  codeStates(io, states, frames);
  const fineness = io.number(at.fineness, 0);
  const errorDeg = io.number(at.error, 0) / 256;
  if (fineness > maxFineness) throw undecodable("a step is too fine");
  const coefficients = Array.from({ length: segmentCount * parts }, () => new Int32Array(frames));
  codeCoefficients(io, coefficients, frames);
  if (io.plain(16, 0) !== endMark) throw undecodable("a body's motion ends otherwise than it was written");
  const rotations = new Float64Array(frames * segmentCount * parts);
  for (let segment = 0; segment < segmentCount; segment++)
    restore({ rotations, states, segment, rows: rowsOf(coefficients, segment), step: stepOf(fineness) });
  return { rateHz, states, rotations: Float32Array.from(rotations), errorDeg };
}

function stepOf(fineness: number): number {
  let step = coarsest;
  for (let i = 0; i < fineness; i++) step *= finer;
  return step;
}

const rowsOf = (coefficients: readonly Int32Array[], segment: number) => coefficients.slice(segment * parts, (segment + 1) * parts);

function quantised({ rotations, states }: Pose, step: number): { readonly coefficients: Int32Array[]; readonly errorDeg: number } {
  const frames = framesOf({ states });
  const coefficients: Int32Array[] = [];
  const decoded = new Float64Array(rotations.length);
  let least = 1;
  for (let segment = 0; segment < segmentCount; segment++) {
    const rows = localRows(rotations, decoded, states, segment).map((row) => {
      transform(row, levels);
      return Int32Array.from(row, (value) => Math.sign(value) * Math.floor(Math.abs(value) / step + 1 - deadZone));
    });
    coefficients.push(...rows);
    restore({ rotations: decoded, states, segment, rows, step });
    for (let frame = 0; frame < frames; frame++) {
      const place = frame * segmentCount + segment;
      if (states[place] !== SegmentState.unknown) least = Math.min(least, Math.abs(likeness(rotations, decoded, place * parts)));
    }
  }
  // The double stands for what a reader has in single precision.
  return { coefficients, errorDeg: (2 * Math.acos(Math.min(1, least)) * 180) / Math.PI + 1e-4 };
}

/** The four numbers of a segment against what it hangs from, as curves without jumps of sign; where it is unknown it stays as it was. */
function localRows(given: ArrayLike<number>, decoded: Float64Array, states: Uint8Array, segment: number): Float64Array[] {
  const frames = states.length / segmentCount;
  const rows = Array.from({ length: parts }, () => new Float64Array(frames));
  const last = Float64Array.of(1, 0, 0, 0);
  const own = new Float64Array(parts);
  for (let frame = 0; frame < frames; frame++) {
    const place = frame * segmentCount + segment;
    if (states[place] !== SegmentState.unknown) {
      const length = lengthAt(given, place * parts) || 1;
      for (let i = 0; i < parts; i++) own[i] = (given[place * parts + i] ?? 0) / length;
      const base = baseOf(states, frame, segment);
      if (base >= 0) turn(own, decoded, base, -1);
      let likeLast = 0;
      for (let i = 0; i < parts; i++) likeLast += (own[i] ?? 0) * (last[i] ?? 0);
      for (let i = 0; i < parts; i++) last[i] = (likeLast < 0 ? -1 : 1) * (own[i] ?? 0);
    }
    for (let i = 0; i < parts; i++) (rows[i] as Float64Array)[frame] = last[i] ?? 0;
  }
  return rows;
}

interface Restored {
  readonly rotations: Float64Array;
  readonly states: Uint8Array;
  readonly segment: number;
  readonly rows: readonly Int32Array[];
  readonly step: number;
}

function restore({ rotations, states, segment, rows, step }: Restored): void {
  const frames = states.length / segmentCount;
  const curves = rows.map((row) => {
    const values = Float64Array.from(row, (value) => value * step);
    inverse(values, levels);
    return values;
  });
  const own = new Float64Array(parts);
  for (let frame = 0; frame < frames; frame++) {
    for (let i = 0; i < parts; i++) own[i] = curves[i]?.[frame] ?? 0;
    const length = lengthAt(own, 0);
    if (length > 1e-6) for (let i = 0; i < parts; i++) own[i] = (own[i] ?? 0) / length;
    else own.set(noTurn);
    const base = baseOf(states, frame, segment);
    if (base >= 0) turn(own, rotations, base, 1);
    rotations.set(own, (frame * segmentCount + segment) * parts);
  }
}

/** Where in `rotations` the nearest known segment stands that this one hangs from; −1 where there is none. */
function baseOf(states: Uint8Array, frame: number, segment: number): number {
  for (let up = hangsFrom[segment] ?? -1; up >= 0; up = hangsFrom[up] ?? -1)
    if (states[frame * segmentCount + up] !== SegmentState.unknown) return (frame * segmentCount + up) * parts;
  return -1;
}

/** Each segment's state at the begin, and where it changes. */
function codeStates(io: Symbols, states: Uint8Array, frames: number): void {
  for (let segment = 0; segment < segmentCount; segment++) {
    let state = 0;
    for (let from = 0; from < frames; ) {
      state = io.choice(at.state, 2, states[from * segmentCount + segment] ?? 0);
      if (state > SegmentState.completed) throw undecodable("a segment has a state that this version does not have");
      let to = from + 1;
      if (io.isReading) to = from + 1 + io.number(at.run, 0);
      else {
        while (to < frames && states[to * segmentCount + segment] === state) to++;
        io.number(at.run, to - from - 1);
      }
      if (to > frames) throw undecodable("a segment's state outlasts its motion");
      for (; from < to; from++) states[from * segmentCount + segment] = state;
    }
  }
}

/** Coarse band first; what a number is likely to be goes by its band and by the two before it in it. */
function codeCoefficients(io: Symbols, rows: readonly Int32Array[], frames: number): void {
  if (frames === 0) return;
  const ends = levelLengths(frames, levels).reverse();
  for (const row of rows) {
    let from = 0;
    for (const [band, to] of ends.entries()) {
      for (let i = from; i < to; i++) {
        const near = i - from < 1 ? 0 : 2 * Math.abs(row[i - 1] ?? 0) + (i - from < 2 ? 0 : Math.abs(row[i - 2] ?? 0));
        const context = at.coefficients + Math.min(band, 3) * likeNeighbours + Math.min(likeNeighbours - 1, Math.ceil(near / 2));
        row[i] = io.signed(context, row[i] ?? 0);
      }
      from = to;
    }
  }
}

const noTurn = Float64Array.of(1, 0, 0, 0);

const lengthAt = (of: ArrayLike<number>, from: number) =>
  Math.sqrt((of[from] ?? 0) ** 2 + (of[from + 1] ?? 0) ** 2 + (of[from + 2] ?? 0) ** 2 + (of[from + 3] ?? 0) ** 2);

/** Puts the turn at `from`, or (`way` −1) its opposite, before `own`. In place and without new objects: it runs for every segment of every frame. */
function turn(own: Float64Array, by: ArrayLike<number>, from: number, way: 1 | -1): void {
  const [w, x, y, z] = [by[from] ?? 0, way * (by[from + 1] ?? 0), way * (by[from + 2] ?? 0), way * (by[from + 3] ?? 0)];
  const [ow = 0, ox = 0, oy = 0, oz = 0] = own;
  own[0] = w * ow - x * ox - y * oy - z * oz;
  own[1] = w * ox + x * ow + y * oz - z * oy;
  own[2] = w * oy - x * oz + y * ow + z * ox;
  own[3] = w * oz + x * oy - y * ox + z * ow;
}

/** Cosine of half the angle between two rotations. */
function likeness(a: ArrayLike<number>, b: ArrayLike<number>, from: number): number {
  const length = lengthAt(a, from) || 1;
  let sum = 0;
  for (let i = from; i < from + parts; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum / length;
}
