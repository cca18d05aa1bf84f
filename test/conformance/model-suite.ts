/** What any model package of the house must promise, asked through the real model host: `testModel(id, registered)` for each line of the registry. */

import { readFileSync } from "node:fs";
import { serialize } from "node:v8";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { InferenceOutcome, ModelHost } from "../../gateway/inference/inference-port.ts";
import { startModelHost } from "../../gateway/inference/model-host.ts";
import { type HostModel, openModelPackage } from "../../gateway/inference/model-package.ts";
import type { RegisteredModel } from "../../models/index.ts";
import type { BeatContext, BeatRun, ModelSpec, Tensor } from "../../models/model-spec.ts";

/** A golden window: what the training side was given, and what came out of it there. */
export interface GoldenBeat {
  readonly name: string;
  /** "continue": the memory goes on from the case before. */
  readonly memory: "fresh" | "continue";
  readonly run: BeatRun["name"];
  readonly context: BeatContext;
  /** Outputs of the shipped file by name. */
  readonly outputs: Readonly<Record<string, Float32Array>>;
}

/** Integer kernels differ a little between processors. */
const probabilityGap = 0.02;
const memoryBytes = 4096;

/** Registers the suite. */
export function testModel(id: string, registered: RegisteredModel): void {
  describe(`the model ${id}`, () => {
    let spec: ModelSpec;
    let pack: HostModel;
    let host: ModelHost;
    let golden: GoldenBeat[];

    beforeAll(async () => {
      spec = await registered.load();
      pack = await openModelPackage({
        id,
        folder: spec.folder,
        manifestSha256: registered.manifestSha256,
        timeoutMs: spec.resultTimeoutMs,
      });
      host = await startModelHost({ models: [pack], clock: virtualClock(), timeouts: false });
      golden = readGolden(spec);
    });
    afterAll(() => host.close());

    const ask = (tensors: Readonly<Record<string, Tensor>>) =>
      new Promise<InferenceOutcome>((settled) => host.submit(id, tensors, settled));
    const outputsOf = async (tensors: Readonly<Record<string, Tensor>>) => {
      const outcome = await ask(tensors);
      if (outcome.kind !== "outputs") throw new Error(`${id} gave no answer: ${outcome.reason}`);
      return outcome.outputs;
    };
    const read = (outputs: Readonly<Record<string, Float32Array>>) => {
      const outcome = spec.read(outputs, { pass: "final", about: [{ device: "d", stream: "s" }], timeUs: 0, knownUs: 0 });
      if (outcome.kind !== "label" || outcome.probabilities === undefined) throw new Error(`${id} gives no label with probabilities`);
      return { label: outcome.label, probabilities: outcome.probabilities };
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

    test("has a card that says what it may not be used for", () => {
      expect(readFileSync(new URL("card.md", spec.folder), "utf8")).toMatch(/not a medical device/i);
    });

    test("answers each golden window as the training side did", async () => {
      expect(golden.length).toBeGreaterThanOrEqual(8);
      for (const { each, tensors } of windows()) {
        const [got, wanted] = [read(await outputsOf(tensors)), read(each.outputs)];
        expect(got.probabilities).toHaveLength(spec.labels.length);
        for (const [i, p] of got.probabilities.entries())
          expect(Math.abs(p - (wanted.probabilities[i] ?? 0)), each.name).toBeLessThanOrEqual(probabilityGap);
        expect(spec.labels).toContain(got.label);
      }
    });

    test("gives probabilities that sum to one, the same for the same window, alone or among others", async () => {
      const all = windows();
      const together = await Promise.all(all.map(({ tensors }) => outputsOf(tensors)));
      for (const [i, { tensors }] of all.entries()) {
        const alone = await outputsOf(tensors);
        expect(alone).toEqual(together[i]);
        expect(read(alone).probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
      }
    });

    test("gives finite answers to absent, flat and absurd signal", async () => {
      const { beforeS, afterS } = spec.trigger.kind === "beat" ? spec.trigger : { beforeS: 1, afterS: 1 };
      for (const rateHz of [100, 125, 250, 360, 1000])
        for (const value of [Number.NaN, 0, 5, -1e6]) {
          const samples = new Float32Array(Math.ceil(beforeS * rateHz) + Math.ceil(afterS * rateHz)).fill(value);
          const context = { rateHz, samples, rIndex: Math.ceil(beforeS * rateHz), rrBeforeS: [Number.NaN], rrAfterS: [] };
          const { probabilities } = read(await outputsOf(spec.features(context, spec.initialMemory(), "first")));
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
      expect(read(await outputsOf(good.tensors)).label).toBe(read(good.each.outputs).label);
    });
  });
}

interface GoldenFile {
  readonly cases: readonly {
    readonly name: string;
    readonly memory: GoldenBeat["memory"];
    readonly run: GoldenBeat["run"];
    readonly context: {
      readonly rateHz: number;
      readonly rIndex: number;
      readonly samples: readonly (number | null)[];
      readonly rrBeforeS: readonly (number | null)[];
      readonly rrAfterS: readonly (number | null)[];
    };
    readonly outputs: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
  }[];
}

/** JSON has no NaN; null stands for it. */
function readGolden(spec: ModelSpec): GoldenBeat[] {
  const { cases } = JSON.parse(readFileSync(new URL("golden.json", spec.folder), "utf8")) as GoldenFile;
  const numbers = (values: readonly (number | null)[]) => values.map((value) => value ?? Number.NaN);
  return cases.map(({ name, memory, run, context, outputs }) => ({
    ...{ name, memory, run },
    context: {
      rateHz: context.rateHz,
      rIndex: context.rIndex,
      samples: Float32Array.from(numbers(context.samples)),
      rrBeforeS: numbers(context.rrBeforeS),
      rrAfterS: numbers(context.rrAfterS),
    },
    outputs: Object.fromEntries(Object.entries(outputs.int8 ?? {}).map(([key, values]) => [key, Float32Array.from(values)])),
  }));
}
