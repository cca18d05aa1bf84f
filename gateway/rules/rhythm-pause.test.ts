import { expect, test } from "vitest";
import { scenario, told, watchedS } from "./testdata/scenario.ts";

const pause = "rhythm.pause";
const clean = () => scenario().signal(0, 60).beats(0.5, 20, 0.8);

test("an RR of 3 s is told between 3.4 and 4.4 s after the beat and ends with the next one", () => {
  for (const startS of [20.1, 20.4, 20.7, 20.95]) {
    const decisions = clean()
      .beat(startS)
      .beats(startS + 3.9, 40, 0.8)
      .run(40);
    const begin = decisions.find((decision) => decision.kind === "begin" && decision.rule === pause);
    if (begin?.kind !== "begin") throw new Error("no pause");
    const delayS = (begin.timeUs - begin.onsetUs) / 1e6;
    expect(delayS).toBeGreaterThanOrEqual(3.4);
    expect(delayS).toBeLessThanOrEqual(4.4);
    expect(begin.onsetUs).toBe(Math.round(startS * 1e6));
    const end = decisions.find((decision) => decision.kind === "end" && decision.rule === pause);
    expect(end).toMatchObject({ endUs: Math.round((startS + 3.9) * 1e6) });
  }
});

test("3.0 s is a pause and 2.99 s is none", () => {
  expect(told(clean().beat(20.3).beats(23.3, 40, 0.8).run(40), pause)).toEqual([
    "rhythm.pause medium from 20.3 told 24 = 3",
    "rhythm.pause ended 23.3 told 24",
  ]);
  expect(told(clean().beat(20.3).beats(23.29, 40, 0.8).run(40), pause)).toEqual([]);
});

test("the value becomes the whole interval", () => {
  const decisions = clean().beat(20.1).beats(25.9, 40, 0.8).run(40, { asystoleS: 10 });
  expect(decisions.filter((decision) => decision.kind === "update" && decision.rule === pause)).toMatchObject([{ value: 5.8 }]);
});

test("missing samples are no pause", () => {
  expect(told(scenario().signal(0, 21).gap(21, 24).signal(24, 60).beats(0.5, 21, 0.8).beats(24.2, 60, 0.8).run(60), pause)).toEqual([]);
  expect(told(scenario().signal(0, 21).beats(0.5, 21, 0.8).run(60))).toEqual([]);
  const bad = { level: "bad", contact: "unknown" } as const;
  expect(
    told(scenario().signal(0, 21).signal(21, 24, bad).signal(24, 60).gap(21, 24).beats(0.5, 21, 0.8).beats(24.2, 60, 0.8).run(60), pause),
  ).toEqual([]);
});

test("neither poor signal, lead-off nor the settling time makes a pause", () => {
  const without = (more: object) =>
    scenario().signal(0, 20).signal(20, 24, more).signal(24, 60).beats(0.5, 20, 0.8).beats(24.5, 60, 0.8).run(60);
  expect(told(without({ level: "poor", noisy: true }), pause)).toEqual([]);
  expect(told(without({ level: "bad", contact: "off" }), pause)).toEqual([]);
  expect(told(scenario().signal(0, 60).beat(2.5).beats(6.5, 60, 0.8).run(60), pause)).toEqual([]);
});

test("a single odd interval below the limit does not alarm", () => {
  expect(told(clean().beat(20.1).beat(22.6).beats(23.4, 60, 0.8).run(60))).toEqual([]);
});

test("it is watched only while the signal is good from beat to beat", () => {
  const decisions = scenario().signal(0, 30).signal(30, 40, { level: "poor" }).signal(40, 60).beats(0.5, 60, 0.8).run(60);
  expect(watchedS(decisions, "rhythm.pause")).toBe(39);
});
