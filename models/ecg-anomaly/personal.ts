/** What is usual for one person, and how unusual a beat is; the twin of train/personal.py. Numbers of the decision stand in decision.ts. */

import type { Difference, Evidence, Judgement, PersonalSpec } from "../personal-spec.ts";
import { segmentLength } from "../signal/beat-window.ts";
import { median } from "../signal/statistics.ts";
import { decision } from "./decision.ts";
import { differenceOf } from "./difference.ts";

export const latentLength = 16;
const residualAt = latentLength;
const shownAt = residualAt + segmentLength;

const mostRows = 72;
const mostNormals = 12;
/** Latents are kept as int16 thousandths. */
const unit = 1000;
/** Of the natural logarithm of the pace: a beat that came 12 % too soon. */
const early = 0.12;
const earlyNeighbours = 5;
const earlyShare = 0.45;
const leftOut = 0.1;
const nearShare = 0.25;
const ownSpreadWeight = 0.5;
const leastScatter = 0.03;
const rhythmWeight = 2;
const leastDistance = 1e-3;

interface Normal {
  readonly id: number;
  readonly row: Int16Array;
  readonly atUs: number;
  readonly by: string;
}

/** Within 4 kB when it is stored. */
interface OwnBeats {
  /** Latents of the kept windows, one row after the other, in thousandths. */
  rows: Int16Array;
  /** Earliness of each row while it learns, in thousandths. */
  early: Int16Array;
  /** Windows shown so far, and of how many one is kept. */
  seen: number;
  every: number;
  /** The usual curve, the mean of what did not come early, in thousandths of the QRS height. */
  curve: Int16Array;
  inCurve: number;
  /** Absent until it has learnt. */
  learnt?: { readonly spread: number; readonly usualEarly: number; readonly scatter: number };
  normals: Normal[];
  nextId: number;
}

const rowsOf = ({ rows }: OwnBeats) =>
  Array.from({ length: rows.length / latentLength }, (_, i) => rows.subarray(i * latentLength, (i + 1) * latentLength));

function toThousandths(values: Float32Array): Int16Array {
  const out = new Int16Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = Math.min(Math.max(roundEven((values[i] as number) * unit), -32768), 32767);
  return out;
}

const rowOf = ({ vector }: Evidence) => toThousandths(vector.subarray(0, latentLength));

/** Half goes to the even neighbour, as in the training's own arithmetic. */
function roundEven(value: number): number {
  const low = Math.floor(value);
  const part = value - low;
  return part < 0.5 || (part === 0.5 && low % 2 === 0) ? low : low + 1;
}

const shownOf = ({ vector }: Evidence) => vector.subarray(shownAt, shownAt + segmentLength);

/** How much sooner the beat came than the 8 before it, as a logarithm, −1 … 1.2; 0 where nobody knows. */
function earliness({ rrMs, rrBeforeMs }: Evidence): number {
  if (rrMs === undefined || rrBeforeMs.length === 0) return 0;
  return Math.min(Math.max(Math.log(median(rrBeforeMs.slice(0, 8)) / rrMs), -1), 1.2);
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>, scale: number): number {
  let sum = 0;
  for (let i = 0; i < latentLength; i++) sum += ((a[i] as number) * scale - (b[i] as number) / unit) ** 2;
  return Math.sqrt(sum);
}

/** Mean of the k least. */
function nearMean(distances: readonly number[], k: number): number {
  const least = [...distances].sort((a, b) => a - b).slice(0, k);
  return least.reduce((sum, value) => sum + value, 0) / least.length;
}

/** Indices of the values, least first, in their order where they are equal. */
const order = (values: readonly number[]) => values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);

const neighboursOf = (rows: number) => Math.max(3, roundEven(nearShare * rows));

/** Rows without those that are mostly early beats, and without the tenth that lies farthest from the rest: the minutes may hold ectopic beats. */
function usualRows(between: readonly (readonly number[])[], earlyOf: readonly number[]): number[] {
  const isEarly = earlyOf.map((value) => value > early);
  const others = between.map((row, i) => order(row.map((d, j) => (i === j ? Number.POSITIVE_INFINITY : d))).slice(0, earlyNeighbours));
  let kept = between.flatMap((_, i) => {
    const near = others[i] as number[];
    const share = (near.filter((j) => isEarly[j]).length + (isEarly[i] ? 1 : 0)) / (near.length + 1);
    return share <= earlyShare ? [i] : [];
  });
  if (kept.length < 0.3 * between.length) kept = between.map((_, i) => i);
  const k = Math.max(3, Math.floor(kept.length / 10));
  const far = kept.map((i) => ownNear(between, kept, i, k));
  const stay = order(far).slice(0, kept.length - Math.floor(leftOut * kept.length));
  return stay.map((at) => kept[at] as number).sort((a, b) => a - b);
}

function ownNear(between: readonly (readonly number[])[], among: readonly number[], i: number, k: number): number {
  return nearMean(
    among.filter((j) => j !== i).map((j) => between[i]?.[j] as number),
    k,
  );
}

function finish(state: OwnBeats): void {
  const rows = rowsOf(state);
  if (rows.length === 0) return;
  const between = rows.map((a) => rows.map((b) => distance(a, b, 1 / unit)));
  const earlyOf = Array.from(state.early, (value) => value / unit);
  const kept = usualRows(between, earlyOf);
  const spread = median(kept.map((i) => ownNear(between, kept, i, neighboursOf(kept.length))));
  const own = kept.map((i) => earlyOf[i] as number);
  const usualEarly = median(own);
  const scatter = Math.max(1.48 * median(own.map((value) => Math.abs(value - usualEarly))), leastScatter);
  state.rows = joined(kept.map((i) => rows[i] as Int16Array));
  state.early = new Int16Array(0);
  state.learnt = { spread: Number.isFinite(spread) ? spread : leastDistance, usualEarly, scatter };
}

function joined(rows: readonly Int16Array[]): Int16Array {
  const out = new Int16Array(rows.length * latentLength);
  rows.forEach((row, i) => {
    out.set(row, i * latentLength);
  });
  return out;
}

function appended(values: Int16Array, more: Int16Array): Int16Array {
  const out = new Int16Array(values.length + more.length);
  out.set(values);
  out.set(more, values.length);
  return out;
}

function judge(state: OwnBeats, evidence: Evidence): Judgement | undefined {
  const { learnt } = state;
  if (learnt === undefined) return undefined;
  const rows = rowsOf(state);
  const to = (row: Int16Array) => distance(evidence.vector, row, 1);
  const distances = rows.map(to);
  const own = nearMean(distances, neighboursOf(rows.length));
  const added = Math.min(...state.normals.map(({ row }) => to(row)));
  const isAdded = added < own;
  const near = isAdded ? added : own;
  const ownSpread = ownSpreadWeight * Math.log(Math.max(learnt.spread, leastDistance));
  const shape = Math.log(Math.max(near, leastDistance)) - ownSpread;
  // Whoever says that a shape is normal says so of the moment at which it comes, too.
  const rhythm = isAdded ? 0 : rhythmWeight * Math.max(earliness(evidence) - learnt.usualEarly - 2 * learnt.scatter, 0);
  const tens = 2 + (shape + rhythm - decision.oneIn100) / (decision.oneIn1000 - decision.oneIn100);
  return { score: 1 / (1 + 10 ** -tens), nearest: distances.indexOf(Math.min(...distances)), distance: near, parts: { shape, rhythm } };
}

export const ownBeats: PersonalSpec<OwnBeats> = {
  learnS: 300,
  curves: { residualAt, shownAt, points: segmentLength, fromS: -1 / 3, toS: 0.5 },
  empty: () => ({
    ...{ rows: new Int16Array(0), early: new Int16Array(0), seen: 0, every: 1 },
    ...{ curve: new Int16Array(segmentLength), inCurve: 0, normals: [], nextId: 1 },
  }),
  learn(state, evidence) {
    const earlier = earliness(evidence);
    state.seen++;
    if (earlier < early) {
      state.inCurve++;
      const shown = toThousandths(shownOf(evidence));
      state.curve = state.curve.map((value, i) => Math.round(value + ((shown[i] as number) - value) / state.inCurve));
    }
    if (state.seen % state.every !== 0) return;
    state.rows = appended(state.rows, rowOf(evidence));
    state.early = appended(state.early, Int16Array.of(roundEven(earlier * unit)));
    if (state.early.length < mostRows) return;
    state.rows = joined(rowsOf(state).filter((_, i) => i % 2 === 1));
    state.early = state.early.filter((_, i) => i % 2 === 1);
    state.every *= 2;
  },
  finish,
  judge,
  describe(state, evidence, { parts }): Difference {
    return differenceOf(
      shownOf(evidence),
      Float32Array.from(state.curve, (value) => value / unit),
      (parts.rhythm ?? 0) > 0 && (parts.shape ?? 0) < decision.oneIn100,
    );
  },
  addNormal(state, evidence, atUs, by) {
    const id = state.nextId++;
    state.normals.push({ id, row: rowOf(evidence), atUs, by });
    if (state.normals.length > mostNormals) state.normals.shift();
    return id;
  },
  /** The curve as it was shown is all that the network is given. */
  shownAgain(evidence) {
    if (evidence.vector.length !== shownAt + segmentLength) return undefined;
    return { beat: { data: shownOf(evidence).slice(), shape: [1, segmentLength] } };
  },
  undo(state, id) {
    const before = state.normals.length;
    state.normals = state.normals.filter((each) => each.id !== id);
    return state.normals.length < before;
  },
};
