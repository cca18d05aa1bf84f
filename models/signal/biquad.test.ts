import { describe, expect, it } from "vitest";
import { createBiquad, highPass, lowPass } from "./biquad.ts";

/** Gain at a frequency, measured on a long sine after the transient. */
function gainAt(coefficients: ReturnType<typeof lowPass>, hz: number, rateHz: number): number {
  const filter = createBiquad(coefficients);
  let power = 0;
  for (let i = 0; i < 20 * rateHz; i++) {
    const y = filter.step(Math.sin((2 * Math.PI * hz * i) / rateHz));
    if (i >= 10 * rateHz) power += y * y;
  }
  return Math.sqrt((2 * power) / (10 * rateHz));
}

describe("a Butterworth section", () => {
  it.each([100, 250, 360])("is down by 3 dB at its corner and flat in its band at %i Hz", (rateHz) => {
    expect(gainAt(lowPass(20, rateHz), 20, rateHz)).toBeCloseTo(Math.SQRT1_2, 3);
    expect(gainAt(lowPass(20, rateHz), 1, rateHz)).toBeCloseTo(1, 3);
    expect(gainAt(highPass(8, rateHz), 8, rateHz)).toBeCloseTo(Math.SQRT1_2, 3);
    expect(gainAt(highPass(8, rateHz), 0.5, rateHz)).toBeLessThan(0.005);
  });

  it("that is settled answers a constant without a step", () => {
    const high = createBiquad(highPass(8, 250));
    high.settle(3);
    const low = createBiquad(lowPass(20, 250));
    low.settle(3);
    for (let i = 0; i < 10; i++) {
      expect(high.step(3)).toBeCloseTo(0, 12);
      expect(low.step(3)).toBeCloseTo(3, 12);
    }
  });

  it("goes on exactly from its state", () => {
    const first = createBiquad(lowPass(20, 250));
    for (let i = 0; i < 7; i++) first.step(i);
    const second = createBiquad(lowPass(20, 250));
    second.restore(first.state());
    expect(second.step(9)).toBe(first.step(9));
  });
});
