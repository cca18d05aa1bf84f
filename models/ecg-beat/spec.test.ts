import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AskedWindow, Outcome, Pass } from "../../device-drivers/contract/result.ts";
import { modelRegistry } from "../index.ts";
import type { BeatContext } from "../model-spec.ts";
import { InferenceSession, Tensor as OrtTensor } from "../onnx-runtime.ts";
import * as constants from "./constants.ts";
import { decision } from "./decision.ts";
import { beatFeatures } from "./features.ts";
import { ecgBeat } from "./spec.ts";

interface GoldenCase {
  name: string;
  /** Record and first sample; ends with "altered" where the window was changed. */
  source: string;
  memory: "fresh" | "continue";
  run: "first" | "final";
  context: { rateHz: number; rIndex: number; samples: (number | null)[]; rrBeforeS: (number | null)[]; rrAfterS: (number | null)[] };
  features: { beat: number[]; context: number[] };
  outputs: Record<"fp32" | "int8", { logits: number[] }>;
}

const bytesOf = (name: string) => readFileSync(new URL(name, ecgBeat.folder));
const manifest = JSON.parse(bytesOf("manifest.json").toString());
const golden: { cases: GoldenCase[] } = JSON.parse(bytesOf("golden.json").toString());
const orNaN = (values: (number | null)[]) => values.map((v) => v ?? Number.NaN);
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

function contextOf(c: GoldenCase): BeatContext {
  const { rateHz, rIndex, samples, rrBeforeS, rrAfterS } = c.context;
  return { rateHz, rIndex, samples: Float32Array.from(orNaN(samples)), rrBeforeS: orNaN(rrBeforeS), rrAfterS: orNaN(rrAfterS) };
}

/** Tensors of all golden cases, memory carried on where the case says so. */
function goldenFeatures() {
  let memory = ecgBeat.initialMemory();
  return golden.cases.map((c) => {
    if (c.memory === "fresh") memory = ecgBeat.initialMemory();
    return { c, tensors: ecgBeat.features(contextOf(c), memory, c.run) };
  });
}

function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, v, i) => Math.max(most, Math.abs(v - (b[i] as number))), 0);
}

const window: AskedWindow = { pass: "final", about: [{ device: "strap", stream: "ecg" }], timeUs: 5, knownUs: 6, rrMs: 800 };

function read(outputs: Readonly<Record<string, Float32Array>>) {
  const outcome = ecgBeat.read(outputs, window);
  if (outcome.kind !== "label" || outcome.probabilities === undefined) throw new Error("no label with probabilities");
  return { ...outcome, probabilities: outcome.probabilities };
}

describe("the package of ecg-beat", () => {
  it("has the manifest that the registry trusts, and files with the hashes and sizes that the manifest states", () => {
    expect(modelRegistry["ecg-beat"]?.manifestSha256).toBe(sha256(bytesOf("manifest.json")));
    expect(manifest.files.map((f: { path: string }) => f.path)).toEqual(["model.onnx", "model.fp32.onnx", "golden.json", "card.md"]);
    for (const file of manifest.files) {
      expect(sha256(bytesOf(file.path)), file.path).toBe(file.sha256);
      expect(bytesOf(file.path).length).toBe(file.bytes);
    }
  });

  it("states the numbers that the code uses", () => {
    expect({ temperature: manifest.outputs[0].temperature, thresholds: manifest.thresholds }).toEqual(decision);
    const biquads = manifest.input.preprocess
      .filter((p: { op: string }) => p.op === "biquad")
      .map(({ a, b }: { a: number[]; b: number[] }) => ({ b, a }));
    expect(biquads).toEqual(constants.biquads);
    const shapes = manifest.input.preprocess.find((p: { op: string }) => p.op === "shapes");
    expect(shapes).toEqual({
      op: "shapes",
      count: constants.shapeCount,
      from: constants.qrsFrom,
      to: constants.qrsTo,
      maxLag: constants.maxLag,
      correlation: constants.matchCorrelation,
      fade: constants.weightFade,
      premature: constants.premature,
    });
    expect(manifest.outputs[0].labels).toEqual(ecgBeat.labels);
    expect(manifest.trainedOn).toHaveLength(22);
  });

  it("loads through the registry", async () => {
    expect(await modelRegistry["ecg-beat"]?.load()).toBe(ecgBeat);
  });
});

describe("features of ecg-beat", () => {
  it("are those that Python computed, for every golden window", () => {
    expect(golden.cases.length).toBeGreaterThanOrEqual(16);
    for (const { c, tensors } of goldenFeatures()) {
      expect(largestGap(tensors.beat!.data, c.features.beat), c.name).toBeLessThanOrEqual(2 * constants.clipAt * 1e-5);
      expect(largestGap(tensors.context!.data, c.features.context), c.name).toBeLessThanOrEqual(3e-5);
    }
  });

  it("are finite whatever is missing or absurd", () => {
    const memory = ecgBeat.initialMemory();
    const odd: BeatContext[] = [
      { rateHz: 250, samples: new Float32Array(0), rIndex: 0, rrBeforeS: [], rrAfterS: [] },
      { rateHz: 100, samples: new Float32Array(251).fill(Number.NaN), rIndex: 200, rrBeforeS: [Number.NaN], rrAfterS: [Number.NaN] },
      {
        rateHz: 500,
        samples: new Float32Array(1251).fill(3e38),
        rIndex: 1000,
        rrBeforeS: [0, -1, 1e9],
        rrAfterS: [Number.POSITIVE_INFINITY],
      },
      {
        rateHz: 125,
        samples: Float32Array.from({ length: 314 }, (_, i) => (i % 2 ? 1e30 : -1e30)),
        rIndex: 250,
        rrBeforeS: [0.001],
        rrAfterS: [],
      },
      { rateHz: 1, samples: new Float32Array(3).fill(1), rIndex: 2, rrBeforeS: [0.8], rrAfterS: [0.8] },
    ];
    for (const run of ["first", "final"] as const)
      for (const context of odd)
        for (const { data } of Object.values(ecgBeat.features(context, memory, run))) expect(data.every(Number.isFinite)).toBe(true);
  });

  it("change the memory in the first run only, and keep it under 4 kB and cloneable", () => {
    const memory = ecgBeat.initialMemory() as ReturnType<typeof ecgBeat.initialMemory>;
    const context = contextOf(golden.cases[0]!);
    ecgBeat.features(context, memory, "final");
    expect(memory).toEqual(ecgBeat.initialMemory());
    ecgBeat.features(context, memory, "first");
    expect(memory).not.toEqual(ecgBeat.initialMemory());
    expect(structuredClone(memory)).toEqual(memory);
    expect(Object.values(memory as object).reduce((sum, array: Float32Array) => sum + array.byteLength, 0)).toBeLessThanOrEqual(4096);
  });

  it("are nearly the same at 360 Hz and at 120 Hz, and do not depend on gain", () => {
    const context = contextOf(golden.cases[0]!);
    const plain = beatFeatures(context, ecgBeat.initialMemory());
    const louder = beatFeatures({ ...context, samples: context.samples.map((v) => 4 * v) }, ecgBeat.initialMemory());
    expect(largestGap(plain.beat.data, louder.beat.data)).toBeLessThan(1e-4);
    const thin = { ...context, rateHz: 120, rIndex: context.rIndex / 3, samples: context.samples.filter((_, i) => i % 3 === 0) };
    expect(largestGap(plain.beat.data, beatFeatures(thin, ecgBeat.initialMemory()).beat.data)).toBeLessThan(0.25);
  });

  it("mask the following intervals in the first run", () => {
    const context = { ...contextOf(golden.cases[0]!), rrAfterS: [0.5, 1.2] };
    const with_ = beatFeatures(context, ecgBeat.initialMemory(), "first");
    const without = beatFeatures({ ...context, rrAfterS: [] }, ecgBeat.initialMemory(), "first");
    expect(with_).toEqual(without);
  });
});

describe("outputs of ecg-beat", () => {
  it.each([
    ["fp32", "model.fp32.onnx", 1e-3],
    ["int8", "model.onnx", undefined],
  ] as const)("of the %s file are the golden ones", async (precision, file, logitGap) => {
    const session = await InferenceSession.create(bytesOf(file), { intraOpNumThreads: 1, interOpNumThreads: 1 });
    const seen = new Set<string>();
    for (const { c, tensors } of goldenFeatures()) {
      const feeds = Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, new OrtTensor("float32", t.data, [...t.shape])]));
      const logits = (await session.run(feeds)).logits?.data as Float32Array;
      const wanted = Float32Array.from(c.outputs[precision].logits);
      if (logitGap !== undefined) expect(largestGap(logits, wanted), c.name).toBeLessThanOrEqual(logitGap);
      const [got, want] = [read({ logits }), read({ logits: wanted })];
      expect(got.probabilities.indexOf(Math.max(...got.probabilities)), c.name).toBe(
        want.probabilities.indexOf(Math.max(...want.probabilities)),
      );
      expect(largestGap(got.probabilities, want.probabilities), c.name).toBeLessThanOrEqual(0.02);
      seen.add(got.label);
    }
    expect([...seen].sort()).toEqual(expect.arrayContaining(["N", "S", "V"]));
  });

  it("of both precisions have the same likeliest class, and nearly the same probabilities where the window is unaltered", () => {
    for (const c of golden.cases) {
      const [int8, fp32] = [c.outputs.int8.logits, c.outputs.fp32.logits].map((z) => read({ logits: Float32Array.from(z) }).probabilities);
      expect(int8!.indexOf(Math.max(...int8!)), c.name).toBe(fp32!.indexOf(Math.max(...fp32!)));
      if (!c.source.endsWith("altered")) expect(largestGap(int8!, fp32!), c.name).toBeLessThan(0.05);
    }
    expect(golden.cases.filter((c) => !c.source.endsWith("altered")).length).toBeGreaterThanOrEqual(16);
  });

  it("become probabilities that sum to one, and a label by thresholds", () => {
    const ventricular = read({ logits: Float32Array.of(0, 0, 9, 0) });
    expect(ventricular.label).toBe("V");
    expect(ventricular.probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    expect(read({ logits: Float32Array.of(9, 0, 0, 0) }).label).toBe("N");
    expect(read({ logits: Float32Array.of(0, 0, 0, 9) }).label).toBe("F");
    expect(() => read({})).toThrow(/logits/);
  });
});

it("puts a beat into the record once, with its final class, and one that nobody could class as unclassifiable", () => {
  const events = (outcome: Outcome, pass: Pass = "final") =>
    ecgBeat.events?.({ kind: "result", model: { id: "ecg-beat", version: "1" }, ...window, pass, outcome });
  const beat = { kind: "beat", device: "strap", stream: "ecg", timeUs: 5, rrMs: 800 };
  expect(events({ kind: "label", label: "V", probability: 0.9 }, "first")).toEqual([]);
  expect(events({ kind: "label", label: "V", probability: 0.9 })).toEqual([{ ...beat, label: "V", confidence: 0.9 }]);
  expect(events({ kind: "unknown", reason: "down" })).toEqual([{ ...beat, label: "Q", confidence: 0 }]);
});
