import { expect, test } from "vitest";
import { meterOf, newestRun } from "./twin-meter.ts";

const beat = (atS: number, label = "N") => ({ timeUs: atS * 1e6, label });

test("a minute is counted as every sample, as waveform with its beats, and as beats alone, of its own beats only", () => {
  const beats = Array.from({ length: 100 }, (_, i) => beat(i));
  expect(meterOf({ fromUs: 0, toUs: 60e6, rateHz: 250, codeBytes: 800 }, beats)).toEqual({
    seconds: 60,
    raw: 30_000,
    semantic: 1025,
    event: 135,
  });
});

test("a run is told again from beats alone: three wide ones in a row, fast enough; the newest counts", () => {
  const run = (atS: number, count: number, everyS: number) => Array.from({ length: count }, (_, i) => beat(atS + i * everyS, "V"));
  expect(newestRun([beat(0), beat(1, "V"), beat(2, "V"), beat(3)])).toBeUndefined();
  expect(newestRun(run(5, 4, 0.9))).toBeUndefined();
  const [one, two] = [run(10, 3, 0.4), run(20, 5, 0.375)];
  expect(newestRun([...two, beat(15), ...one, beat(30)])).toEqual({ timeUs: 20e6, beats: 5, bpm: 160 });
});
