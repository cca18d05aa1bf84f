import { expect, test } from "vitest";
import type { Mount } from "../facts/mount.ts";
import { createCalibrations, mostCalibrations } from "./calibrations.ts";

function keeping() {
  const values = new Map<string, Uint8Array>();
  return {
    getValue: async (key: string) => values.get(key),
    putValue: async (key: string, value: Uint8Array) => void values.set(key, value),
  };
}

const mount = (device: string, sinceUs = 1): Mount => ({ device, placement: "pelvis", turn: [1, 0, 0, 0], facing: [1, 0, 0, 0], sinceUs });

test("what a pose has shown holds from a moment that is still to come, and a restart knows it", async () => {
  const store = keeping();
  const first = createCalibrations(store, () => 10_400_000);
  expect(await first.add("p1", "arms-out", [mount("a")], "Carer")).toMatchObject({ number: 1, fromUs: 12_000_000, by: "Carer" });
  expect(first.mountsAt("p1", 11_999_999)).toEqual([]);
  const next = createCalibrations(store, () => 20_000_000);
  await next.open("p1");
  expect(next.mountsAt("p1", 12_000_000)).toEqual([mount("a")]);
  expect(next.mountsAt("p2", 12_000_000)).toEqual([]);
});

test("a later pose holds for its own sensors alone, and each is taken back in turn, the newest first", async () => {
  let nowUs = 0;
  const calibrations = createCalibrations(keeping(), () => nowUs);
  const later = () => {
    nowUs += 10e6;
    return calibrations.mountsAt("p", nowUs).map(({ device, sinceUs }) => `${device} ${sinceUs}`);
  };
  await calibrations.add("p", "arms-out", [mount("a", 1), mount("b", 1)], "Carer");
  expect(later()).toEqual(["a 1", "b 1"]);
  await calibrations.add("p", "arms-down", [mount("b", 2)], "Carer");
  expect(later()).toEqual(["a 1", "b 2"]);
  expect((await calibrations.undo("p", "Carer"))?.act).toEqual({ kind: "undo", number: 2 });
  expect(later()).toEqual(["a 1", "b 1"]);
  await calibrations.undo("p", "Carer");
  expect(later()).toEqual([]);
  expect(await calibrations.undo("p", "Carer")).toBeUndefined();
});

test("the oldest are dropped beyond the bound, and what holds goes on", async () => {
  let nowUs = 0;
  const calibrations = createCalibrations(keeping(), () => nowUs);
  await calibrations.add("p", "arms-out", [mount("first")], "Carer");
  for (let i = 0; i < mostCalibrations + 5; i++) await calibrations.add("p", "arms-down", [mount("other", i)], "Carer");
  nowUs = 1e9;
  expect(calibrations.of("p")).toHaveLength(mostCalibrations);
  expect(calibrations.mountsAt("p", nowUs).map(({ device }) => device)).toEqual(["first", "other"]);
});

test("a date of a clock that was ahead is put right, and what a disk refuses does not hold", async () => {
  const ahead = createCalibrations(keeping(), () => 9_000_000_000);
  await ahead.add("p", "arms-out", [mount("a")], "Carer");
  await ahead.putRight(1_000_000);
  expect(ahead.mountsAt("p", 1_000_000)).toHaveLength(1);
  const full = createCalibrations({ ...keeping(), putValue: async () => Promise.reject(new Error("full")) }, () => 1);
  await expect(full.add("p", "arms-out", [mount("a")], "Carer")).rejects.toThrow("full");
  expect(full.of("p")).toEqual([]);
});
