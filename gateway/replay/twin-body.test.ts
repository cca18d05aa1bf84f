import { expect, test } from "vitest";
import type { TwinPayload } from "../semantic/payloads/index.ts";
import { decodePose, encodePose } from "../semantic/pose-code.ts";
import { twinBody } from "./twin-body.ts";

const stretch = (startUs: number, frames: number, state: number): TwinPayload => {
  const rotations = Float32Array.from({ length: frames * 60 }, (_, i) => (i % 4 === 0 ? 1 : 0));
  const { code } = encodePose({ rateHz: 30, rotations, states: new Uint8Array(frames * 15).fill(state) }, 1);
  return { kind: "pose", person: "p", about: [{ device: "head", stream: "imu" }], startUs, code, pose: decodePose(code) };
};

test("stretches stand where they belong, and what lies between them is unknown", () => {
  const body = twinBody([stretch(5_000_000, 6, 1), stretch(5_400_000, 3, 2)], 9_000_000);
  const states = Array.from({ length: 15 }, (_, frame) => body?.states[frame * 15]);
  expect(states).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 2, 2, 2]);
  expect(body?.rotations[9 * 60]).toBe(1);
  expect(twinBody([], 9_000_000)).toBeUndefined();
});

test("what is told of the time behind the recording's end is none of it", () => {
  const body = twinBody([stretch(5_000_000, 6, 1), stretch(5_200_000, 6, 0), stretch(5_400_000, 6, 0)], 5_300_000);
  expect([body?.states.length, body?.rotations.length]).toEqual([9 * 15, 9 * 60]);
});
