/** One more model is its folder and its line, whatever asks it: here those that stand in `registry`. */

import { expect, test } from "vitest";
import { modelRegistry, type RegisteredModel } from "../../../models/index.ts";
import type { ModelSpec } from "../../../models/model-spec.ts";
import { heart, limb, live, sent } from "./lives.ts";

/** One line each. */
const registry: Readonly<Record<string, RegisteredModel>> = {
  ...modelRegistry,
  "mean-activity": {
    load: async () => (await import("./mean-activity/spec.ts")).meanActivity as ModelSpec,
    manifestSha256: "36920d38a7b316a46ee3f7ed26103ed31fe79b672c3f1f88a8dd554804aabc59",
  },
};
const of =
  (id: string) =>
  ({ model }: { readonly model: { readonly id: string } }) =>
    model.id === id;
const startUs = 1_700_000_000_000_000;

test("a model on a hop is asked of each stream with its kind of channel, in its unit, and beats stay as they are", async () => {
  const worn = [
    { device: "strap", source: await heart() },
    { device: "band", source: limb("left-wrist", 20, 30) },
    { device: "ring", source: limb("right-hand", 20, 30, "m/s2") },
  ];
  const { results, unasked } = await live(registry, sent(worn, 45));
  expect(unasked).toEqual([undefined, undefined]);
  const activity = results.filter(of("mean-activity"));
  expect(new Set(activity.map(({ about }) => about[0].device))).toEqual(new Set(["band", "ring"]));
  const ends = (device: string) => activity.flatMap((each) => (each.about[0].device === device ? [each] : []));
  for (const device of ["band", "ring"]) {
    const own = ends(device);
    expect(own.length).toBeGreaterThanOrEqual(14);
    for (const [i, { timeUs, fromUs = 0, outcome }] of own.entries()) {
      if (i > 0) expect(timeUs - (own[i - 1]?.timeUs ?? 0)).toBe(2_500_000);
      const [fromS, toS] = [fromUs, timeUs].map((us) => (us - startUs) / 1e6) as [number, number];
      const isShaken = toS > 20.1 && fromS < 29.9;
      if (outcome.kind !== "value") throw new Error("an answer is missing");
      expect(outcome.value > 0.001, `${device} ${fromS}–${toS}`).toBe(isShaken);
    }
  }
  const values = (device: string) => ends(device).map(({ outcome }) => (outcome.kind === "value" ? outcome.value : Number.NaN));
  for (const [i, value] of values("band").entries()) expect(value).toBeCloseTo(values("ring")[i] ?? Number.NaN, 5);
  const without = await live(modelRegistry, sent(worn, 45));
  expect(results.filter(of("ecg-beat"))).toEqual(without.results);
});

test("windows on a hop are the same when the house was killed and started again among them", async () => {
  const worn = [
    { device: "strap", source: await heart() },
    { device: "band", source: limb("left-wrist", 15, 25), lostS: [18, 21] as const },
  ];
  const chunks = sent(worn, 45);
  const whole = await live(registry, chunks);
  for (const share of [0.31, 0.5, 0.83]) {
    const killedAt = Math.floor(chunks.length * share);
    const { results } = await live(registry, chunks, { snapshotAt: Math.floor(killedAt * 0.7), killedAt });
    expect(results).toEqual(whole.results);
  }
  expect(whole.results.filter(of("mean-activity")).length).toBeGreaterThan(10);
});
