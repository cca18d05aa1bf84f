import { expect, test } from "vitest";
import { annotation } from "../recordings/annotations.ts";
import type { WfdbRecord } from "../recordings/wfdb.ts";
import { seededRandom } from "./bootstrap.ts";
import { bandPassed, densityScore, scoreFolds, windowsOf } from "./within-patients.ts";

const rateHz = 360;
const wave = (hz: number) => Float32Array.from({ length: 20 * rateHz }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rateHz));

test("between 3 and 45 Hz the filter leaves a wave as it is and where it is, and takes slower and faster ones away", () => {
  const middle = (signal: ArrayLike<number>) => Array.from(signal).slice(8 * rateHz, 12 * rateHz);
  const most = (signal: ArrayLike<number>) => Math.max(...middle(signal).map(Math.abs));
  const passed = middle(bandPassed(wave(15), rateHz));
  for (const [i, value] of middle(wave(15)).entries()) expect(passed[i]).toBeCloseTo(value, 1);
  expect(most(bandPassed(wave(0.3), rateHz))).toBeLessThan(0.05);
  expect(most(bandPassed(wave(90), rateHz))).toBeLessThan(0.01);
});

test("a window is that of a reference beat with a detected peak close by; abnormal ones need none, and cut ones are left out", () => {
  const beatsAt = Array.from({ length: 20 }, (_, i) => 200 + 300 * i);
  const samples = Int32Array.from(
    { length: 6400 },
    (_, i) => 1024 + Math.round(beatsAt.reduce((sum, at) => sum + 250 * Math.exp(-(((i - at) / 5) ** 2)), 0)),
  );
  const header = {
    rateHz,
    signals: [
      { name: "V1", gain: 1, baseline: 0 },
      { name: "MLII", gain: 200, baseline: 1024 },
    ],
  };
  const record = { header, signals: [new Int32Array(6400), samples], warnings: [] } as unknown as WfdbRecord;
  const reference = [
    annotation(50, "N"),
    ...beatsAt.slice(3).map((at) => annotation(at, "N")),
    annotation(1000, "N"),
    annotation(1060, "V"),
    annotation(1500, "n"),
  ];
  const { kinds, beats } = windowsOf(
    record,
    reference.sort((a, b) => a.sample - b.sample),
  );
  expect(kinds.filter((kind) => kind === "N")).toHaveLength(17);
  expect(kinds.filter((kind) => kind === "V")).toHaveLength(1);
  // From least to most a window is 1 high, about its own mean; R lies a third of a second behind its first point.
  const first = beats[kinds.indexOf("N")] as Float32Array;
  expect(first).toHaveLength(100);
  expect(Math.max(...first) - Math.min(...first)).toBeGreaterThan(0.9);
  expect(first.indexOf(Math.max(...first))).toBe(40);
});

test("five folds rank what lies apart from the training beats over what lies among them", () => {
  const random = seededRandom(3);
  const near = (centre: number) => Float32Array.from({ length: 16 }, () => centre + random());
  const kinds = Array.from({ length: 600 }, (_, i) => (i % 6 === 5 ? ("V" as const) : ("N" as const)));
  const apart = scoreFolds(
    kinds.map((kind) => near(kind === "N" ? 0 : 5)),
    kinds,
  );
  expect(apart).toEqual(Array.from({ length: 5 }, () => ({ auroc: 1, auprc: 1 })));
  for (const { auroc } of scoreFolds(
    kinds.map(() => near(0)),
    kinds,
  ))
    expect(auroc ?? 0).toBeLessThan(0.65);
  expect(scoreFolds([], [])[0]).toEqual({ auroc: null, auprc: null });
});

test("the same distance is farther where the prototypes lie close to each other", () => {
  const at = (x: number, spread: number) => Array.from({ length: 6 }, (_, i) => Float32Array.of(x + spread * i));
  const score = densityScore([...at(0, 0.1), ...at(100, 2)]);
  expect(score(Float32Array.of(-3))).toBeGreaterThan(score(Float32Array.of(97)));
});
