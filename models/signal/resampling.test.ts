import { expect, test } from "vitest";
import { normalAt } from "../../firmware-sim/signal/noise.ts";
import { resampleInto, windowHz } from "./resampling.ts";

/** The definition, point by point. */
function meanNear(samples: Float32Array, timeS: number, rateHz: number, zeroIndex: number): number {
  const halfS = Math.max(1 / windowHz, 1 / rateHz);
  let [sum, weights] = [0, 0];
  samples.forEach((value, i) => {
    const u = (timeS - (i - zeroIndex) / rateHz) / halfS;
    const w = 1 - u * u;
    if (w <= 0 || !Number.isFinite(value)) return;
    sum += value * w * w;
    weights += w * w;
  });
  return weights > 1e-9 ? sum / weights : Number.NaN;
}

test.each([100, 120, 125, 250, 256.4, 360, 500])("at %d Hz each point is the weighted mean of the samples near it, exactly", (rateHz) => {
  const zeroIndex = Math.round(rateHz / 2);
  const samples = Float32Array.from({ length: Math.round(1.5 * rateHz) }, (_, i) => normalAt(3, i));
  samples.fill(Number.NaN, zeroIndex + 20, zeroIndex + 31);
  samples[zeroIndex + 40] = Number.POSITIVE_INFINITY;
  // Begins before the first sample and ends behind the last.
  const from = -80;
  const out = new Float64Array(220);
  for (let again = 0; again < 2; again++) {
    resampleInto(out, samples, { rateHz, zeroIndex, from });
    expect([...out]).toEqual([...out].map((_, j) => meanNear(samples, (from + j) / windowHz, rateHz, zeroIndex)));
  }
  expect([out[0], out[219]]).toEqual([Number.NaN, Number.NaN]);
});

test("more rates than a house has are resampled as exactly as the first", () => {
  const samples = Float32Array.from({ length: 300 }, (_, i) => normalAt(5, i));
  for (let rateHz = 100; rateHz < 140; rateHz++) {
    const out = new Float64Array(100);
    resampleInto(out, samples, { rateHz, zeroIndex: 0, from: 0 });
    expect(out[50]).toBe(meanNear(samples, 50 / windowHz, rateHz, 0));
  }
});
