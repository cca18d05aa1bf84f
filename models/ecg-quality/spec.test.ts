import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AskedWindow } from "../../device-drivers/contract/result.ts";
import { modelRegistry } from "../index.ts";
import type { Contexts } from "../model-spec.ts";
import { InferenceSession, Tensor as OrtTensor } from "../onnx-runtime.ts";
import { points, qualityFeatures, windowS } from "./features.ts";
import { ecgQuality } from "./spec.ts";

type Precision = "fp32" | "int8";

interface GoldenCase {
  name: string;
  context: { rateHz: number; channels: (number | null)[][] };
  features: { wave: number[]; size: number[] };
  outputs: Record<Precision, { noise: number[] }>;
}

const bytesOf = (name: string) => readFileSync(new URL(name, ecgQuality.folder));
const manifest = JSON.parse(bytesOf("manifest.json").toString());
const golden: { cases: GoldenCase[] } = JSON.parse(bytesOf("golden.json").toString());
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const contextOf = ({ context: { rateHz, channels } }: GoldenCase): Contexts["hop"] => ({
  ...{ rateHz, fromUs: 0 },
  channels: channels.map((samples) => Float32Array.from(samples, (value) => value ?? Number.NaN)),
});

function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, v, i) => Math.max(most, Math.abs(v - (b[i] as number))), 0);
}

const window: AskedWindow = { pass: "final", about: [{ device: "strap", stream: "ecg" }], timeUs: 5, knownUs: 6 };
const probability = (logit: number) => 1 / (1 + Math.exp(-logit));
const flatAt = (value: number, rateHz = 250) =>
  qualityFeatures({ rateHz, fromUs: 0, channels: [new Float32Array(windowS * rateHz).fill(value)] });

describe("the package of ecg-quality", () => {
  it("has the manifest that the registry trusts, and files with the hashes and sizes that the manifest states", () => {
    expect(modelRegistry["ecg-quality"]?.manifestSha256).toBe(sha256(bytesOf("manifest.json")));
    expect(manifest.files.map((f: { path: string }) => f.path)).toEqual(["model.onnx", "model.fp32.onnx", "golden.json", "card.md"]);
    for (const file of manifest.files) {
      expect(sha256(bytesOf(file.path)), file.path).toBe(file.sha256);
      expect(bytesOf(file.path).length).toBe(file.bytes);
    }
    expect(bytesOf("model.onnx").length).toBeLessThan(200_000);
  });

  it("names each recording that it has learnt from, and states the numbers that the code uses", () => {
    expect(manifest.trainedOn.length).toBe(new Set(manifest.trainedOn).size);
    expect(manifest.trainedOn.every((id: string) => /^(cinc2017\/A\d{5}|mitdb\/\d{3}|nstdb-partial\/(em|ma)60)$/.test(id))).toBe(true);
    expect(manifest.input.window).toEqual({ kind: "hop", windowMs: windowS * 1000, hopMs: ecgQuality.trigger.hopS * 1000 });
    expect(manifest.outputs[0].labels).toEqual(ecgQuality.labels);
  });

  it("makes of each raw window the tensors that Python made", () => {
    expect(golden.cases.length).toBeGreaterThanOrEqual(16);
    for (const each of golden.cases) {
      const { wave, size } = qualityFeatures(contextOf(each));
      expect(largestGap(wave.data, each.features.wave), each.name).toBeLessThanOrEqual(6e-5);
      expect(largestGap(size.data, each.features.size), each.name).toBeLessThanOrEqual(6e-5);
    }
  });

  it.each([
    ["model.fp32.onnx", "fp32", 1e-3],
    ["model.onnx", "int8", 0.02],
  ] as const)("gives with %s what Python was given", async (file, precision, most) => {
    const session = await InferenceSession.create(bytesOf(file), {
      intraOpNumThreads: 1,
      executionMode: "sequential",
      logSeverityLevel: 3,
    });
    for (const each of golden.cases) {
      const feeds = Object.entries(qualityFeatures(contextOf(each))).map(([name, { data, shape }]) => [
        name,
        new OrtTensor("float32", data, shape),
      ]);
      const { noise } = await session.run(Object.fromEntries(feeds));
      const [got, wanted] = [noise?.data[0] as number, each.outputs[precision].noise[0] as number];
      if (precision === "fp32") expect(Math.abs(got - wanted), each.name).toBeLessThanOrEqual(most);
      expect(Math.abs(probability(got) - probability(wanted)), each.name).toBeLessThanOrEqual(most);
    }
    await session.release();
  });

  it("calls a clean window readable and a noise recording noise", () => {
    const labelOf = (name: string) => {
      const found = golden.cases.find((each) => each.name === name);
      if (found === undefined) throw new Error(`no case ${name}`);
      const outcome = ecgQuality.read({ noise: Float32Array.from(found.outputs.int8.noise) }, window);
      return outcome.kind === "label" ? outcome.label : outcome.kind;
    };
    expect(["clean", "inverted", "sinus rhythm", "noise", "drowned in noise"].map(labelOf)).toEqual([
      "readable",
      "readable",
      "readable",
      "noise",
      "noise",
    ]);
  });
});

describe("what ecg-quality is shown and how it is read", () => {
  it("shows nothing of a window without samples or of an even line, and no number that is none", () => {
    for (const value of [Number.NaN, 0, 5, Number.POSITIVE_INFINITY]) {
      const { wave, size } = flatAt(value);
      expect(wave.data.every((v) => Math.abs(v) < 1e-6)).toBe(true);
      expect(size.data[0]).toBeCloseTo(Math.log(0.05), 5);
    }
    expect([...flatAt(3e38).wave.data, ...flatAt(3e38).size.data].every(Number.isFinite)).toBe(true);
    expect(qualityFeatures({ rateHz: 250, fromUs: 0, channels: [] }).wave.data).toHaveLength(points);
  });

  it("looks at the first channel alone, whatever its offset and polarity", () => {
    const saw = (offset: number, sign = 1) => Float32Array.from({ length: windowS * 250 }, (_, i) => offset + sign * ((i % 200) / 200));
    const of = (...channels: Float32Array[]) => [...qualityFeatures({ rateHz: 250, fromUs: 0, channels }).wave.data];
    expect(largestGap(of(saw(3)), of(saw(0)))).toBeLessThan(1e-5);
    expect(of(saw(0), saw(9))).toEqual(of(saw(0)));
    const upright = of(saw(0));
    expect(
      largestGap(
        of(saw(0, -1)),
        upright.map((v) => -v),
      ),
    ).toBeLessThan(1e-5);
  });

  it("is noise above zero, and an output of another length is refused", () => {
    expect(ecgQuality.read({ noise: Float32Array.of(2) }, window)).toMatchObject({ kind: "label", label: "noise" });
    expect(ecgQuality.read({ noise: Float32Array.of(0) }, window)).toMatchObject({ kind: "label", label: "readable", probability: 0.5 });
    expect(() => ecgQuality.read({}, window)).toThrow(/noise/);
    expect(() => ecgQuality.read({ noise: new Float32Array(2) }, window)).toThrow(/noise/);
  });
});
