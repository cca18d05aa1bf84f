import { expect, test } from "vitest";
import { scenario, told, watchedS } from "./testdata/scenario.ts";

const ids = ["anomaly.morphology", "device.seat"];
const usual = 0.5;
const unlike = 0.999;

test("three of five beats unlike the usual ones are told when the third's signal has been judged, with what they are", () => {
  const run = scenario()
    .signal(0, 60)
    .shapes(0.4, 40, usual)
    .shape(40.4, unlike)
    .shape(41.2, usual)
    .shape(42, unlike)
    .shape(42.8, unlike)
    .shapes(43.6, 60, usual);
  const decided = run.run(60);
  expect(told(decided, ...ids)).toEqual(["anomaly.morphology low from 40.4 told 44 = 3"]);
  expect(decided.find((each) => each.kind === "begin")).toMatchObject({
    cause: { code: "unusual.wider" },
    unit: "beats",
    model: { id: "ecg-anomaly", version: "1" },
    evidence: { of: "chest", beats: [{ timeUs: 40_400_000 }, { timeUs: 42_000_000 }, { timeUs: 42_800_000 }] },
  });
});

test("two of five are not told, nor is a score below the person's own limit", () => {
  const two = scenario()
    .signal(0, 60)
    .shapes(0.4, 40, usual)
    .shape(40.4, unlike)
    .shape(41.2, usual)
    .shape(42, usual)
    .shape(42.8, unlike)
    .shapes(43.6, 60, usual);
  expect(told(two.run(60), ...ids)).toEqual([]);
  const many = scenario().signal(0, 60).shapes(0.4, 40, usual).shapes(40.4, 60, 0.995);
  expect(told(many.run(60, { anomalyScore: 0.999 }), ...ids)).toEqual([]);
  expect(told(many.run(60), ...ids)).toHaveLength(1);
});

test("it ends with five minutes of other beats, and tells the most that came within a minute", () => {
  const run = scenario().signal(0, 400).shapes(0.4, 40, usual).shapes(40.4, 52, unlike).shapes(52.4, 400, usual);
  const decided = run.run(400);
  // The last beat at which three of five were unlike is the second usual one.
  expect(told(decided, ...ids)).toEqual(["anomaly.morphology low from 40.4 told 43 = 3", "anomaly.morphology ended 53.2 told 354"]);
  expect(decided.flatMap((each) => (each.kind === "update" ? [each.value] : []))).toEqual([6, 9, 12, 15]);
});

test("signal that is poor, lost or without contact breaks the row and begins nothing", () => {
  const row = () => scenario().shapes(0.4, 40, usual).shapes(40.4, 60, unlike);
  const poor = { level: "poor", noisy: true } as const;
  expect(told(row().signal(0, 40).signal(40, 60, poor).run(60), ...ids)).toEqual([]);
  expect(told(row().signal(0, 40).signal(40, 60, { level: "bad", contact: "off" }).run(60), ...ids)).toEqual([]);
  const flickering = scenario().shapes(0.4, 40, usual).shapes(40.4, 60, unlike).signal(0, 40);
  for (let s = 40; s < 60; s += 2) flickering.signal(s, s + 1, poor).signal(s + 1, s + 2);
  expect(told(flickering.run(60), ...ids)).toEqual([]);
  expect(told(scenario().shapes(0.4, 60, unlike).run(60), ...ids)).toEqual([]);
});

test("while it is learning it tells nothing and watches nothing", () => {
  const decided = scenario().signal(0, 60).shapes(0.4, 60, undefined).run(60);
  expect(told(decided, ...ids)).toEqual([]);
  expect(watchedS(decided, "anomaly.morphology")).toBe(0);
  const known = scenario().signal(0, 60).shapes(0.4, 60, usual).run(60);
  expect(watchedS(known, "anomaly.morphology")).toBeGreaterThan(45);
});

test("where every beat is another from the first one on after it was put on, the seat is told and no anomaly", () => {
  const moved = scenario().signal(0, 40).shapes(0.4, 40, usual).gap(40, 100).signal(100, 160).shapes(100.4, 160, unlike);
  const decided = moved.run(160);
  expect(told(decided, ...ids)).toEqual(["device.seat low from 110.8 told 127"]);
  expect(decided.find((each) => each.kind === "begin")).toMatchObject({ cause: { code: "seat.other" }, alertKind: "technical" });
});

test("a strap that is on upside down is told as such, and its end when it is turned", () => {
  const turned = scenario()
    .signal(0, 40)
    .shapes(0.4, 40, usual)
    .gap(40, 100)
    .signal(100, 160)
    .shapes(100.4, 160, unlike, { likeness: -0.95 });
  turned.gap(160, 200).signal(200, 260).shapes(200.4, 260, usual);
  const decided = turned.run(260);
  expect(told(decided, ...ids)).toEqual(["device.seat low from 110.8 told 127", "device.seat ended 210.8 told 224"]);
  expect(decided.find((each) => each.kind === "begin")).toMatchObject({ cause: { code: "seat.upside-down" } });
});

test("beats that become inverted while the sensor sits still are an anomaly, not a strap", () => {
  const run = scenario().signal(0, 80).shapes(0.4, 40, usual).shapes(40.4, 80, unlike, { likeness: -0.95, difference: "other" });
  expect(told(run.run(80), ...ids)).toEqual(["anomaly.morphology low from 40.4 told 43 = 3"]);
});

test("learning anew ends what was told of the old memory", () => {
  const run = scenario().signal(0, 100).shapes(0.4, 40, usual).shapes(40.4, 60, unlike).shapes(60.4, 100, undefined);
  expect(told(run.run(100), ...ids)).toEqual(["anomaly.morphology low from 40.4 told 43 = 3", "anomaly.morphology ended 59.6 told 61"]);
});

test("at most eight a day are told", () => {
  const run = scenario();
  for (let at = 0; at < 12 * 400; at += 400)
    run
      .signal(at, at + 400)
      .shapes(at + 0.4, at + 40, usual)
      .shapes(at + 40, at + 48, unlike)
      .shapes(at + 48, at + 400, usual);
  expect(told(run.run(12 * 400), "anomaly.morphology").filter((each) => each.includes(" low "))).toHaveLength(8);
});

test("VT and other alerts keep their priority, and it never has another than low", () => {
  const run = scenario()
    .signal(0, 60)
    .beats(0.4, 40, 0.8)
    .beats(40, 50, 0.4, "V")
    .beats(50, 60, 0.8)
    .shapes(0.4, 40, usual)
    .shapes(40, 60, unlike);
  const decided = run.run(60);
  expect(told(decided, "rhythm.vt")).toEqual([expect.stringMatching(/^rhythm.vt high/), expect.stringMatching(/ended/)]);
  expect(
    decided
      .filter((each) => "priority" in each && each.rule === "anomaly.morphology")
      .map((each) => ("priority" in each ? each.priority : "")),
  ).toEqual(["low"]);
});
