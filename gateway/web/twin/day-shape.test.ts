import { expect, test } from "vitest";
import { rateRuns, rhythmStretches, watchedShare } from "./day-shape.ts";

const fromUs = 1_700_000_040_000_000;
const minute = (at: number, mean: number, device = "") => ({ timeUs: fromUs + at * 60e6, device, mean, least: mean - 5, most: mean + 5 });

test("minutes that follow each other are a run, a missing one is a hole, and what the home derived goes before a device's own number", () => {
  const runs = rateRuns([minute(1, 70), minute(0, 60), minute(1, 99, "watch"), minute(4, 80, "watch")], fromUs);
  expect(runs.map((run) => run.map(({ at, mean }) => [at, mean]))).toEqual([
    [
      [0, 60],
      [1, 70],
    ],
    [[4, 80]],
  ]);
  expect(rateRuns([{ timeUs: fromUs, device: "" }], fromUs)).toEqual([]);
});

test("a rhythm stands from its change on, from before the span too, and says nothing of time without a heart rate or before the first word", () => {
  const runs = rateRuns(
    [0, 1, 2, 5, 6].map((at) => minute(at, 70)),
    fromUs,
  );
  const change = (at: number, label: string) => ({ timeUs: fromUs + at * 60e6, label });
  expect(rhythmStretches([change(-90, "(N"), change(1.5, "(AFIB"), change(1.6, "~"), change(5.2, "(N")], runs, fromUs)).toEqual([
    { label: "(N", from: 0, to: 1 },
    { label: "(AFIB", from: 1, to: 3 },
    { label: "(N", from: 5, to: 7 },
  ]);
  expect(rhythmStretches([change(6, "(N")], runs, fromUs)).toEqual([{ label: "(N", from: 6, to: 7 }]);
});

test("a part's share is that of the rule that watched the heartbeat longest, and rules of the equipment do not count", () => {
  expect(watchedShare({ "hr.high": 900, "rhythm.vt": 1800, "signal.quality": 3600 }, 3600)).toBe(0.5);
  expect([watchedShare({}, 3600), watchedShare({ "hr.high": 9 }, 0)]).toEqual([0, 0]);
});
