import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AskedWindow } from "../../device-drivers/contract/result.ts";
import { modelRegistry } from "../index.ts";
import { InferenceSession, Tensor as OrtTensor } from "../onnx-runtime.ts";
import { decision } from "./decision.ts";
import { BINS, binOf, bpmAt } from "./rates.ts";
import { ppgPulse } from "./spec.ts";

type Row = (number | null)[];
interface GoldenCase {
  name: string;
  context: { rateHz: number; channels: Row[]; beside?: Row[] };
  features: { curves: number[] };
  outputs: Record<"fp32" | "int8", { logits: number[] }>;
}

const bytesOf = (name: string) => readFileSync(new URL(name, ppgPulse.folder));
const manifest = JSON.parse(bytesOf("manifest.json").toString());
const golden: { cases: GoldenCase[] } = JSON.parse(bytesOf("golden.json").toString());
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const samplesOf = (rows: readonly Row[]) => rows.map((row) => Float32Array.from(row, (value) => value ?? Number.NaN));
const window: AskedWindow = { pass: "final", about: [{ device: "clip", stream: "ppg" }], timeUs: 8e6, knownUs: 8e6, fromUs: 0 };

function curvesOf({ context: { rateHz, channels, beside } }: GoldenCase): Float32Array {
  const more = beside === undefined ? {} : { beside: samplesOf(beside) };
  return ppgPulse.features({ rateHz, channels: samplesOf(channels), ...more, fromUs: 0 }, undefined).curves?.data ?? new Float32Array();
}

function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);
}

const read = (logits: ArrayLike<number>) => ppgPulse.read({ logits: Float32Array.from(logits) }, window);
const rateOf = (logits: ArrayLike<number>) => {
  const outcome = read(logits);
  return outcome.kind === "value" ? outcome.value : undefined;
};

describe("the package of ppg-pulse", () => {
  it("has the manifest that the registry trusts, and files with the hashes and sizes that the manifest states", () => {
    expect(modelRegistry["ppg-pulse"]?.manifestSha256).toBe(sha256(bytesOf("manifest.json")));
    expect(manifest.files.map((file: { path: string }) => file.path)).toEqual(["model.onnx", "model.fp32.onnx", "golden.json", "card.md"]);
    for (const file of manifest.files) {
      expect(sha256(bytesOf(file.path)), file.path).toBe(file.sha256);
      expect(bytesOf(file.path).length).toBe(file.bytes);
    }
    expect(manifest.thresholds).toEqual(decision);
  });

  it("makes of each raw window the curves that Python made, with motion and without", () => {
    expect(golden.cases.length).toBeGreaterThanOrEqual(16);
    expect(golden.cases.some(({ context }) => context.beside !== undefined)).toBe(true);
    for (const each of golden.cases) expect(largestGap(curvesOf(each), each.features.curves), each.name).toBeLessThanOrEqual(1e-5);
  });

  it.each([
    ["model.fp32.onnx", "fp32", 1e-3],
    ["model.onnx", "int8", 0.5],
  ] as const)("gives with %s what Python was given, and the same rate", async (file, precision, most) => {
    const session = await InferenceSession.create(bytesOf(file), {
      intraOpNumThreads: 1,
      executionMode: "sequential",
      logSeverityLevel: 3,
    });
    let told = 0;
    for (const each of golden.cases) {
      const { logits } = await session.run({ curves: new OrtTensor("float32", curvesOf(each), [1, 6, BINS]) });
      expect(largestGap(logits?.data as Float32Array, each.outputs[precision].logits), each.name).toBeLessThanOrEqual(most);
      const [ours, theirs] = [rateOf(logits?.data as Float32Array), rateOf(each.outputs[precision].logits)];
      if (ours !== undefined && theirs !== undefined) expect(Math.abs(ours - theirs), each.name).toBeLessThan(0.5);
      told += Number(ours !== undefined);
    }
    expect(told).toBeGreaterThanOrEqual(8);
    await session.release();
  });

  it("knows no rate of an even line, of noise that has none, and of nothing at all", () => {
    const byName = new Map(golden.cases.map((each) => [each.name, each]));
    for (const name of ["flat", "no sample at all", "three of eight seconds missing"])
      expect(read(byName.get(name)?.outputs.int8.logits ?? []), name).toEqual({ kind: "unknown", reason: "unsure" });
  });

  it("reads a distribution with one high bin as its rate, and an even one as none", () => {
    const logits = Float32Array.from({ length: BINS }, (_, bin) => (bin === 50 ? 20 : 0));
    const sure = read(logits);
    if (sure.kind !== "value" || sure.interval === undefined) throw new Error("no rate");
    expect(sure.value).toBeCloseTo(bpmAt(50), 2);
    expect(sure.interval[0]).toBeLessThan(sure.value);
    expect(sure.interval[1]).toBeGreaterThan(sure.value);
    expect(read(new Float32Array(BINS))).toEqual({ kind: "unknown", reason: "unsure" });
    expect(binOf(bpmAt(17))).toBeCloseTo(17, 9);
    expect(() => ppgPulse.read({}, window)).toThrow(/logits/);
  });

  it("gives finite curves whatever is missing or absurd", () => {
    const odd = [
      new Float32Array(0),
      new Float32Array(200).fill(3e38),
      Float32Array.from({ length: 512 }, (_, i) => (i % 2 ? 1e30 : -1e30)),
      new Float32Array(3).fill(1),
    ];
    for (const pleth of odd) {
      const { curves } = ppgPulse.features({ rateHz: 25, channels: [pleth], beside: [pleth, pleth, pleth], fromUs: 0 }, undefined);
      expect(curves?.data.every((value) => Number.isFinite(value) && Math.abs(value) <= 1)).toBe(true);
    }
  });
});
