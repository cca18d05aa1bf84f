import { describe, expect, test } from "vitest";
import { createBodies } from "./bodies.ts";
import { bonesOf, limbNames, limbState } from "./body-shape.ts";
import type { PoseMessage } from "./wire-types.ts";

const segments = 15;
const standing = Float32Array.from({ length: segments * 4 }, (_, i) => (i % 4 === 0 ? 1 : 0));
const all = "1".repeat(segments);
const only = (...known: number[]) => Array.from({ length: segments }, (_, i) => (known.includes(i) ? "1" : "0")).join("");

describe("a body that is drawn", () => {
  test("has all its segments, and what joins them, where all are known", () => {
    expect(bonesOf(standing, all)).toHaveLength(segments + 2);
    const heights = bonesOf(standing, all).flatMap(({ from, to }) => [from[1], to[1]]);
    expect(Math.max(...heights) - Math.min(...heights)).toBeGreaterThan(1.4);
  });

  test("shows what is measured and nothing else: of one sensor one segment, of none none", () => {
    expect(bonesOf(standing, only(7))).toMatchObject([{ state: "measured" }]);
    expect(bonesOf(standing, only())).toEqual([]);
  });

  test("says of each limb whether it is measured, completed or not known", () => {
    const state = "111111121111111";
    expect(limbNames.filter((limb) => limbState(limb, state) !== "measured")).toEqual(["leftArm"]);
    expect(limbState("leftArm", state)).toBe("completed");
    expect(limbNames.map((limb) => limbState(limb, only(0, 4, 7, 8, 11, 12)))).toEqual(new Array(6).fill("part"));
    expect(limbState("rightLeg", only(9, 11))).toBe("unknown");
  });
});

describe("bodies that come over the live stream", () => {
  const periodUs = 1e6 / 30;
  const stretch = (first: number): PoseMessage => ({
    ...{ person: "person-d", model: null, startUs: 1e15 + first * periodUs, rateHz: 30 },
    rotations: Array.from({ length: 6 }, () => [...standing]).flat(),
    states: new Array(6).fill(all),
  });

  test("are kept for a minute, each frame once, and are not shown when nothing has come for two seconds", () => {
    const bodies = createBodies();
    for (let first = 0; first < 3000; first += 6)
      for (const at of [first, Math.max(0, first - 6)]) bodies.pose(stretch(at), first * 33.3333);
    const minute = bodies.minute("person-d");
    expect(minute.length).toBeLessThanOrEqual(1801);
    expect(minute.length).toBeGreaterThan(1790);
    const steps = minute.slice(1).map(({ timeUs }, i) => timeUs - (minute[i]?.timeUs ?? 0));
    expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(1);
    expect(bodies.now("person-d", 100_000)?.state).toBe(all);
    expect(bodies.now("person-d", 104_000)).toBeUndefined();
    bodies.clear();
    expect(bodies.minute("person-d")).toEqual([]);
  });
});
