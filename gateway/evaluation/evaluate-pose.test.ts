import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { evaluatePose } from "./evaluate-pose.ts";

let folder = "";
const walk = new URL("../recordings/testdata/cmu-02_01.bvh", import.meta.url);
const evaluated = (only?: ReadonlySet<string>) =>
  evaluatePose({ data: [folder], onProgress: () => {}, ...(only === undefined ? {} : { only }) });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearth-pose-"));
  await mkdir(join(folder, "motion/cmu-mocap/own"), { recursive: true });
  await copyFile(walk, join(folder, "motion/cmu-mocap/own/02_01.bvh"));
  await writeFile(join(folder, "motion/cmu-mocap/own/03_01.bvh"), "HIERARCHY\n");
});
afterAll(() => rm(folder, { recursive: true }));

test("a walk is told from six sensors by the gateway's own model, completed nearer than what is held, and a damaged file is named", async () => {
  const { data, skipped, metrics, baselines, model, records } = await evaluated();
  expect(data).toEqual(["cmu-mocap/own/02_01"]);
  expect(skipped).toMatchObject([{ record: "cmu-mocap/own/03_01" }]);
  expect(records).toBe(1);
  expect(model).toMatchObject({ id: "motion-complete", precision: "int8" });
  expect(metrics.none_angular_deg).toBeLessThan(20);
  expect(metrics.none_angular_deg).toBeGreaterThan(1);
  expect(metrics.lost1_all_angular_deg).toBeLessThan(baselines.lost1_all_hold_angular_deg ?? 0);
  expect(await evaluated(new Set(["02_01"]))).toMatchObject({ metrics, baselines });
}, 60_000);

test("without recordings the figures are null", async () => {
  const { metrics, records, below } = await evaluated(new Set(["none"]));
  expect(records).toBe(0);
  expect(metrics.none_angular_deg).toBeNull();
  expect(below).toEqual([]);
}, 60_000);
