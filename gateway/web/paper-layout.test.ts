import { expect, test } from "vitest";
import { leftMm, type PaperTrace, paperOf } from "./paper-layout.ts";

const rateHz = 100;
const trace = (values: readonly (number | null)[], sources: PaperTrace["sources"], unit = "mV"): PaperTrace => ({
  ...{ device: "strap", stream: "ecg", channel: "ecg", lead: "II", rateHz, startUs: 0, unit, values, sources },
});
const points = (path: string) => [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);

test("a second is 25 mm, a millivolt 10 mm upwards, and the pulse 1 mV for 200 ms", () => {
  const values = Array.from({ length: 300 }, (_, i) => (i === 200 ? 1 : 0));
  const paper = paperOf(trace(values, [{ source: "measured", count: 300 }]));
  const line = points(paper?.rows[0]?.stretches[0]?.path ?? "");
  expect((line[100]?.[0] ?? 0) - (line[0]?.[0] ?? 0)).toBeCloseTo(25, 2);
  expect(line[0]?.[0]).toBe(leftMm);
  expect((line[0]?.[1] ?? 0) - (line[200]?.[1] ?? 0)).toBeCloseTo(10, 2);
  const [, base, from, top, to] = /M\d+ ([\d.]+)H(\d+)V([\d.]+)H(\d+)/.exec(paper?.calibration ?? "") ?? [];
  expect(Number(base) - Number(top)).toBe(10);
  expect(Number(to) - Number(from)).toBe(5);
});

test("microvolts are drawn as large as millivolts", () => {
  const one = (unit: string, size: number) =>
    paperOf(trace([0, size, 0], [{ source: "measured", count: 3 }], unit))?.rows[0]?.stretches[0]?.path;
  expect(one("uV", 800)).toBe(one("mV", 0.8));
});

test("rows are seven seconds, and each run of a source is a line of its own that meets the one before", () => {
  const values = Array.from({ length: 1000 }, (_, i) => (i >= 300 && i < 350 ? null : Math.sin(i / 20)));
  const paper = paperOf(
    trace(values, [
      { source: "measured", count: 200 },
      { source: "decoded", count: 100 },
      { source: "missing", count: 50 },
      { source: "imputed", count: 650 },
    ]),
  );
  expect(paper?.rows.map(({ stretches }) => stretches.map(({ source }) => source))).toEqual([
    ["measured", "decoded", "missing", "imputed"],
    ["imputed"],
  ]);
  const [measured, decoded, missing, imputed] = paper?.rows[0]?.stretches ?? [];
  expect(points(decoded?.path ?? "")[0]).toEqual(points(measured?.path ?? "").at(-1));
  expect(missing).toMatchObject({ path: "", fromMm: leftMm + 75, toMm: leftMm + 87.5 });
  expect(points(imputed?.path ?? "")[0]?.[0]).toBe(leftMm + 87.5);
  expect(paper?.rows[1]?.startUs).toBe(7_000_000);
});

test("a signal too high for the paper is cut off and says so; what is no voltage has no paper", () => {
  const wide = paperOf(trace([0, 12, 0], [{ source: "measured", count: 3 }]));
  expect(wide).toMatchObject({ heightMm: 80, isCut: true });
  for (const [, y] of points(wide?.rows[0]?.stretches[0]?.path ?? "")) {
    expect(y).toBeGreaterThanOrEqual(0);
    expect(y).toBeLessThanOrEqual(80);
  }
  expect(paperOf(trace([0, 1], [{ source: "measured", count: 2 }], "1"))).toBeUndefined();
  expect(paperOf(trace([null, null], [{ source: "missing", count: 2 }]))).toBeUndefined();
});
