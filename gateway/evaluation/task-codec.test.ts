import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { evaluateTask } from "./evaluate.ts";
import { codecTask } from "./task-codec.ts";

const recordings = dirname(fileURLToPath(new URL("../recordings/testdata", import.meta.url)));
const evaluate = async (mode: "semantic" | "raw" | "event") =>
  (await evaluateTask(codecTask, { data: [`${recordings}/testdata`], classMap: "aami", mode, onProgress: () => {} })) as {
    metrics: Record<string, number | null>;
    baselines: Record<string, number | null>;
  };

test("a waveform costs less than its samples do, keeps its bound and the ST level, and costs about what the wavelet coder does in its place", async () => {
  const { metrics, baselines } = await evaluate("semantic");
  expect(metrics.waveform_pct).toBe(100);
  expect(metrics.prdn).toBeGreaterThan(5);
  expect(metrics.prdn).toBeLessThan(15);
  expect(metrics.cr).toBeGreaterThan(3 * (baselines.lossless_cr ?? 0));
  // Of so few beats the shapes cost most, and the ST level, which the wavelet coder does not keep, is paid for.
  expect(metrics.cr).toBeGreaterThan(0.8 * (baselines.wavelet_cr ?? 0));
  expect(metrics.n_st_p95_mv).toBeLessThan(0.1);
});

test("in mode raw the samples themselves are counted, and in mode event there is no waveform to judge", async () => {
  const raw = await evaluate("raw");
  expect(raw.metrics).toMatchObject({ strip_pct: 100, waveform_pct: 0, prdn: null });
  expect(raw.metrics.cr).toBe(raw.metrics.cr_total);
  expect(raw.metrics.cr).toBeLessThan(4);
  expect((await evaluate("event")).metrics).toMatchObject({ waveform_pct: 0, prdn: null, n_prdn_p95: null });
});
