import { expect, test } from "vitest";
import { drawnAtRest } from "./pace.ts";

const [r, length, rateHz] = [240, 300, 120];

/** A heart of P, QRS and T at one interval, whose T comes by the cube root of it. */
function heart(rrS: number): Float64Array {
  const hump = (t: number, at: number, height: number, width: number) => height * Math.exp(-(((t - at) / width) ** 2));
  const beat = (t: number) => {
    const stretch = Math.cbrt(rrS);
    const drawn = t > 0.08 ? 0.08 + (t - 0.08) / stretch : t;
    return hump(t, -0.14, 0.15, 0.02) + hump(t, 0, 1, 0.015) + hump(drawn, 0.27, 0.3, 0.03);
  };
  return Float64Array.from({ length }, (_, i) => [-4, -3, -2, -1, 0, 1, 2].reduce((sum, k) => sum + beat((i - r) / rateHz + k * rrS), 0));
}

const apart = (a: Float64Array, b: Float64Array) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);
const atRest = drawnAtRest(heart(1), r, [1, 1, 1]);

test("beats at 70 to 120 a minute are drawn as at 60, though the next QRS or the T before lies in their window", () => {
  for (const rrS of [0.86, 0.75, 0.6, 0.5]) {
    const own = heart(rrS);
    expect(apart(drawnAtRest(own, r, [rrS, rrS, rrS]), atRest)).toBeLessThan(0.06);
    if (rrS < 0.6) expect(apart(own.slice(200, 300), atRest)).toBeGreaterThan(0.25);
  }
});

test("one early beat is no other pace: it keeps the T before it where its P wave was", () => {
  const early = heart(1).map((value, i) => value + 0.3 * Math.exp(-((((i - r) / rateHz + 0.18) / 0.03) ** 2)));
  const drawn = drawnAtRest(early, r, [0.6, 1, 1, 1, 1, 1, 1, 1]);
  expect(apart(drawn, atRest)).toBeGreaterThan(0.25);
});

test("a slow heart, and one of which no interval is known, stay as they are", () => {
  const slow = heart(1.4);
  expect(apart(drawnAtRest(slow, r, [1.4, Number.NaN]), slow.slice(200, 300))).toBeLessThan(1e-12);
  expect(drawnAtRest(slow, r, [Number.NaN])).toEqual(slow.slice(200, 300));
});
