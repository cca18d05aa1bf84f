/** A memory of one person as a few of their windows, and how far each of these lies from the others. */

import type { Difference, Evidence, Judgement, PersonalSpec } from "../../../../models/personal-spec.ts";
import { median } from "../../../../models/signal/statistics.ts";

export const points = 64;
const waves = 16;
const mostRows = 40;
/** Minutes may hold ectopic beats. */
const keptShare = 0.9;

export interface OwnShapes {
  rows: Float32Array[];
  /** Of how many windows one is kept, and how many have come. */
  every: number;
  seen: number;
  /** Sorted distances of the learnt rows to their nearest; empty until it has learnt. */
  reach: number[];
  curve: Float32Array;
  normals: { id: number; row: Float32Array }[];
}

const rowOf = ({ vector }: Evidence) => vector.slice(0, waves);
const shownOf = ({ vector }: Evidence) => vector.slice(waves + points);
const distance = (a: Float32Array, b: Float32Array) => Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b[i] as number)) ** 2, 0));

function nearestOf(row: Float32Array, rows: readonly Float32Array[]): { nearest: number; distance: number } {
  return rows.reduce(
    (least, each, nearest) => {
      const d = distance(row, each);
      return d < least.distance ? { nearest, distance: d } : least;
    },
    { nearest: -1, distance: Number.POSITIVE_INFINITY },
  );
}

/** How much sooner it came than those before it, 0–1. */
function earliness({ rrMs, rrBeforeMs }: Evidence): number {
  return rrMs === undefined || rrBeforeMs.length < 4 ? 0 : Math.max(0, 1 - rrMs / median(rrBeforeMs));
}

export const ownShapes: PersonalSpec<OwnShapes> = {
  learnS: 300,
  curves: { residualAt: waves, shownAt: waves + points, points, fromS: -0.3, toS: 0.5 },
  empty: () => ({ rows: [], every: 1, seen: 0, reach: [], curve: new Float32Array(points), normals: [] }),
  learn(state, evidence) {
    state.seen++;
    const shown = shownOf(evidence);
    state.curve = state.curve.map((value, i) => value + ((shown[i] as number) - value) / state.seen);
    if (state.seen % state.every !== 0) return;
    state.rows.push(rowOf(evidence));
    if (state.rows.length < mostRows) return;
    state.rows = state.rows.filter((_, i) => i % 2 === 1);
    state.every *= 2;
  },
  finish(state) {
    const others = (at: number) => state.rows.filter((_, i) => i !== at);
    const middle = state.rows.map((row) => median(state.rows.map((other) => distance(row, other))));
    const most = [...middle].sort((a, b) => a - b)[Math.ceil(middle.length * keptShare) - 1] ?? 0;
    state.rows = state.rows.filter((_, i) => (middle[i] as number) <= most);
    state.reach = state.rows.map((row, i) => nearestOf(row, others(i)).distance).sort((a, b) => a - b);
  },
  judge(state, evidence): Judgement | undefined {
    if (state.reach.length === 0) return undefined;
    const { nearest, distance: shape } = nearestOf(rowOf(evidence), [...state.rows, ...state.normals.map(({ row }) => row)]);
    const rhythm = earliness(evidence);
    const longest = state.reach.at(-1) as number;
    const n = state.reach.length;
    const d = shape * (1 + rhythm);
    const beyond = 1 - (longest / Math.max(d, longest)) ** 3 / (n + 1);
    const score = d > longest ? beyond : state.reach.filter((each) => each < d).length / (n + 1);
    return { score, nearest, distance: shape, parts: { shape, rhythm } };
  },
  describe(state, evidence, { parts }): Difference {
    if ((parts.rhythm ?? 0) > 0.25) return "earlier";
    const [own, usual] = [shownOf(evidence), state.curve];
    const height = (curve: Float32Array) => Math.max(...curve.map(Math.abs));
    const width = (curve: Float32Array) => curve.filter((value) => Math.abs(value) > height(curve) / 2).length;
    if (width(own) > width(usual) * 1.4) return "wider";
    if (height(own) > height(usual) * 1.4) return "taller";
    return height(own) < height(usual) * 0.6 ? "flatter" : "other";
  },
  addNormal(state, evidence) {
    const id = Math.max(0, ...state.normals.map((each) => each.id)) + 1;
    state.normals.push({ id, row: rowOf(evidence) });
    return id;
  },
  shownAgain: (evidence) => ({ x: { data: shownOf(evidence), shape: [1, points] } }),
  undo(state, id) {
    const before = state.normals.length;
    state.normals = state.normals.filter((each) => each.id !== id);
    return state.normals.length < before;
  },
};
