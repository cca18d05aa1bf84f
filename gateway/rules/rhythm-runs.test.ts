import { expect, test } from "vitest";
import { scenario, told, watchedS } from "./testdata/scenario.ts";

const runs = ["rhythm.vt", "rhythm.vt-run"];
const clean = () => scenario().signal(0, 60).beats(0.5, 20, 0.8);

test("five V at 100 bpm or more are VT, told with the fifth and ended 10 s after the run", () => {
  const decisions = clean().row(20.1, 0.4, "VVVVVVVV").beats(23.8, 60, 0.8).run(60);
  expect(told(decisions, ...runs)).toEqual(["rhythm.vt high from 20.1 told 22.2 = 150", "rhythm.vt ended 22.9 told 33"]);
  expect(decisions.find((decision) => decision.kind === "begin")).toMatchObject({
    model: { id: "ecg-beat" },
    quality: "good",
    alertKind: "physiological",
  });
  expect(decisions.filter((decision) => decision.kind === "rhythm").map(({ label, timeUs }) => [label, timeUs / 1e6])).toEqual([
    ["(VT", 20.1],
    ["(N", 23.8],
  ]);
});

test("four V and four at any length below 100 bpm are no VT", () => {
  expect(told(clean().row(20.1, 0.4, "VVVVNNNN").run(40), "rhythm.vt")).toEqual([]);
  expect(told(clean().row(20.1, 0.61, "VVVVVVVVVVNNNN").run(40), "rhythm.vt")).toEqual([]);
  expect(told(clean().row(20.1, 0.6, "VVVVVNNNN").run(40), "rhythm.vt")).toHaveLength(2);
});

test("a run of three or four is told with the beat that ends it, and ends with the third other beat", () => {
  expect(told(clean().row(20.1, 0.5, "VVVNNNN").run(40), ...runs)).toEqual([
    "rhythm.vt-run medium from 20.1 told 22.1 = 3",
    "rhythm.vt-run ended 21.1 told 23.1",
  ]);
  expect(told(clean().row(20.1, 0.5, "VVVVNNNN").run(40), ...runs)[0]).toBe("rhythm.vt-run medium from 20.1 told 22.6 = 4");
  expect(told(clean().row(20.1, 0.5, "VVNNVVNNVNNN").run(40), ...runs)).toEqual([]);
});

test("every run is an episode of its own, also two close together", () => {
  const lines = told(clean().row(20.1, 0.5, "VVVNVVVNNNN").run(40), "rhythm.vt-run");
  expect(lines.map((line) => line.split(" ").slice(1, 3).join(" "))).toEqual(["medium from", "ended 21.1", "medium from", "ended 23.1"]);
});

test("beats in a row below 100 bpm are neither: an escape or paced rhythm is no tachycardia", () => {
  expect(told(clean().row(20.1, 0.8, "VVVVVVNNNN").run(40), ...runs)).toEqual([]);
  expect(told(clean().row(20.1, 0.61, "VVVVNNNN").run(40), ...runs)).toEqual([]);
  expect(told(clean().row(20.1, 0.6, "VVVVNNNN").run(40), ...runs)).toHaveLength(2);
});

test("a run that becomes VT is never told as a short one, and a short one after it is covered", () => {
  const decisions = clean().row(20.1, 0.4, "VVVVVVNNNVVVNNNN").run(50);
  expect(told(decisions, ...runs)).toEqual([
    "rhythm.vt high from 20.1 told 22.2 = 150",
    "rhythm.vt-run medium from 23.7 told 25.4 = 3 (by rhythm.vt)",
    "rhythm.vt-run ended 24.5 told 26.2",
    "rhythm.vt ended 22.1 told 33",
  ]);
});

test("a second long run within 10 s belongs to the same VT", () => {
  const lines = told(clean().row(20.1, 0.4, "VVVVVVNNNNNVVVVVNNNN").run(60), "rhythm.vt");
  expect(lines).toEqual(["rhythm.vt high from 20.1 told 22.2 = 150", "rhythm.vt ended 26.1 told 37"]);
});

test("an F counts like a V, but a run of mostly F is no run", () => {
  expect(told(clean().row(20.1, 0.4, "VFVVVNNNN").run(40), "rhythm.vt")).toHaveLength(2);
  expect(told(clean().row(20.1, 0.4, "FFFVVNNNN").run(40), ...runs)).toEqual([]);
});

test("a single outlier does not alarm", () => {
  expect(told(clean().row(20.1, 0.4, "VNNNVNNN").run(40), ...runs)).toEqual([]);
});

test("a gap inside a run breaks it: nothing is made up across missing data", () => {
  const decisions = scenario()
    .signal(0, 60)
    .beats(0.5, 20, 0.8)
    .row(20.1, 0.4, "VVV")
    .gap(21.2, 21.6)
    .beat(21.7, "V", { rrMs: undefined })
    .beat(22.1, "V")
    .row(22.5, 0.4, "NNNN")
    .run(40);
  expect(told(decisions, ...runs)).toEqual([]);
});

test("no data at all raises nothing and is not watched", () => {
  const decisions = scenario().signal(0, 20).beats(0.5, 20, 0.8).run(120);
  expect(told(decisions)).toEqual([]);
  expect(watchedS(decisions, "rhythm.vt")).toBeLessThan(14);
});

test("beats in poor signal, without contact or within the settling time count for nothing", () => {
  const poor = { level: "poor", noisy: true } as const;
  expect(
    told(scenario().signal(0, 19).signal(19, 30, poor).signal(30, 60).beats(0.5, 20, 0.8).row(20.1, 0.4, "VVVVVVVVNNNN").run(60), ...runs),
  ).toEqual([]);
  expect(
    told(
      scenario().signal(0, 19).signal(19, 60, { contact: "off", level: "bad" }).beats(0.5, 20, 0.8).row(20.1, 0.4, "VVVVVVVVNNNN").run(60),
      ...runs,
    ),
  ).toEqual([]);
  expect(told(scenario().signal(0, 60).row(1.1, 0.4, "VVVVVVVVNNNN").run(40), ...runs)).toEqual([]);
});

test("a beat without a class breaks the run, and the rule is not watching", () => {
  expect(told(clean().row(20.1, 0.4, "VVV?VVNNN").run(40), "rhythm.vt")).toEqual([]);
  const blind = scenario().signal(0, 60).beats(0.5, 60, 0.8, "unknown").run(60);
  expect(watchedS(blind, "rhythm.vt")).toBe(0);
  expect(watchedS(clean().beats(20, 60, 0.8).run(60), "rhythm.vt")).toBe(49.75);
});

test("a run that ends in silence is told without waiting for a beat", () => {
  expect(told(clean().row(20.1, 0.4, "VVV").run(26), "rhythm.vt-run")).toEqual([
    "rhythm.vt-run medium from 20.1 told 24 = 3",
    "rhythm.vt-run ended 20.9 told 26",
  ]);
});

test("a run that is over when the recording ends has an end, one that goes on has none", () => {
  const over = clean().row(20, 0.4, "VVVVVV").beats(22.4, 26, 0.8);
  expect(told(over.run(26), "rhythm.vt").at(-1)).toBe("rhythm.vt ended 22 told 26");
  const goesOn = clean().row(20, 0.4, "VVVVVVVVVVVVVVV");
  expect(told(goesOn.run(26), "rhythm.vt")).toHaveLength(1);
});
