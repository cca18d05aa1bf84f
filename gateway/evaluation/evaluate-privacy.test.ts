import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Annotation, formatAnnotations } from "../recordings/annotations.ts";
import { writeRecord } from "../recordings/wfdb.ts";
import { seededRandom } from "./bootstrap.ts";
import { evaluatePrivacy } from "./evaluate-privacy.ts";

let folder = "";
const rateHz = 250;

/** Two minutes of a heart of its own height, width and pace. */
async function heart(name: string, { height, width, everyS }: { height: number; width: number; everyS: number }): Promise<void> {
  const random = seededRandom(name.charCodeAt(0));
  const peaks: number[] = [];
  for (let at = rateHz; at < 119 * rateHz; at += Math.round((everyS + 0.05 * (random() - 0.5)) * rateHz)) peaks.push(at);
  const samples = Int32Array.from({ length: 120 * rateHz }, () => Math.round(6 * (random() - 0.5)));
  for (const peak of peaks)
    for (let i = -60; i < 120; i++)
      samples[peak + i] =
        (samples[peak + i] ?? 0) + Math.round(height * Math.exp(-((i / width) ** 2)) + 0.2 * height * Math.exp(-(((i - 70) / 20) ** 2)));
  const dir = join(folder, "ecg/mitdb");
  await writeRecord(dir, {
    name,
    rateHz,
    format: 16,
    comments: [],
    signals: [{ name: "MLII", unit: "mV", gain: 200, baseline: 0, adcResolution: 11, samples }],
  });
  const annotations = peaks.map((sample): Annotation => ({ sample, symbol: "N", subtype: 0, channel: 0, number: 0, aux: "" }));
  await writeFile(join(dir, `${name}.atr`), formatAnnotations(annotations));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearth-privacy-"));
  await mkdir(join(folder, "ecg/mitdb"), { recursive: true });
  await heart("100", { height: 200, width: 5, everyS: 0.8 });
  await heart("101", { height: 150, width: 9, everyS: 1.0 });
  await heart("a", { height: 320, width: 14, everyS: 0.6 });
});
afterAll(() => rm(folder, { recursive: true }));

test("the raw signal gives somebody away whole, the waveform less, and everybody is known again by their beats", async () => {
  const { metrics, baselines, records, data } = await evaluatePrivacy({ data: [folder], onProgress: () => {} });
  expect([records, data]).toEqual([3, ["mitdb/100", "mitdb/101", "mitdb/a"]]);
  const of = (name: string) => (metrics as Readonly<Record<string, number | null>>)[name] ?? Number.NaN;
  expect(of("raw_eps_identifiability")).toBe(1);
  expect(of("semantic_eps_identifiability")).toBeLessThan(1);
  expect(of("raw_reid_top1_ratio")).toBe(3);
  expect(of("semantic_reid_top1_ratio")).toBe(3);
  expect(of("event_reid_top1_ratio")).toBeGreaterThan(1);
  expect(of("membership_auc")).toBeGreaterThanOrEqual(0);
  expect(baselines.fresh_eps_identifiability).toBeLessThan(0.7);
}, 60_000);

test("without records nothing is told", async () => {
  const { metrics, records } = await evaluatePrivacy({ data: ["/nowhere"], onProgress: () => {} });
  expect(records).toBe(0);
  expect(metrics.membership_auc).toBeNull();
});
