import { serialize } from "node:v8";
import { describe, expect, it } from "vitest";
import type { Evidence } from "../personal-spec.ts";
import { ownBeats } from "./personal.ts";

/** The same small numbers on every run. */
function draws(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31 - 0.5;
  };
}

interface Shape {
  /** Where the beats of this shape lie in the latent. */
  readonly at: number;
  readonly rrMs?: number;
  readonly height?: number;
  readonly width?: number;
}

function beats() {
  const next = draws(7);
  let timeUs = 0;
  return ({ at, rrMs = 800, height = 1, width = 3 }: Shape): Evidence => {
    timeUs += rrMs * 1000;
    const vector = new Float32Array(216);
    for (let i = 0; i < 16; i++) vector[i] = at * (i % 2 === 0 ? 1 : -1) + 0.3 * next();
    for (let i = 0; i < 100; i++) vector[116 + i] = height * Math.exp(-(((i - 40) / width) ** 2)) + 0.02 * next();
    return { vector, timeUs, rrMs, rrBeforeMs: Array.from({ length: 8 }, () => 800 + 20 * next()) };
  };
}

const usual: Shape = { at: 0 };
const strange: Shape = { at: 3 };
const strangeAndEarly: Shape = { at: 3, rrMs: 500 };

/** Has learnt `count` beats, every n-th of them of another shape. */
function learnt(count = 400, other?: { readonly shape: Shape; readonly every: number }) {
  const beat = beats();
  const state = ownBeats.empty();
  for (let i = 1; i <= count; i++) ownBeats.learn(state, beat(other !== undefined && i % other.every === 0 ? other.shape : usual));
  ownBeats.finish(state);
  const judge = (shape: Shape) => {
    const judged = ownBeats.judge(state, beat(shape));
    if (judged === undefined) throw new Error("nothing learnt");
    return judged;
  };
  return { state, beat, judge };
}

describe("what is usual for one person", () => {
  it("is not known before its minutes are over", () => {
    const state = ownBeats.empty();
    const beat = beats();
    ownBeats.learn(state, beat(usual));
    expect(ownBeats.judge(state, beat(usual))).toBeUndefined();
  });

  it("tells beats of another shape from those that were learnt", () => {
    const { judge } = learnt();
    expect(judge(usual).score).toBeLessThan(0.99);
    expect(judge(strange).score).toBeGreaterThan(0.995);
  });

  it("is not moved by ectopic beats in its minutes: a tenth of any, a third of early ones", () => {
    const tenth = learnt(400, { shape: strange, every: 10 });
    expect(tenth.judge(strange).score).toBeGreaterThan(0.9);
    expect(tenth.judge(usual).score).toBeLessThan(0.5);
    const { judge } = learnt(400, { shape: strangeAndEarly, every: 3 });
    expect(judge(strangeAndEarly).score).toBeGreaterThan(0.99);
    expect(judge(usual).score).toBeLessThan(0.95);
  });

  it("counts a beat that comes far too early towards it, whatever its shape", () => {
    const { judge } = learnt();
    expect(judge({ at: 0, rrMs: 450 }).parts.rhythm).toBeGreaterThan(0.5);
    expect(judge(usual).parts.rhythm).toBe(0);
  });

  it("takes a shape as normal that somebody has called so, until that is undone", () => {
    const { state, beat, judge } = learnt();
    const id = ownBeats.addNormal(state, beat(strangeAndEarly), 5, "Carer");
    expect(judge(strangeAndEarly).score).toBeLessThan(0.95);
    expect(ownBeats.undo(state, id)).toBe(true);
    expect(ownBeats.undo(state, id)).toBe(false);
    expect(judge(strangeAndEarly).score).toBeGreaterThan(0.99);
  });

  it("stays within 4 kB at every moment, survives a clone and does not change by judging", () => {
    const beat = beats();
    const state = ownBeats.empty();
    for (let i = 0; i < 1000; i++) {
      ownBeats.learn(state, beat(i % 5 === 0 ? strange : usual));
      expect(serialize(state).length).toBeLessThanOrEqual(4096);
    }
    ownBeats.finish(state);
    for (let i = 0; i < 30; i++) ownBeats.addNormal(state, beat(strange), i, "A person with a rather long name");
    expect(serialize(state).length).toBeLessThanOrEqual(4096);
    const before = structuredClone(state);
    ownBeats.judge(state, beat(strange));
    expect(state).toEqual(before);
  });

  it("judges with three beats, with one, and says nothing with none", () => {
    expect(learnt(3).judge(strange).score).toBeGreaterThan(learnt(3).judge(usual).score);
    expect(Number.isFinite(learnt(1).judge(usual).score)).toBe(true);
    const state = ownBeats.empty();
    ownBeats.finish(state);
    expect(ownBeats.judge(state, beats()(usual))).toBeUndefined();
  });

  it("says in which way a beat is unlike", () => {
    const { state, beat } = learnt();
    const said = (shape: Shape) => {
      const evidence = beat(shape);
      return ownBeats.describe(state, evidence, ownBeats.judge(state, evidence) as NonNullable<ReturnType<typeof ownBeats.judge>>);
    };
    expect(said({ at: 3, width: 8 })).toBe("wider");
    expect(said({ at: 3, height: 2 })).toBe("taller");
    expect(said({ at: 3, height: 0.4 })).toBe("flatter");
    expect(said({ at: 0, rrMs: 400 })).toBe("earlier");
    expect(said({ at: 3 })).toBe("other");
  });
});
