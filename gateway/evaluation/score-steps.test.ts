import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadWalk } from "../../firmware-sim/excerpts/body-clip.ts";
import { segments } from "../../models/signal/body.ts";
import type { BodyClip } from "../recordings/body-clip.ts";
import { evaluateSteps } from "./evaluate-steps.ts";
import { footSteps } from "./foot-contacts.ts";
import { isWalk } from "./score-steps.ts";

const walk = await loadWalk();

test("feet show the steps of a walk, left and right in turns, and none of somebody who stands", () => {
  const steps = footSteps(walk);
  expect(steps.map(({ foot }) => foot)).toEqual(["left", "right", "left"]);
  expect(isWalk(steps)).toBe(true);
  const still: BodyClip = {
    ...walk,
    rotations: Float32Array.from(walk.rotations, (_, i) => walk.rotations[i % (segments.length * 4)] ?? 0),
    rootM: new Float32Array(walk.rootM.length),
  };
  expect(footSteps(still)).toEqual([]);
});

test("a walk has both feet in turns and an even pace", () => {
  const at = (...of: readonly (readonly ["left" | "right", number])[]) => of.map(([foot, timeS]) => ({ foot, timeS }));
  expect(isWalk(at(["left", 0], ["right", 0.5], ["left", 1]))).toBe(true);
  expect(isWalk(at(["left", 0], ["left", 0.5], ["right", 1]))).toBe(false);
  expect(isWalk(at(["left", 0], ["right", 0.5], ["left", 2]))).toBe(false);
  expect(isWalk(at(["left", 0], ["right", 0.5]))).toBe(false);
});

test("the gateway counts the steps of the walk that is here, and an empty folder has no figure", async () => {
  const data = [fileURLToPath(new URL("../../firmware-sim/excerpts", import.meta.url))];
  const { metrics, below, records } = await evaluateSteps({ data, onProgress() {} });
  expect([records, below]).toEqual([1, []]);
  expect(metrics).toMatchObject({ error_pct: 0, walks: 1, steps: 3 });
  const none = await evaluateSteps({ data: [fileURLToPath(new URL(".", import.meta.url))], onProgress() {} });
  expect(none).toMatchObject({ records: 0, metrics: { error_pct: null, walks: 0 } });
});
