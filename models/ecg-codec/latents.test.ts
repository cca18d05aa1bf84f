import { describe, expect, test } from "vitest";
import { weightsOf, width } from "./grid.ts";
import { createShapes, latentCount, project, shapeCount, windowFrom } from "./latents.ts";

const weights = weightsOf(96);
/** Every difference told by the nearest whole step. */
const told = ({ shape, differences }: ReturnType<ReturnType<typeof createShapes>["nearest"]>) => ({
  shape,
  steps: Int32Array.from(differences, Math.round),
});
const coordinates = (seed: number, size = 40) =>
  Float64Array.from({ length: latentCount }, (_, k) => Math.round((size / (1 + k)) * Math.sin(seed * 12.9 + k * 7.3)));

describe("a window's coordinates", () => {
  test("give back a window that the basis can say", () => {
    const steps = Int32Array.from(coordinates(1), (value) => value * 16);
    const window = windowFrom(steps, weights, 10);
    project(window, weights).forEach((value, k) => void expect(Math.abs(value / 10 - (steps[k] ?? 0) / 16)).toBeLessThan(0.6));
    expect(window.length).toBe(width);
  });
});

describe("shapes", () => {
  test("make a beat like one before cost nothing, and another one what it differs by", () => {
    const shapes = createShapes();
    const first = told(shapes.nearest(coordinates(1)));
    expect(first.shape).toBe(0);
    shapes.follow(first);
    const again = told(shapes.nearest(coordinates(1)));
    expect(again.shape).toBe(1);
    expect(again.steps.every((step) => step === 0)).toBe(true);
    expect(told(shapes.nearest(coordinates(1).map((value, k) => value + (k === 3 ? 5 : 0)))).steps[3]).toBe(5);
  });

  test("a writer and a reader keep the same ones, six beside the flat one, the rarest forgotten first", () => {
    const [writer, reader] = [createShapes(), createShapes()];
    for (let beat = 0; beat < 400; beat++) {
      const latents = told(writer.nearest(coordinates(beat % 3 === 0 ? beat : beat % 7, 60)));
      const made = writer.follow(latents);
      expect(reader.follow(structuredClone(latents))).toEqual(made);
      expect(reader.count).toBe(writer.count);
      expect(writer.count).toBeLessThanOrEqual(shapeCount + 1);
    }
    expect(writer.count).toBe(shapeCount + 1);
  });

  test("one that was not seen is no shape", () => {
    expect(() => createShapes().follow({ shape: 3, steps: new Int32Array(latentCount) })).toThrow(RangeError);
  });
});
