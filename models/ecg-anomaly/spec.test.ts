import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AskedWindow } from "../../device-drivers/contract/result.ts";
import { modelRegistry } from "../index.ts";
import type { BeatContext } from "../model-spec.ts";
import { InferenceSession, Tensor as OrtTensor } from "../onnx-runtime.ts";
import { biquads } from "../signal/beat-window.ts";
import { decision } from "./decision.ts";
import { ecgAnomaly } from "./spec.ts";

type Precision = "fp32" | "int8";

interface GoldenCase {
  name: string;
  memory: "fresh" | "continue";
  context: { rateHz: number; rIndex: number; samples: (number | null)[]; rrBeforeS: (number | null)[] };
  features: { beat: number[] };
  outputs: Record<Precision, { latent: number[]; residual: number[] }>;
}

const bytesOf = (name: string) => readFileSync(new URL(name, ecgAnomaly.folder));
const manifest = JSON.parse(bytesOf("manifest.json").toString());
const golden: { cases: GoldenCase[] } = JSON.parse(bytesOf("golden.json").toString());
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

function contextOf({ context: { rateHz, rIndex, samples, rrBeforeS } }: GoldenCase): BeatContext {
  const known = (value: number | null) => value ?? Number.NaN;
  return { rateHz, rIndex, samples: Float32Array.from(samples, known), rrBeforeS: rrBeforeS.map(known), rrAfterS: [] };
}

/** Tensors of all golden cases, memory carried on where the case says so. */
function goldenFeatures() {
  let memory = ecgAnomaly.initialMemory();
  return golden.cases.map((c) => {
    if (c.memory === "fresh") memory = ecgAnomaly.initialMemory();
    return { c, beat: ecgAnomaly.features(contextOf(c), memory, "first").beat };
  });
}

function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, v, i) => Math.max(most, Math.abs(v - (b[i] as number))), 0);
}

const window: AskedWindow = { pass: "first", about: [{ device: "strap", stream: "ecg" }], timeUs: 5, knownUs: 6 };

describe("the package of ecg-anomaly", () => {
  it("has the manifest that the registry trusts, and files with the hashes and sizes that the manifest states", () => {
    expect(modelRegistry["ecg-anomaly"]?.manifestSha256).toBe(sha256(bytesOf("manifest.json")));
    expect(manifest.files.map((f: { path: string }) => f.path)).toEqual(["model.onnx", "model.fp32.onnx", "golden.json", "card.md"]);
    for (const file of manifest.files) {
      expect(sha256(bytesOf(file.path)), file.path).toBe(file.sha256);
      expect(bytesOf(file.path).length).toBe(file.bytes);
    }
  });

  it("states the numbers that the code uses", () => {
    expect(manifest.thresholds).toEqual(decision);
    const stated = manifest.input.preprocess.filter((p: { op: string }) => p.op === "biquad");
    expect(stated.map(({ a, b }: { a: number[]; b: number[] }) => ({ b, a }))).toEqual(biquads);
  });

  it("makes of each raw window the tensor that Python made", () => {
    expect(golden.cases.length).toBeGreaterThanOrEqual(16);
    for (const { c, beat } of goldenFeatures())
      expect(largestGap(beat?.data ?? [], c.features.beat), c.name).toBeLessThanOrEqual(12 * 1e-5);
  });

  it.each([
    ["model.fp32.onnx", "fp32", 1e-3],
    ["model.onnx", "int8", 0.5],
  ] as const)("gives with %s what Python was given", async (file, precision, most) => {
    const session = await InferenceSession.create(bytesOf(file), {
      intraOpNumThreads: 1,
      executionMode: "sequential",
      logSeverityLevel: 3,
    });
    for (const { c, beat } of goldenFeatures()) {
      const { latent, residual } = await session.run({ beat: new OrtTensor("float32", beat?.data ?? [], [1, 100]) });
      expect(largestGap(latent?.data as Float32Array, c.outputs[precision].latent), c.name).toBeLessThanOrEqual(most);
      expect(largestGap(residual?.data as Float32Array, c.outputs[precision].residual), c.name).toBeLessThanOrEqual(most);
    }
    await session.release();
  });

  it("answers with latent, difference and the curve as it was shown, one behind the other", () => {
    const outputs = { latent: new Float32Array(16).fill(1), residual: new Float32Array(100).fill(2), shown: new Float32Array(100).fill(3) };
    const outcome = ecgAnomaly.read(outputs, window);
    const curves = ecgAnomaly.personal?.curves;
    if (outcome.kind !== "vector" || curves === undefined) throw new Error("no vector");
    expect([outcome.vector[15], outcome.vector[curves.residualAt], outcome.vector[curves.shownAt], outcome.vector.length]).toEqual([
      1, 2, 3, 216,
    ]);
    expect(() => ecgAnomaly.read({ latent: outputs.latent }, window)).toThrow(/residual/);
  });

  it("gives finite tensors whatever is missing or absurd", () => {
    const memory = ecgAnomaly.initialMemory();
    const odd: BeatContext[] = [
      { rateHz: 250, samples: new Float32Array(0), rIndex: 0, rrBeforeS: [], rrAfterS: [] },
      { rateHz: 500, samples: new Float32Array(1251).fill(3e38), rIndex: 1000, rrBeforeS: [], rrAfterS: [] },
      {
        rateHz: 125,
        samples: Float32Array.from({ length: 314 }, (_, i) => (i % 2 ? 1e30 : -1e30)),
        rIndex: 250,
        rrBeforeS: [],
        rrAfterS: [],
      },
      { rateHz: 1, samples: new Float32Array(3).fill(1), rIndex: 2, rrBeforeS: [], rrAfterS: [] },
      ...[0, 1e-9, 1e9].map((rrS) => ({
        rateHz: 250,
        samples: new Float32Array(626).fill(1),
        rIndex: 500,
        rrBeforeS: [rrS],
        rrAfterS: [],
      })),
    ];
    for (const context of odd) expect(ecgAnomaly.features(context, memory, "first").beat?.data.every(Number.isFinite)).toBe(true);
    expect(memory.heights.every((height) => height <= 100)).toBe(true);
  });

  it("does not move its measure of height by a window without signal", () => {
    const memory = ecgAnomaly.initialMemory();
    const [first] = golden.cases;
    if (first === undefined) throw new Error("no case");
    ecgAnomaly.features(contextOf(first), memory, "first");
    const before = [...memory.heights];
    const empty = { ...contextOf(first), samples: new Float32Array(first.context.samples.length).fill(Number.NaN) };
    const { beat } = ecgAnomaly.features(empty, memory, "first");
    expect(memory.heights).toEqual(before);
    expect(beat?.data.every((v) => v === 0)).toBe(true);
  });
});
