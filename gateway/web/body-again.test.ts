import { expect, test } from "vitest";
import type { BodyFrame } from "./bodies.ts";
import { frameAgain } from "./body-again.ts";

/** Turned about the vertical by so many degrees; every second one with its sign changed, which is the same turn. */
const frame = (timeUs: number, deg: number, state = "111111111111111"): BodyFrame => {
  const half = (deg * Math.PI) / 360;
  const sign = (timeUs / 50_000) % 2 === 0 ? 1 : -1;
  return {
    timeUs,
    state,
    rotations: Float32Array.from({ length: 60 }, (_, i) => sign * ([Math.cos(half), 0, Math.sin(half), 0][i % 4] ?? 0)),
  };
};
const degOf = (shown: BodyFrame | undefined) => {
  const [w = 0, , y = 0] = shown?.rotations ?? [];
  return ((2 * Math.atan2(y * Math.sign(w), Math.abs(w)) * 180) / Math.PI).toFixed(1);
};

test("a minute is played at a quarter of its speed, with the turns between its frames, and begins anew at its end", () => {
  const frames = Array.from({ length: 5 }, (_, i) => frame(50_000 * i, 10 * i));
  expect([0, 100, 200, 300, 500, 780].map((ms) => degOf(frameAgain(frames, ms)))).toEqual(["0.0", "5.0", "10.0", "15.0", "25.0", "39.0"]);
  expect(degOf(frameAgain(frames, 900))).toBe("5.0");
});

test("nothing is laid across a hole or between two kinds of frames, and of no frames there is none", () => {
  const holed = [frame(0, 0), frame(500_000, 80)];
  expect(degOf(frameAgain(holed, 1000))).toBe("0.0");
  const told = [frame(0, 0), frame(50_000, 20, "222222222222222"), frame(100_000, 40, "222222222222222")];
  expect([frameAgain(told, 100)?.state, degOf(frameAgain(told, 100)), degOf(frameAgain(told, 300))]).toEqual([
    "111111111111111",
    "0.0",
    "30.0",
  ]);
  expect(frameAgain([], 5)).toBeUndefined();
  expect(frameAgain([frame(0, 7)], 5)?.timeUs).toBe(0);
});
