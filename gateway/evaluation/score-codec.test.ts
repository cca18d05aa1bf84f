import { expect, test } from "vitest";
import { annotation } from "../recordings/annotations.ts";
import { percentileOrNull } from "./bootstrap.ts";
import { alarmAgreement, beatErrors, countCodec, grossCodec, rhythmAgreement } from "./score-codec.ts";

test("the error is against the input about its mean, and samples that the twin does not have are counted apart", () => {
  const counts = countCodec({ input: [10, 30, 10, 30, Number.NaN], twin: [11, 29, Number.NaN, 30, 5], uvPerCount: 5 });
  expect(counts).toMatchObject({ samples: 4, decoded: 3, errorSquares: 2, signalSquares: 300 });
  const { prdn, rmse_uv, waveform_pct } = grossCodec([counts]);
  expect(prdn).toBeCloseTo(100 * Math.sqrt(2 / 300));
  expect(rmse_uv).toBeCloseTo(5 * Math.sqrt(2 / 3));
  expect(waveform_pct).toBe(75);
  expect(grossCodec([countCodec({ input: [1], twin: [Number.NaN], uvPerCount: 5 })])).toEqual({
    prdn: null,
    rmse_uv: null,
    waveform_pct: 0,
  });
});

test("an offset of the whole trace costs error and no ST level", () => {
  const input = Float64Array.from({ length: 1000 }, (_, i) => (i === 500 ? 200 : i > 520 && i < 600 ? 20 : 0));
  const [same] = beatErrors({ input, twin: input.map((value) => value + 7), uvPerCount: 5 }, [annotation(500, "N")], {
    rateHz: 360,
    classMap: "aami",
  });
  expect(same?.class).toBe("N");
  expect(same?.prdn).toBeGreaterThan(10);
  expect(same?.stMv).toBeCloseTo(0);
  const flat = beatErrors({ input, twin: new Float64Array(1000), uvPerCount: 5 }, [annotation(500, "V")], {
    rateHz: 360,
    classMap: "aami",
  });
  expect(flat[0]?.stMv).toBeCloseTo(0.1);
  expect(
    beatErrors({ input, twin: input, uvPerCount: 5 }, [annotation(20, "N"), annotation(500, "+")], { rateHz: 360, classMap: "aami" }),
  ).toEqual([]);
});

test("a percentile is one of the values", () => {
  expect(percentileOrNull([5, 1, 3, 2, 4], 0.95)).toBe(5);
  expect(percentileOrNull([5, 1, 3, 2, 4], 0.5)).toBe(3);
  expect(percentileOrNull([], 0.5)).toBeNull();
});

test("rhythms agree by half minutes, in whose middle they are in force", () => {
  const input = [annotation(0, "+", { aux: "(N" }), annotation(50 * 100, "+", { aux: "(AFIB" })];
  const late = [annotation(100, "+", { aux: "(N" }), annotation(80 * 100, "+", { aux: "(AFIB" })];
  expect(rhythmAgreement(input, late, { rateHz: 100, samples: 12_500 })).toEqual({ windows: 4, same: 3 });
});

test("an alarm is found again by its rule within two seconds, once", () => {
  const told = (rule: string, s: number, priority = "high") => ({ rule, priority, timeUs: s * 1e6 });
  const input = [told("rhythm.vt", 10), told("rhythm.vt", 11), told("hr.high", 50, "medium"), told("rhythm.pause", 90)];
  const twin = [told("rhythm.vt", 12), told("hr.high", 52.1), told("rhythm.pause", 89)];
  expect(alarmAgreement(input, twin)).toEqual({ alarms: 4, same: 2, highLost: 1, extra: 1 });
});
