import { expect, test } from "vitest";
import { leadWords, silentOf } from "./calibration.tsx";
import { movementWords } from "./movement.tsx";

const nothing = { posture: null, posture_completed: false, cadence_per_min: null, still_s: null, steps: null, sensors: [] };

test("how somebody moves is one calm line, and what is not known is not said", () => {
  expect(movementWords(nothing)).toBe("");
  expect(movementWords({ ...nothing, posture: "upright", cadence_per_min: 104, still_s: 0, steps: 312 })).toBe(
    "Walking, 104 steps a minute. 312 steps since the gateway started.",
  );
  expect(movementWords({ ...nothing, posture: "lying", still_s: 300 })).toBe("Lying, still for 5 min.");
  expect(movementWords({ ...nothing, still_s: 4, steps: 1 })).toBe("1 step since the gateway started.");
  expect(movementWords({ ...nothing, posture: "sitting", posture_completed: true })).toBe(
    "Sitting (a sensor of a leg is silent, this is a guess).",
  );
});

test("a pose is led by the gateway's time, second by second", () => {
  const at = (s: number) => new Date(1_700_000_000_000 + s * 1000).toISOString();
  const run = {
    pose: "arms-out" as const,
    state: "running" as const,
    without: ["head"],
    start: at(0),
    ready: at(4),
    hold_from: at(7),
    hold_to: at(10),
    faults: [],
  };
  const words = (s: number, pose: "arms-out" | "arms-down" = "arms-out") => leadWords({ ...run, pose }, 1_700_000_000 + s);
  expect([1, 5, 7.1, 8.5, 9.9, 11].map((s) => words(s))).toEqual([
    "Stand upright, arms hanging, look ahead.",
    "Raise both arms straight to the sides, palms down.",
    "Stand still … 3",
    "Stand still … 2",
    "Stand still … 1",
    "Thank you. One moment …",
  ]);
  expect(words(5, "arms-down")).toBe("Stand upright, arms hanging, look ahead.");
});

test("what was silent may be left out the next time, and whoever moved may not", () => {
  const at = "2023-11-14T22:13:20.000Z";
  const faults = [
    { code: "missing", placement: "left-shank", text: "" },
    { code: "moved", placement: "pelvis", text: "" },
  ];
  const run = { pose: "arms-out", state: "refused", without: ["head"], start: at, ready: at, hold_from: at, hold_to: at, faults } as const;
  expect(silentOf(run)).toEqual(["head", "left-shank"]);
  expect(silentOf({ ...run, state: "done" })).toEqual([]);
  expect(silentOf({ ...run, faults: faults.slice(1) })).toEqual([]);
});
