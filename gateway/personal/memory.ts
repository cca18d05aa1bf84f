/** What one model has learnt of one person at one placement: the model's own state, and what the house knows of its learning. Plain data and what is done to it. */

import type { Curves, Evidence, PersonalSpec } from "../../models/personal-spec.ts";
import { meanOr } from "../../models/signal/statistics.ts";
import { copied } from "../facts/copied.ts";
import { type DatedLearnAct, evidenceOf, type Learning } from "../facts/learning.ts";

export interface Memory {
  readonly model: string;
  readonly version: string;
  readonly of: string;
  state: unknown;
  learntS: number;
  sinceUs: number;
  /** Of the newest window, and of the newest that was learnt. */
  usedUs: number;
  learntUs?: number;
  finishedUs?: number;
  isFromRecord?: boolean;
  /** Windows learnt, and those left out because another model calls the beat ectopic. */
  learnt: number;
  aside: number;
  /** Most beats of this person are called ectopic (a pacemaker, a bundle branch): they are this person's own and are learnt too. */
  takesEctopic: boolean;
  /** Mean of the windows as they were shown. */
  usual?: Float32Array;
  /** Of the windows judged lately, how many were unlike what was learnt. */
  recent: { count: number; unlike: number };
  changedUs?: number;
  normals: (Learning["normals"][number] & { readonly ids: readonly number[] })[];
}

/** A window this unusual counts as unlike what was learnt. */
const unlikeScore = 0.95;
/** About five minutes of beats. */
const recentCount = 300;
/** Fewer windows than this are no memory. */
const leastLearnt = 20;
/** A household's answers in one memory; the oldest go first. */
export const mostNormals = 16;

export function emptyMemory(of: Pick<Memory, "model" | "version" | "of">, spec: PersonalSpec, sinceUs: number): Memory {
  const { model, version } = of;
  return {
    ...{ model, version, of: of.of, state: spec.empty(), sinceUs, usedUs: sinceUs, learntS: 0, learnt: 0, aside: 0, takesEctopic: false },
    ...{ recent: { count: 0, unlike: 0 }, normals: [] },
  };
}

/** Good signal of this person: learnt, or left out where another model calls it ectopic. Its time counts either way. */
export function learn(memory: Memory, spec: PersonalSpec, evidence: Evidence, isEctopic: boolean, neededS: number): void {
  memory.learntS += Math.min(evidence.rrMs ?? 0, 2000) / 1000;
  // A past may be learnt beside the present.
  memory.sinceUs = Math.min(memory.sinceUs, evidence.timeUs);
  memory.learntUs = Math.max(memory.learntUs ?? evidence.timeUs, evidence.timeUs);
  if (isEctopic && !memory.takesEctopic) memory.aside++;
  else {
    // What throws half-way has changed nothing that is kept.
    const state = copied(memory.state);
    spec.learn(state, evidence);
    memory.state = state;
    memory.learnt++;
    const shown = shownOf(evidence, spec.curves);
    if (shown !== undefined) {
      const usual = memory.usual ?? new Float32Array(shown.length);
      memory.usual = usual.map((value, i) => value + ((shown[i] as number) - value) / memory.learnt);
    }
  }
  if (memory.learntS >= neededS / 2 && memory.aside > memory.learnt && !memory.takesEctopic) {
    // What people have called normal is not to be had a second time: then the few that were learnt stay.
    memory.takesEctopic = true;
    if (memory.normals.length > 0) return;
    const { sinceUs } = memory;
    Object.assign(memory, emptyMemory(memory, spec, sinceUs), { takesEctopic: true });
    delete memory.usual;
    return;
  }
  if (memory.learntS < neededS || memory.learnt < leastLearnt) return;
  const state = copied(memory.state);
  spec.finish(state);
  memory.state = state;
  memory.finishedUs = memory.learntUs;
}

/** Counts a judged window towards "it has changed". */
export function remember(memory: Memory, score: number, timeUs: number): void {
  const { recent } = memory;
  const keep = recent.count < recentCount ? 1 : 1 - 1 / recentCount;
  recent.count = recent.count * keep + 1;
  recent.unlike = recent.unlike * keep + (score >= unlikeScore ? 1 : 0);
  const share = recent.unlike / recent.count;
  if (recent.count >= recentCount / 2 && share > 0.5) memory.changedUs ??= timeUs;
  else if (share < 0.25) delete memory.changedUs;
}

/** Correlation with what is usual. */
export function likenessOf(memory: Memory, shown: Float32Array | undefined): number | undefined {
  const { usual } = memory;
  if (shown === undefined || usual === undefined) return undefined;
  const a = meanOr(shown, 0);
  const b = meanOr(usual, 0);
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < shown.length; i++) {
    const x = (shown[i] as number) - a;
    const y = (usual[i] as number) - b;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa * bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}

export function shownOf({ vector }: Pick<Evidence, "vector">, curves: Curves | undefined): Float32Array | undefined {
  return curves === undefined ? undefined : vector.slice(curves.shownAt, curves.shownAt + curves.points);
}

/** A person has said that these are normal. */
export function addNormals(memory: Memory, spec: PersonalSpec, { number, fromUs: atUs, by, act }: DatedLearnAct): void {
  if (act.kind !== "normal" || memory.normals.some((each) => each.number === number)) return;
  const state = copied(memory.state);
  const ids = act.evidence.map((each) => spec.addNormal(state, evidenceOf(each), atUs, by));
  memory.state = state;
  memory.normals = [...memory.normals, { number, atUs, by, ids }];
  for (const old of memory.normals.slice(0, -mostNormals)) undoNormals(memory, spec, old.number);
}

export function undoNormals(memory: Memory, spec: PersonalSpec, number: number): void {
  const state = copied(memory.state);
  for (const id of memory.normals.find((each) => each.number === number)?.ids ?? []) spec.undo(state, id);
  memory.state = state;
  memory.normals = memory.normals.filter((each) => each.number !== number);
}

export function learningOf(memory: Memory, neededS: number): Learning {
  const { model: id, version, of, learntS, sinceUs, finishedUs, isFromRecord, changedUs, normals } = memory;
  return {
    ...{ model: { id, version }, of, learntS: Math.round(Math.min(learntS, neededS)), neededS, sinceUs },
    ...(finishedUs === undefined ? {} : { finishedUs }),
    ...(isFromRecord === undefined ? {} : { isFromRecord }),
    ...(changedUs === undefined ? {} : { changedUs }),
    normals: normals.map(({ number, atUs, by }) => ({ number, atUs, by })),
  };
}
