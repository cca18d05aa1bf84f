import { expect, test } from "vitest";
import { type BeliefState, createLifeBelief } from "./life-belief.ts";

const us = (s: number) => Math.round(s * 1e6);

interface Course {
  readonly fromS?: number;
  readonly toS: number;
  readonly rrS?: number;
  readonly delayS?: number;
  readonly height?: number;
  /** Every so-many-th beat has no pulse. */
  readonly missEvery?: number;
  /** Every so-many-th pulse has another pulse beside it, which no beat made. */
  readonly extraEvery?: number;
  /** Seconds by which the delay of each second pulse differs. */
  readonly jitterS?: number;
}

/** Beats of an ECG, each with the pulse that a pleth makes of it. */
function beating(belief: ReturnType<typeof createLifeBelief>, course: Course) {
  const { fromS = 0, toS, rrS = 0.8, delayS = 0.3, height = 100, missEvery, extraEvery, jitterS = 0 } = course;
  const facts: [number, () => void][] = [];
  for (let i = 0; fromS + i * rrS < toS; i++) {
    const beatS = fromS + i * rrS;
    const pulseS = beatS + delayS + (i % 2) * jitterS;
    facts.push([beatS, () => belief.beat("ecg", us(beatS))]);
    if (missEvery === undefined || i % missEvery > 0) facts.push([pulseS, () => belief.pulse("pleth", us(pulseS), height)]);
    if (extraEvery !== undefined && i % extraEvery === 0)
      facts.push([pulseS + 0.25, () => belief.pulse("pleth", us(pulseS + 0.25), height)]);
  }
  for (const [, fact] of facts.sort(([a], [b]) => a - b)) fact();
  return belief;
}

/** Pulses that go on by themselves behind the beats. */
function pulsing(belief: ReturnType<typeof createLifeBelief>, fromS: number, toS: number, rrS = 0.8, height = 100) {
  for (let i = 0; fromS + i * rrS < toS; i++) belief.pulse("pleth", us(fromS + i * rrS), height);
  return belief;
}

const lives = (belief: ReturnType<typeof createLifeBelief>, nowS: number, isNew = false) =>
  belief.newest("ecg", us(nowS), us(4), isNew) !== undefined;

/** The pleth of a course goes on for 6 s without beats: does it speak for the person? */
function isBelieved(course: Omit<Course, "toS"> & { readonly toS?: number }): boolean {
  const { toS = 62, rrS = 0.8, delayS = 0.3 } = course;
  const belief = beating(createLifeBelief(), { ...course, toS });
  return lives(pulsing(belief, toS + delayS, toS + 6, rrS, course.height), toS + 6);
}

test("a pleth whose pulses have followed the beats for most of a minute is believed, at any steady delay of a body", () => {
  expect([0.1, 0.3, 0.7, 1.9, -0.4].map((delayS) => isBelieved({ delayS }))).toEqual([true, true, true, true, true]);
  expect(isBelieved({ rrS: 0.8, delayS: 0.3, jitterS: 0.08 })).toBe(true);
});

test("one that has not been seen for long enough, or with too few beats, is not", () => {
  expect([46, 56].map((toS) => isBelieved({ toS }))).toEqual([false, true]);
  expect([1.9, 2.4].map((rrS) => isBelieved({ rrS, toS: 58 }))).toEqual([true, false]);
});

test("pulses that scatter about the beats are nobody's", () => {
  expect(isBelieved({ jitterS: 0.12 })).toBe(false);
  // At fast rates a fifth of the interval is what may pass.
  expect([0.06, 0.09].map((jitterS) => isBelieved({ rrS: 0.4, delayS: 0.1, jitterS }))).toEqual([true, false]);
});

test("belief is earned by four of five beats and of five pulses", () => {
  expect([10, 6, 4].map((missEvery) => isBelieved({ missEvery }))).toEqual([true, true, false]);
  expect([10, 5, 2].map((extraEvery) => isBelieved({ extraEvery }))).toEqual([true, true, false]);
});

test("it is lost when fewer than three of five agree, and kept in between", () => {
  const after = (missEvery: number) => {
    const belief = beating(createLifeBelief(), { toS: 62 });
    beating(belief, { fromS: 62.4, toS: 150, missEvery });
    return lives(pulsing(belief, 150.3, 156), 156);
  };
  expect([after(4), after(2)]).toEqual([true, false]);
});

test("a pause of more than 10 s has to be earned anew", () => {
  const after = (pauseS: number) => {
    const belief = beating(createLifeBelief(), { toS: 62 });
    return lives(pulsing(belief, 61.9 + pauseS, 68 + pauseS), 68 + pauseS);
  };
  expect([after(9.5), after(11)]).toEqual([true, false]);
});

test("lower pulses than a third of what agreed, and pulses out of step, say nothing", () => {
  const then = (rrS: number, height: number) => lives(pulsing(beating(createLifeBelief(), { toS: 62 }), 62.1, 70, rrS, height), 70);
  expect([then(0.8, 34), then(0.8, 33)]).toEqual([true, false]);
  expect([then(0.41, 100), then(0.39, 100), then(1.59, 100), then(1.65, 100)]).toEqual([true, false, true, false]);
});

test("two pulses within the silence are needed, and the newest of them is what speaks", () => {
  const belief = pulsing(beating(createLifeBelief(), { toS: 62 }), 62.1, 63.8);
  expect(belief.newest("ecg", us(64), us(4), false)).toBe(us(63.7));
  expect([belief.newest("ecg", us(66.8), us(4), false), belief.newest("ecg", us(66.9), us(4), false)]).toEqual([us(63.7), undefined]);
  // What comes later is not known yet.
  expect(belief.newest("ecg", us(63), us(4), false)).toBe(us(62.9));
});

test("of two sources the newer pulse speaks, whichever has been known for longer", () => {
  const both = (delays: readonly [string, number][]) => {
    const belief = createLifeBelief();
    for (let beatS = 0; beatS < 62; beatS += 0.8) {
      belief.beat("ecg", us(beatS));
      for (const [key, delayS] of delays) belief.pulse(key, us(beatS + delayS), 100);
    }
    for (let beatS = 62.4; beatS < 66; beatS += 0.8) for (const [key, delayS] of delays) belief.pulse(key, us(beatS + delayS), 100);
    return belief.newest("ecg", us(66.4), us(4), false);
  };
  expect(
    both([
      ["ear", 0.1],
      ["toe", 0.5],
    ]),
  ).toBe(us(66.1));
  expect(
    both([
      ["toe", 0.5],
      ["ear", 0.1],
    ]),
  ).toBe(us(66.1));
});

test("another ECG speaks for one that has never shown a beat, and for no other unless it has agreed; none speaks for itself", () => {
  const belief = createLifeBelief();
  for (let s = 0; s < 20; s += 0.8) belief.beat("patch", us(s));
  expect([lives(belief, 20, true), lives(belief, 20, false)]).toEqual([true, false]);
  expect(belief.newest("patch", us(20), us(4), true)).toBeUndefined();
  const pleth = pulsing(createLifeBelief(), 0, 20);
  expect(lives(pleth, 20, true)).toBe(false);
});

test("a sensor that has moved on a living body is remembered as such for an hour", () => {
  const belief = createLifeBelief();
  expect(belief.moved("band", us(10), false)).toBe(false);
  expect([belief.moved("band", us(20), true), belief.moved("other", us(20), false)]).toEqual([true, false]);
  expect([belief.moved("band", us(3620), false), belief.moved("band", us(3620.1), false)]).toEqual([true, false]);
});

test("pulses that come late change nothing, and a minute is all that is kept", () => {
  const belief = beating(createLifeBelief(), { toS: 200 });
  const { rows } = belief.state();
  belief.pulse("pleth", us(195), 5);
  expect(belief.state().rows).toEqual(rows);
  for (const [, row] of rows) {
    expect(row.timesUs).toHaveLength(row.heights.length);
    expect((row.timesUs.at(-1) ?? 0) - (row.timesUs[0] ?? 0)).toBeLessThanOrEqual(us(62));
    expect((row.timesUs.at(-1) ?? 0) - (row.timesUs[0] ?? 0)).toBeGreaterThan(us(60));
  }
});

test("a state is a copy with everything in it", () => {
  const before = beating(createLifeBelief(), { toS: 62 });
  before.moved("band", us(60), true);
  const state: BeliefState = before.state();
  const copy = structuredClone(state);
  const after = createLifeBelief(state);
  pulsing(before, 62.1, 70);
  pulsing(after, 62.1, 70);
  expect(state).toEqual(copy);
  expect(after.state()).toEqual(before.state());
  expect([lives(after, 70), after.moved("band", us(3600), false)]).toEqual([true, true]);
});
