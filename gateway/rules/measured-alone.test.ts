import { expect, test } from "vitest";
import { type Pose, SegmentState, segmentCount } from "../../device-drivers/contract/pose.ts";
import type { Fact } from "../facts/fact.ts";
import type { Family } from "./family.ts";
import { createRules, defaultProfile } from "./index.ts";

const [leftArm, rightArm] = [7, 8];

/** Raises an alert as soon as it is told that both forearms are turned, whatever their flag says. */
const careless: Family = {
  rules: { "arms.up": { priority: "high", alertKind: "physiological", text: { title: () => "", body: () => "", clear: () => "" } } },
  create: () => ({
    ids: ["arms.up"],
    push(input) {
      const pose =
        input.kind === "pose" ? input.pose : input.kind === "result" && input.outcome.kind === "pose" ? input.outcome : undefined;
      const isUp = pose !== undefined && [leftArm, rightArm].every((segment) => (pose.rotations[segment * 4 + 3] ?? 0) > 0.5);
      const told = { device: "d", stream: "imu", onsetUs: input.timeUs, timeUs: input.timeUs, quality: "good" } as const;
      return isUp ? [{ kind: "begin", rule: "arms.up", priority: "high", alertKind: "physiological", ...told }] : [];
    },
    watching: () => [],
    state: () => undefined,
  }),
};

function pose(state: number): Pose {
  const rotations = Float32Array.from({ length: segmentCount * 4 }, (_, i) => (i % 4 === 0 || i % 4 === 3 ? Math.SQRT1_2 : 0));
  const states = new Uint8Array(segmentCount).fill(SegmentState.measured);
  states[rightArm] = state;
  return { rateHz: 30, rotations, states };
}

const about = [{ device: "d", stream: "imu" }] as const;
const result = (state: number): Fact => ({
  ...{ kind: "result", model: { id: "motion-complete", version: "1" }, pass: "final", about, timeUs: 1e6, knownUs: 1e6 },
  outcome: { kind: "pose", ...pose(state) },
});
const measured = (state: number): Fact => ({
  kind: "pose",
  device: "d",
  stream: "imu",
  about,
  timeUs: 1e6,
  knownUs: 1e6,
  pose: pose(state),
});

test.each([
  ["a network's answer", result],
  ["what sensors show", measured],
])("no alert rests on a completed limb, however careless its rule is: %s", (_name, fact) => {
  const told = (state: number) => createRules(defaultProfile, undefined, { families: { careless } }).push(fact(state));
  expect(told(SegmentState.measured)).toHaveLength(1);
  expect(told(SegmentState.completed)).toEqual([]);
});

test("a completed limb is still seen to be one, and the fact that others are given is as it was", () => {
  const seen: Fact[] = [];
  const listening: Family = {
    ...careless,
    create: (...of) => ({
      ...careless.create(...of),
      push(input) {
        seen.push(input);
        return [];
      },
    }),
  };
  const given = result(SegmentState.completed);
  createRules(defaultProfile, undefined, { families: { listening } }).push(given);
  const [fact] = seen;
  if (fact?.kind !== "result" || fact.outcome.kind !== "pose") throw new Error("no pose");
  expect(fact.outcome.states[rightArm]).toBe(SegmentState.completed);
  expect(fact.outcome.rotations.subarray(rightArm * 4, rightArm * 4 + 4)).toEqual(new Float32Array(4).fill(Number.NaN));
  expect(given).toEqual(result(SegmentState.completed));
});
