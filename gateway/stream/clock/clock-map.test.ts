import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createClockMap } from "./clock-map.ts";

const blockUs = 250_000;
/** Arrivals of one run of the gateway, or of one that began `runUs` later on the axis. */
const at = (timeUs: number, runUs = 0) => ({ timeUs, monotonicUs: timeUs - runUs });

function run(arrivals: (k: number) => number, blocks: number, deviceUs = (k: number) => k * blockUs, runUs = (_k: number) => 0) {
  const map = createClockMap();
  return Array.from({ length: blocks }, (_, k) => map.startUs("boot", deviceUs(k), deviceUs(k) + blockUs, at(arrivals(k), runUs(k))));
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

  it("follows a rate that is half a percent off, which nobody counts as another rate", () => {
    const starts = run((k) => (k + 1) * blockUs * 1.005, 9600);
    starts.forEach((startUs, k) => void expect(Math.abs(startUs + blockUs - (k + 1) * blockUs * 1.005)).toBeLessThan(1_000_000));
  });

  it("steps back once when the first block turns out to have been backlog", () => {
    const map = createClockMap();
    map.startUs("boot", 0, blockUs, at(60_000_000));
    expect(map.startUs("boot", blockUs, 2 * blockUs, at(1_000_000))).toBe(1_000_000 - blockUs);
  });

  it("steps up when a new run's axis has gone on without the device", () => {
    const axisStepUs = 1_200_000_000;
    const arrival = (k: number) => (k + 1) * blockUs + (k < 100 ? 0 : axisStepUs) + (k % 5) * 40_000;
    const jumped = run(arrival, 240, undefined, (k) => (k < 100 ? 0 : axisStepUs));
    expect(jumped[150]).toBeLessThan(150 * blockUs + 200_000);
    expect(jumped[239]).toBe(239 * blockUs + axisStepUs);
    // Within a run a link that carries no more than the live rate brings old samples, however steadily.
    run(arrival, 1000).forEach((startUs, k) => void expect(startUs).toBeLessThan(k * blockUs + 200_000));
  });

  it("does not step up for a backlog of the last run, worked off or trickling in", () => {
    const keptForBlocks = 400;
    const newRun = (k: number) => (k < 100 ? 0 : 77);
    const workedOff = (k: number) =>
      k < 100 ? (k + 1) * blockUs : Math.max((k + 1) * blockUs, (100 + keptForBlocks) * blockUs + (k - 100) * 0.9 * blockUs);
    run(workedOff, 4000, undefined, newRun).forEach((startUs, k) => void expect(Math.abs(startUs - k * blockUs)).toBeLessThan(2_000_000));
    const trickling = (k: number) => (k < 100 ? (k + 1) * blockUs : 200 * blockUs + (k - 100) * 11_000_000);
    run(trickling, 130, undefined, newRun).forEach((startUs, k) => void expect(startUs).toBe(k * blockUs));
  });

  it("goes on from its saved state as if it had not stopped", () => {
    const arrival = (k: number) => (k + 1) * blockUs + (k < 40 ? 0 : 60_000_000) + ((k * 7919) % 11) * 20_000;
    const runUs = (k: number) => (k < 40 ? 0 : 60_000_000);
    const whole = run(arrival, 300, undefined, runUs);
    expect(whole.at(-1)).toBeGreaterThan(60_000_000 + 299 * blockUs - 1_000_000);
    let map = createClockMap();
    const pieces = Array.from({ length: 300 }, (_, k) => {
      map = createClockMap(map.state());
      return map.startUs("boot", k * blockUs, (k + 1) * blockUs, at(arrival(k), runUs(k)));
    });
    expect(pieces).toEqual(whole);
  });

  it("begins anew with a new boot", () => {
    const map = createClockMap();
    map.startUs("a", 0, blockUs, at(blockUs));
    expect(map.startUs("b", 0, blockUs, at(99_000_000))).toBe(99_000_000 - blockUs);
  });

  it("is moved by nothing of an hour of backlog", () => {
    const second = 1_000_000;
    const kept = (n: number) => (n < 40 ? (n + 1) * second : 3640 * second + (n - 40) * 2000);
    const map = createClockMap();
    for (let n = 0; n < 3640; n++) expect(map.startUs("boot", n * second, (n + 1) * second, at(kept(n)))).toBe(n * second);
  });
});
