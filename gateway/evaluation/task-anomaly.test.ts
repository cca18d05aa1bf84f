import { expect, test } from "vitest";
import { annotation } from "../recordings/annotations.ts";
import type { ScoredRecord } from "./replay-set.ts";
import { abnormalSpans, anomalyTask } from "./task-anomaly.ts";

const rateHz = 100;
const baseUs = 1e12;
/** One beat a second from 5:00 on. */
const reference = (symbols: string) => [...symbols].map((symbol, i) => annotation((300 + i) * rateHz, symbol));

function scoredRecord(symbols: string, scores: readonly (number | undefined)[], alertsAtS: readonly number[] = []): ScoredRecord {
  const unusual = scores.map((score, i) => ({ timeUs: baseUs + (300 + i) * 1e6, ...(score === undefined ? {} : { score }) }));
  const episodes = alertsAtS.map((s) => ({
    begin: { rule: "anomaly.morphology", onsetUs: baseUs + (300 + s) * 1e6 },
    endUs: baseUs + (301 + s) * 1e6,
    notified: false,
  }));
  return {
    record: { id: "mitdb/100", name: "100", set: "mitdb", path: "", files: new Set() },
    reference: reference(symbols),
    replayed: { run: { unusual, episodes }, baseUs, source: { rateHz, samples: (300 + 3600) * rateHz } },
  } as unknown as ScoredRecord;
}

const score = (...records: ScoredRecord[]) => anomalyTask.score(records, { classMap: "aami" });

test("beats are ranked by how unusual they are, escape beats being normal, and what nobody judged is counted apart", () => {
  const { metrics } = score(scoredRecord("NNeVAN", [0.1, 0.2, 0.3, 0.9, 0.25, undefined]));
  // V lies above all three normal beats, A above two of them.
  expect(metrics.auroc).toBeCloseTo(5 / 6, 12);
  expect(metrics.auroc_v).toBe(1);
  expect(metrics.abnormal_pct).toBeCloseTo(40, 12);
  expect(metrics.unjudged_pct).toBeCloseTo(100 / 6, 12);
});

test("a stretch of abnormal beats is one from three of five on, if it lasts ten seconds", () => {
  expect(abnormalSpans(reference("NNNNVNVNVNVNVNVNVNNNN"), rateHz, "aami")).toHaveLength(1);
  expect(abnormalSpans(reference("NNNNVVVVNNNN"), rateHz, "aami")).toHaveLength(0);
  expect(abnormalSpans(reference("NVNNVNNVNNVNNVNNVNNV"), rateHz, "aami")).toHaveLength(0);
});

test("a stretch counts as noticed where an alert lies over it, and an alert of somebody who is fine counts by the day", () => {
  const bigeminy = "NNNNVNVNVNVNVNVNVNNNN";
  const even = Array.from(bigeminy, () => 0.5);
  expect(score(scoredRecord(bigeminy, even, [9])).metrics).toMatchObject({ episodes: 1, noticed_pct: 100, alerts_per_day_fine: null });
  expect(score(scoredRecord(bigeminy, even, [3000])).metrics).toMatchObject({ episodes: 1, noticed_pct: 0 });
  expect(score(scoredRecord("N".repeat(200), new Array(200).fill(0.5), [50])).metrics).toMatchObject({
    fine_hours: 1,
    alerts_per_day_fine: 24,
  });
});
