import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createClockMap } from "./clock-map.ts";

const blockUs = 250_000;

function run(arrivals: (k: number) => number, blocks: number, deviceUs = (k: number) => k * blockUs) {
  const map = createClockMap();
  return Array.from({ length: blocks }, (_, k) => map.startUs("boot", deviceUs(k), deviceUs(k) + blockUs, arrivals(k)));
}

describe("clock-map", () => {
  it("maps exactly where blocks arrive the moment they end", () => {
    const base = 1_000_000_000;
    expect(run((k) => base + (k + 1) * blockUs, 20)).toEqual(Array.from({ length: 20 }, (_, k) => base + k * blockUs));
  });

  it("never disorders samples, whatever the network delays", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 2, maxLength: 200 }), (delays) => {
        const starts = run((k) => 5_000_000 + (k + 1) * blockUs + (delays[k] ?? 0), delays.length);
        for (let k = 1; k < starts.length; k++) expect((starts[k] ?? 0) - (starts[k - 1] ?? 0)).toBeGreaterThan(blockUs * 0.99);
      }),
    );
  });

  it("follows a device clock that runs 100 ppm slow without ever placing a sample after its arrival by more than the jitter", () => {
    const drift = 1 - 100e-6;
    const starts = run(
      (k) => (k + 1) * blockUs + (k % 7) * 3_000,
      14_400,
      (k) => Math.round(k * blockUs * drift),
    );
    const errorUs = (starts.at(-1) ?? 0) - 14_399 * blockUs;
    expect(Math.abs(errorUs)).toBeLessThan(30_000);
  });

  it("steps back once when the first block turns out to have been backlog", () => {
    const map = createClockMap();
    map.startUs("boot", 0, blockUs, 60_000_000);
    expect(map.startUs("boot", blockUs, 2 * blockUs, 1_000_000)).toBe(1_000_000 - blockUs);
  });

  it("begins anew with a new boot", () => {
    const map = createClockMap();
    map.startUs("a", 0, blockUs, blockUs);
    expect(map.startUs("b", 0, blockUs, 99_000_000)).toBe(99_000_000 - blockUs);
  });
});
