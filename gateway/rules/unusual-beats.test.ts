import { expect, test } from "vitest";
import { scenario, told, watchedS } from "./testdata/scenario.ts";

const ids = ["anomaly.morphology", "device.seat"];
const usual = 0.5;
const unlike = 0.999;

const hump = (at: number, height: number, width: number) => (i: number) => height * Math.exp(-(((i - at) / width) ** 2));
const drawn = (...parts: ((i: number) => number)[]) => ({
  shown: Float32Array.from({ length: 100 }, (_, i) => parts.reduce((sum, part) => sum + part(i), 0)),
  usual: Array.from({ length: 100 }, (_, i) => hump(40, 1, 3)(i) + hump(72, 0.3, 7)(i)),
});
const own = [hump(40, 1, 3), hump(72, 0.3, 7)];
const wide = drawn(hump(43, 1.3, 9));
/** Forty usual beats, then those that are unusual by their score, each drawn and placed as it is given. */
const then = (beats: readonly { readonly curve: ReturnType<typeof drawn>; readonly more?: object }[]) => {
  const run = scenario()
    .signal(0, 80)
    .shapes(0.4, 40, usual, { drawn: drawn(...own) });
  for (const [i, { curve, more }] of beats.entries()) run.shape(40.4 + 0.8 * i, unlike, { drawn: curve, ...more });
  return told(run.shapes(40.4 + 0.8 * beats.length, 80, usual, { drawn: drawn(...own) }).run(80), ...ids);
};

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

test("beats of another curve are told, and those of the usual one at another gain or marked on another wave are not", () => {
  const curves = (...all: ReturnType<typeof drawn>[]) => all.map((curve) => ({ curve }));
  expect(then(curves(wide, wide, wide))).toEqual(["anomaly.morphology low from 40.4 told 43 = 3"]);
  const flat = drawn(hump(40, 0.3, 3), hump(72, 0.09, 7));
  const elsewhere = drawn(hump(48, 1, 3), hump(80, 0.3, 7));
  expect(then(curves(flat, flat, flat, elsewhere, elsewhere, elsewhere))).toEqual([]);
});

test("the usual curve that comes too early is told", () => {
  const curve = drawn(...own);
  const early = { curve, more: { difference: "earlier", rhythm: 0.8 } };
  expect(then([early, early, early])).toEqual(["anomaly.morphology low from 40.4 told 43 = 3"]);
  expect(then([0, 1, 2].map(() => ({ curve, more: { rhythm: 0.1 } })))).toEqual([]);
});

test("noise that makes each beat another is not told: over all of it, or in another place each time", () => {
  const muscle = (seed: number) => (i: number) => 0.2 * Math.sin((i + 1) ** 2 * 12.9898 + seed);
  expect(then([1, 2, 3, 4, 5].map((seed) => ({ curve: drawn(hump(43, 1.3, 9), muscle(seed)) })))).toEqual([]);
  const moved = [5, 60, 85, 15, 52].map((at, i) => ({ curve: drawn(...own, hump(at, i % 2 === 0 ? 2 : -2, 6)) }));
  expect(then(moved)).toEqual([]);
  // What is marked where no beat is lacks the beat each time, and differs alike by that.
  expect(then([5, 60, 85, 15, 52].map((at) => ({ curve: drawn(hump(at, 0.5, 9)) })))).toEqual([]);
});

test("beats that differ alike but are not alike are told where those between them are clearly usual", () => {
  const kinds = [drawn(hump(43, 1.3, 9)), drawn(hump(42, 2.2, 9), hump(85, 0.9, 5)), drawn(hump(44, 1.4, 10), hump(12, 0.7, 5))];
  const among = (score: number) => {
    const run = scenario()
      .signal(0, 80)
      .shapes(0.4, 40, usual, { drawn: drawn(...own) });
    for (const [i, curve] of kinds.entries())
      run.shape(40.4 + 1.6 * i, unlike, { drawn: curve }).shape(41.2 + 1.6 * i, score, { drawn: drawn(...own) });
    return told(run.shapes(45.2, 80, usual, { drawn: drawn(...own) }).run(80), ...ids);
  };
  expect(among(0.5)).toEqual(["anomaly.morphology low from 40.4 told 45 = 3"]);
  expect(among(0.95)).toEqual([]);
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

test("a sensor sits as it sat while it was learnt: what comes first behind those minutes is an anomaly, unless it was moved in between", () => {
  const learning = () => scenario().signal(0, 40).shapes(0.4, 40, undefined);
  expect(told(learning().signal(40, 80).shapes(40.4, 80, unlike).run(80), ...ids)).toEqual([
    "anomaly.morphology low from 40.4 told 43 = 3",
  ]);
  const moved = learning().gap(40, 100).signal(100, 160).shapes(100.4, 160, unlike);
  expect(told(moved.run(160), ...ids)).toEqual([expect.stringMatching(/^device.seat low/)]);
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
