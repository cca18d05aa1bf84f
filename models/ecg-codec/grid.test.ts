import { describe, expect, test } from "vitest";
import { addLine, gridHz, levelAt, pointsFrom, pointsOf, segmentsOf, weightsOf, width, windowOf, writeSamples } from "./grid.ts";

const wave = (second: number) => 300 * Math.sin(2 * Math.PI * 7 * second) + 80 * Math.sin(2 * Math.PI * 21 * second + 1) + 40 * second;

describe("a stretch", () => {
  test.each([100, 125, 250, 257, 360, 500, 1000])("at %i Hz is covered by its windows, each sample once", (rateHz) => {
    const samples = 20 * rateHz;
    const peaks = [0.1, 0.15, 0.9, 1.6, 2.4, 9, 9.2, 19.99].map((second) => Math.round(second * rateHz));
    const segments = segmentsOf(samples, rateHz, peaks);
    expect(segments[0]?.from).toBe(0);
    expect(segments.at(-1)?.to).toBe(samples);
    segments.slice(1).forEach(({ from }, i) => void expect(from).toBe(segments[i]?.to));
    for (const { count, step } of segments) {
      expect(count).toBeLessThanOrEqual(217);
      expect(step).toBe(rateHz / gridHz);
    }
  });

  test.each([125, 250, 360, 500])("at %i Hz comes back from its windows as it was, where it is slow enough", (rateHz) => {
    const samples = Float64Array.from({ length: 10 * rateHz }, (_, i) => wave(i / rateHz));
    const peaks = [0.6, 1.4, 2.1, 3, 3.8, 4.5, 5.4, 6.2, 7, 7.9, 8.7].map((second) => Math.round(second * rateHz));
    const out = new Float64Array(samples.length);
    for (const segment of segmentsOf(samples.length, rateHz, peaks)) writeSamples(pointsOf(samples, segment), segment, out);
    let [error, square] = [0, 0];
    samples.forEach((value, i) => {
      error += (value - (out[i] ?? 0)) ** 2;
      square += value ** 2;
    });
    expect(Math.sqrt(error / square)).toBeLessThan(0.05);
  });

  test("of no samples has no windows, and one of a few has one", () => {
    expect(segmentsOf(0, 360, [5])).toEqual([]);
    expect(segmentsOf(3, 360, [])).toMatchObject([{ from: 0, to: 3, count: 1 }]);
  });
});

describe("a window", () => {
  test.each([20, 88, 95, 112, 150, 217])("of %i points holds them as far as it has room, and weighs what it holds", (count) => {
    const points = Float64Array.from({ length: count }, (_, j) => Math.sin(j / 30) * 100);
    const window = windowOf(points);
    expect(window.length).toBe(width);
    pointsFrom(window, count).forEach((value, j) => void expect(Math.abs(value - (points[j] ?? 0))).toBeLessThan(j < 88 ? 1e-9 : 6));
    const weights = weightsOf(count);
    expect(weights.every((weight, j) => weight > 0 === (j < 88 ? j < count : count > 88))).toBe(true);
  });

  test("stands on the line between two levels", () => {
    const samples = Float64Array.from({ length: 720 }, (_, i) => 100 + i / 2);
    const segment = { from: 100, to: 400, start: 100, step: 3, count: 100 };
    const points = pointsOf(samples, segment);
    addLine(points, -1, levelAt(samples, segment), levelAt(samples, { start: 400, step: 3 }));
    expect(Math.max(...points.map(Math.abs))).toBeLessThan(1e-6);
  });
});
