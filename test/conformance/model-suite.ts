/** What any model package of the house must promise, asked through the real model host: `testModel(id, registered)` for each line of the registry. */

import { readFileSync } from "node:fs";
import { serialize } from "node:v8";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { type GoldenWindow, goldenWindows } from "../../gateway/evaluation/golden-windows.ts";
import { costLimits } from "../../gateway/evaluation/model-cost.ts";
import type { InferenceOutcome, ModelHost } from "../../gateway/inference/inference-port.ts";
import { startModelHost } from "../../gateway/inference/model-host.ts";
import { type HostModel, openModelPackage } from "../../gateway/inference/model-package.ts";
import { families } from "../../gateway/rules/families.ts";
import type { RegisteredModel } from "../../models/index.ts";
import type { ModelSpec, Tensor } from "../../models/model-spec.ts";

/** Integer kernels differ a little between processors: of a probability, or of any other number by its size. */
const gap = 0.02;
const memoryBytes = 4096;

/** Registers the suite. */
export function testModel(id: string, registered: RegisteredModel): void {
  describe(`the model ${id}`, () => {
    let spec: ModelSpec;
    let pack: HostModel;
    let host: ModelHost;
    let golden: GoldenWindow[];

    beforeAll(async () => {
      spec = await registered.load();
      pack = await openModelPackage({
        id,
        folder: spec.folder,
        manifestSha256: registered.manifestSha256,
        timeoutMs: spec.resultTimeoutMs,
      });
      host = await startModelHost({ models: [pack], clock: virtualClock(), timeouts: false });
      golden = goldenWindows(spec);
    });
    afterAll(() => host.close());

    const ask = (tensors: Readonly<Record<string, Tensor>>) =>
      new Promise<InferenceOutcome>((settled) => host.submit(id, tensors, settled));
    const outputsOf = async (tensors: Readonly<Record<string, Tensor>>) => {
      const outcome = await ask(tensors);
      if (outcome.kind !== "outputs") throw new Error(`${id} gave no answer: ${outcome.reason}`);
      return outcome.outputs;
    };
    /** What the spec makes of the outputs: each label's probability, or the numbers themselves. */
    const read = (outputs: Readonly<Record<string, Float32Array>>) => {
      const outcome = spec.read(outputs, { pass: "final", about: [{ device: "d", stream: "s" }], timeUs: 0, knownUs: 0 });
      const isLabel = outcome.kind === "label";
      const probabilities = isLabel ? (outcome.probabilities ?? []) : [];
      const numbers = isLabel ? probabilities : Object.values(outputs).flatMap((values) => [...values]);
      return { outcome, probabilities, numbers };
    };
    const windows = () => {
      let memory = spec.initialMemory();
      return golden.map((each) => {
        if (each.memory === "fresh") memory = spec.initialMemory();
        return { each, tensors: spec.features(each.context, memory, each.run) };
      });
    };

    test("is trusted by the registry under its own id, and runs", () => {
      expect(spec.id).toBe(id);
      expect(host.models()).toMatchObject([{ id, state: "ready", sha256: pack.sha256 }]);
      expect(pack.sha256).toMatch(/^[0-9a-f]{64}$/);
    });

    test("is int8 and no larger than a model of the house may be", () => {
      expect(pack.precision).toBe("int8");
      expect(pack.bytes?.length).toBeLessThanOrEqual(costLimits.bytes);
    });

    test("holds up what comes behind its window for two seconds at most, unless an alarm is blind without its answer", () => {
      const readers = Object.values(families).filter(({ reads = [] }) => reads.includes(id));
      const isAlarm = readers.some(({ rules }) =>
        Object.values(rules).some(({ priority }) => priority === "high" || priority === "medium"),
      );
      expect(spec.resultTimeoutMs).toBeLessThanOrEqual(isAlarm ? 4000 : 2000);
    });

    test("has a card that says what it may not be used for", () => {
      expect(readFileSync(new URL("card.md", spec.folder), "utf8")).toMatch(/not a medical device/i);
    });

    test("answers each golden window as the training side did", async () => {
      expect(golden.length).toBeGreaterThanOrEqual(8);
      for (const { each, tensors } of windows()) {
        const [got, wanted] = [read(await outputsOf(tensors)), read(each.outputs)];
        expect(got.outcome.kind).toBe(wanted.outcome.kind);
        expect(got.numbers).toHaveLength(wanted.numbers.length);
        for (const [i, number] of got.numbers.entries()) {
          const expected = wanted.numbers[i] ?? 0;
          expect(Math.abs(number - expected), each.name).toBeLessThanOrEqual(gap * Math.max(1, Math.abs(expected)));
        }
        if (got.outcome.kind !== "label") continue;
        expect(got.probabilities).toHaveLength(spec.labels.length);
        expect(spec.labels).toContain(got.outcome.label);
      }
    });

    test("gives the same for the same window, alone or among others, and probabilities that sum to one", async () => {
      const all = windows();
      const together = await Promise.all(all.map(({ tensors }) => outputsOf(tensors)));
      for (const [i, { tensors }] of all.entries()) {
        const alone = await outputsOf(tensors);
        expect(alone).toEqual(together[i]);
        const { outcome, probabilities } = read(alone);
        if (outcome.kind === "label") expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
      }
    });

    test("gives finite answers to absent, flat and absurd signal", async () => {
      for (const value of [Number.NaN, 0, 5, -1e6])
        for (const { context, run } of [...golden, ...otherRates(spec)]) {
          const tensors = spec.features(withSamples(context, value), spec.initialMemory(), run);
          const { outcome, probabilities } = read(await outputsOf(tensors));
          // What is not finite is null in JSON.
          expect(JSON.stringify(outcome)).not.toMatch(/null/);
          expect(probabilities.every((p) => p >= 0 && p <= 1)).toBe(true);
        }
    });

    test("keeps a memory that is small and survives a restart", () => {
      const memory = spec.initialMemory();
      const again = spec.initialMemory();
      for (const { context, run } of golden) spec.features(context, memory, run);
      const restored = structuredClone(memory);
      const [first] = golden;
      if (first === undefined) throw new Error("no golden window");
      expect(spec.features(first.context, restored, first.run)).toEqual(spec.features(first.context, memory, first.run));
      expect(serialize(memory).length - serialize(again).length).toBeLessThanOrEqual(memoryBytes);
    });

    test("refuses tensors of another shape without harm to the next window", async () => {
      const [good] = windows();
      if (good === undefined) throw new Error("no golden window");
      const spoilt = Object.fromEntries(
        Object.entries(good.tensors).map(([name]): [string, Tensor] => [name, { data: new Float32Array(3), shape: [1, 1, 3] }]),
      );
      expect(await ask(spoilt)).toEqual({ kind: "unknown", reason: "refused" });
      expect(read(await outputsOf(good.tensors)).outcome.kind).toBe(read(good.each.outputs).outcome.kind);
    });
  });
}

/** A first beat of streams of any rate. */
function otherRates({ trigger }: ModelSpec): Pick<GoldenWindow, "context" | "run">[] {
  if (trigger.kind !== "beat") return [];
  const { beforeS, afterS } = trigger;
  return [100, 125, 250, 360, 1000].map((rateHz) => {
    const samples = new Float32Array(Math.ceil(beforeS * rateHz) + Math.ceil(afterS * rateHz));
    const context = { rateHz, samples, rIndex: Math.ceil(beforeS * rateHz), rrBeforeS: [Number.NaN], rrAfterS: [] };
    return { context, run: "first" };
  });
}

/** The window with every sample of this value. */
function withSamples(context: GoldenWindow["context"], value: number): GoldenWindow["context"] {
  const filled = (each: unknown): unknown => {
    if (each instanceof Float32Array) return each.map(() => value);
    if (Array.isArray(each)) return each.map(filled);
    if (typeof each !== "object" || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([name, inner]) => [name, filled(inner)]));
  };
  return filled(context) as GoldenWindow["context"];
}
