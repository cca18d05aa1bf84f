/** One more model is its folder and its line, whatever asks it: here those that stand in `registry`. */

import { expect, test } from "vitest";
import { modelRegistry, type RegisteredModel } from "../../../models/index.ts";
import type { ModelSpec } from "../../../models/model-spec.ts";
import { heart, limb, live, sent } from "./lives.ts";
import { placements } from "./which-limb/spec.ts";

const shipped = { "ecg-beat": modelRegistry["ecg-beat"] as RegisteredModel };
/** One line each. */
const registry: Readonly<Record<string, RegisteredModel>> = {
  ...shipped,
  "mean-activity": {
    load: async () => (await import("./mean-activity/spec.ts")).meanActivity as ModelSpec,
    manifestSha256: "36920d38a7b316a46ee3f7ed26103ed31fe79b672c3f1f88a8dd554804aabc59",
  },
  "beat-size": {
    load: async () => (await import("./beat-size/spec.ts")).beatSize as ModelSpec,
    manifestSha256: "786139d0cce4acbc328dc6de323ff82ce45c66ef0c3f0df8ca494441f994bb82",
  },
  "which-limb": {
    load: async () => (await import("./which-limb/spec.ts")).whichLimb as ModelSpec,
    manifestSha256: "a2d66ca7275e58354674245a5e41ea5f9add94a9ee30d800a380d4b4587bb183",
  },
};
const of =
  (id: string) =>
  ({ model }: { readonly model: { readonly id: string } }) =>
    model.id === id;
/** When the house is killed, as a share of what comes, and how many chunks before that a snapshot was kept. */
const falls = [
  [0.37, 60],
  [0.5, 4],
  [0.83, 4],
] as const;
const startUs = 1_700_000_000_000_000;

test("a model on a hop is asked of each stream with its kind of channel, in its unit, and beats stay as they are", async () => {
  const worn = [
    { device: "strap", source: await heart() },
    { device: "band", source: limb("left-wrist", 20, 30) },
    { device: "ring", source: limb("right-hand", 20, 30, { unit: "m/s2" }) },
  ];
  const { results, unasked } = await live(registry, sent(worn, 45));
  expect(unasked).toEqual([undefined, undefined, undefined, undefined]);
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
  const without = await live(shipped, sent(worn, 45));
  expect(results.filter(of("ecg-beat"))).toEqual(without.results);
});

test("windows on a hop are the same when the house was killed and started again among them", async () => {
  const worn = [
    { device: "strap", source: await heart() },
    { device: "band", source: limb("left-wrist", 15, 25), lostS: [18, 21] as const },
  ];
  const chunks = sent(worn, 45);
  const whole = await live(registry, chunks);
  for (const [share, back] of falls) {
    const killedAt = Math.floor(chunks.length * share);
    const { results } = await live(registry, chunks, { snapshotAt: killedAt - back, killedAt });
    expect(results).toEqual(whole.results);
  }
  expect(whole.results.filter(of("mean-activity")).length).toBeGreaterThan(10);
});

/** Six limbs move one after the other, ten seconds each; the fourth one's bytes are lost meanwhile. */
async function moving() {
  const worn = placements.map((placement, at) => {
    const source = limb(placement, 10 * at + 5, 10 * at + 15, {
      rateHz: [50, 100, 60, 50, 25, 50][at] ?? 50,
      unit: at % 2 === 0 ? "g" : "m/s2",
    });
    return { device: `sensor-${at}`, source, ...(at === 3 ? { lostS: [30, 50] as const } : {}) };
  });
  return sent([...worn, { device: "strap", source: await heart() }], 70);
}

test("a model over six devices says which limb moved, and does not wait for one that is silent", async () => {
  const { results } = await live(registry, await moving());
  const limbs = results.filter(of("which-limb"));
  expect(limbs.length).toBeGreaterThanOrEqual(33);
  for (const [i, { timeUs, fromUs = 0, about, outcome }] of limbs.entries()) {
    const [fromS, toS] = [fromUs, timeUs].map((us) => (us - startUs) / 1e6) as [number, number];
    if (i > 0) expect(timeUs - (limbs[i - 1]?.timeUs ?? 0)).toBe(2_000_000);
    if (outcome.kind !== "label") throw new Error("an answer is missing");
    const at = Math.floor((fromS - 5) / 10);
    const isLost = fromS > 31 && toS <= 50;
    // A hole is known to be one when the reorder limit is over: so long the sensor that is back stays masked.
    if (isLost || (fromS > 3 && toS <= 30) || fromS >= 52) expect(about, `${fromS}–${toS}`).toHaveLength(isLost ? 5 : 6);
    if (at >= 0 && at === Math.floor((toS - 5.1) / 10))
      expect(outcome.label, `${fromS}–${toS}`).toBe(isLost && at === 3 ? "none" : (placements[at] ?? "none"));
  }
});

test("windows over several devices are the same when the house was killed and started again among them", async () => {
  const chunks = await moving();
  const whole = await live(registry, chunks);
  for (const [share, back] of falls) {
    const killedAt = Math.floor(chunks.length * share);
    const { results } = await live(registry, chunks, { snapshotAt: killedAt - back, killedAt });
    expect(results).toEqual(whole.results);
  }
});

test("a model that follows another is asked about each of its moments, behind its result, and remembers over a kill", async () => {
  const chunks = sent([{ device: "strap", source: await heart(), lostS: [20, 23] }], 45);
  const whole = await live(registry, chunks);
  const moments = (id: string) => whole.results.filter(of(id)).map(({ pass, timeUs, rrMs }) => ({ pass, timeUs, rrMs }));
  expect(moments("beat-size").length).toBeGreaterThan(80);
  expect(moments("beat-size")).toEqual(moments("ecg-beat"));
  const scores = whole.results.filter(of("beat-size")).map(({ outcome }) => (outcome.kind === "score" ? outcome.score : Number.NaN));
  expect(scores.every((score) => score > 0.2 && score < 5)).toBe(true);
  expect(new Set(scores).size).toBeGreaterThan(20);
  // Beside what they follow they are decided at once.
  for (const [i, { model }] of whole.results.entries()) expect(model.id).toBe(i % 2 === 0 ? "ecg-beat" : "beat-size");
  const { "beat-size": _, ...without } = registry;
  expect((await live(without, chunks)).results).toEqual(whole.results.filter(of("ecg-beat")));
  for (const [share, back] of falls) {
    const killedAt = Math.floor(chunks.length * share);
    const { results } = await live(registry, chunks, { snapshotAt: killedAt - back, killedAt });
    expect(results).toEqual(whole.results);
  }
});
