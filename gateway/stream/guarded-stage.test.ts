/** What a faulty stage costs: the block that it fell over, told as a gap. */

import { expect, test } from "vitest";
import { createGuard } from "../facts/guarded.ts";
import { guardedStage } from "./guarded-stage.ts";
import type { Placed } from "./reorder.ts";
import type { StreamStage } from "./stream-item.ts";

const rateHz = 100;
const block = (second: number): Placed =>
  ({
    kind: "samples",
    bootId: "b",
    firstIndex: second * rateHz,
    count: rateHz,
    startUs: second * 1e6,
    arrivalUs: 0,
    channels: [],
  }) as Placed;

/** Counts its blocks since it was opened; each is a beat. */
function counting(throwsAtS: readonly number[], saved?: unknown): StreamStage {
  const state = { blocks: 0, passedUs: 0, ...(saved as object | undefined) };
  return {
    push(placed) {
      if (throwsAtS.includes(placed.startUs / 1e6) && (placed.kind === "samples" || throwsAtS.length > 1))
        throw new RangeError("an odd block");
      state.passedUs = placed.startUs + 1e6;
      if (placed.kind === "gap") return [{ kind: "gap", device: "d", stream: "s", fromUs: placed.startUs, timeUs: state.passedUs }];
      return [{ kind: "qrs", device: "d", stream: "s", timeUs: placed.startUs, knownUs: state.passedUs, rrMs: ++state.blocks }];
    },
    get passedUs() {
      return state.passedUs;
    },
    state: () => ({ ...state }),
  };
}

function open(throwsAtS: readonly number[], saved?: unknown) {
  const faults: string[] = [];
  const guard = createGuard((part) => void faults.push(part));
  const stage = guardedStage({ device: "d", stream: "s", rateHz, guard, open: (from) => counting(throwsAtS, from) }, saved);
  const said = (second: number) =>
    stage
      .push(block(second))
      .map((item) =>
        item.kind === "qrs" ? `beat ${item.rrMs}` : item.kind === "gap" ? `gap ${item.fromUs / 1e6}–${item.timeUs / 1e6}` : item.kind,
      );
  return { stage, faults, said };
}

test("the block that a stage falls over is a gap, and the stage begins anew behind it", () => {
  const { stage, faults, said } = open([2]);
  expect([0, 1, 2].flatMap(said)).toEqual(["beat 1", "beat 2", "gap 2–3"]);
  expect(stage.passedUs).toBe(3e6);
  expect([3, 4].flatMap(said)).toEqual(["beat 1", "beat 2"]);
  expect(faults).toEqual(["stream/stage"]);
});

test("a stage that falls over everything tells gaps, and time passes all the same", () => {
  const { stage, said } = open([0, 1, 2]);
  expect([0, 1, 2].flatMap(said)).toEqual(["gap 0–1", "gap 1–2", "gap 2–3"]);
  expect(stage.passedUs).toBe(3e6);
  expect(said(3)).toEqual(["beat 1"]);
});

test("a restart behind the fault goes on as if there had been none", () => {
  const first = open([2]);
  for (const second of [0, 1, 2]) first.said(second);
  const second = open([2], structuredClone(first.stage.state()));
  expect(second.stage.passedUs).toBe(3e6);
  expect([3, 4].flatMap(second.said)).toEqual(["beat 1", "beat 2"]);
});

test("a stage that cannot be opened from what was kept is opened afresh", () => {
  const faults: string[] = [];
  const guard = createGuard((part) => void faults.push(part));
  const openFrom = (saved?: unknown) => {
    if (saved === "of tomorrow") throw new TypeError("unknown state");
    return counting([], saved);
  };
  const stage = guardedStage({ device: "d", stream: "s", rateHz, guard, open: openFrom }, "of tomorrow");
  expect(stage.push(block(0))).toHaveLength(1);
  expect(faults).toEqual(["stream/stage"]);
});
