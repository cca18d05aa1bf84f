import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { seededRandom } from "../evaluation/bootstrap.ts";
import { homeFlags } from "./bench-house.ts";
import { slopeOf } from "./slope.ts";

/** Memory as a collector leaves it: a saw of 40 MB over what is held, a sample every 10 s for an hour. */
function saw(heldMb: (atS: number) => number) {
  const random = seededRandom(7);
  return Array.from({ length: 360 }, (_, i) => ({ atS: i * 10, value: heldMb(i * 10) + ((i * 10) % 70) * 0.6 + random() }));
}

test("a saw over what stays the same does not grow", () => {
  const { perHour, low, high } = slopeOf(saw(() => 100));
  expect(Math.abs(perHour)).toBeLessThan(1);
  expect(low).toBeLessThan(0.5);
  expect(high).toBeGreaterThan(-0.5);
});

test("six megabytes an hour under the same saw are seen, for certain", () => {
  const { perHour, low } = slopeOf(saw((atS) => 100 + (6 * atS) / 3600));
  expect(perHour).toBeGreaterThan(5);
  expect(perHour).toBeLessThan(7);
  expect(low).toBeGreaterThan(4);
});

test("a straight line is its own slope, without doubt", () => {
  const line = Array.from({ length: 40 }, (_, i) => ({ atS: i, value: i / 3600 }));
  const { perHour, low, high } = slopeOf(line);
  for (const each of [perHour, low, high]) expect(each).toBeCloseTo(1, 6);
});

test("too few samples are no slope", () => {
  expect(() => slopeOf(saw(() => 1).slice(0, 39))).toThrow(RangeError);
});

test("what is measured runs with the flags that npm start and npm run hearth give", () => {
  const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    scripts: Record<string, string>;
  };
  for (const name of ["start", "hearth"]) expect(scripts[name]).toContain(`node ${homeFlags.join(" ")} gateway/cli/launcher.mjs`);
});
