import { expect, test } from "vitest";
import { alertsPerDay, fineTimeOf, mostExpected } from "./fine-time.ts";

/** One beat a second. */
const beats = (fromS: number, toS: number) => Array.from({ length: toS - fromS + 1 }, (_, i) => fromS + i);

test("time counts where none of the newest five beats is abnormal", () => {
  const fine = fineTimeOf({ beatsS: beats(0, 20), abnormalS: [10], alerts: [] });
  // Five beats have the tenth among them.
  expect(fine).toEqual({ seconds: 15, alerts: 0 });
  expect(fineTimeOf({ beatsS: beats(0, 20), abnormalS: [10.2], alerts: [] }).seconds).toBe(16);
});

test("time in which nothing was judged, or an alert is open, is no time in which one could have come", () => {
  expect(fineTimeOf({ beatsS: [...beats(0, 10), ...beats(20, 30)], abnormalS: [], alerts: [] }).seconds).toBe(20);
  const alerts = [{ fromS: 3, newestS: 5, againS: 18 }];
  expect(fineTimeOf({ beatsS: beats(0, 20), abnormalS: [], alerts })).toEqual({ seconds: 8, alerts: 1 });
});

test("an alert with an abnormal beat among its own is none that came of nothing", () => {
  const alerts = [{ fromS: 8, newestS: 11, againS: 300 }];
  expect(fineTimeOf({ beatsS: beats(0, 20), abnormalS: [10.1], alerts }).alerts).toBe(0);
  expect(fineTimeOf({ beatsS: beats(0, 20), abnormalS: [7, 12], alerts }).alerts).toBe(1);
});

test("the bound is the rule of three without an alert and Poisson's with some", () => {
  expect(mostExpected(0)).toBeCloseTo(-Math.log(0.05), 6);
  // Tables of the Poisson distribution, one-sided 95 %.
  expect(mostExpected(1)).toBeCloseTo(4.744, 3);
  expect(mostExpected(10)).toBeCloseTo(16.962, 3);
  expect(
    alertsPerDay([
      { seconds: 43_200, alerts: 1 },
      { seconds: 43_200, alerts: 0 },
    ]),
  ).toEqual({ mean: 1, most: mostExpected(1) });
  expect(alertsPerDay([{ seconds: 0, alerts: 0 }])).toEqual({ mean: null, most: null });
});
