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

test("a stretch counts as noticed where an alert lies over it", () => {
  const bigeminy = "NNNNVNVNVNVNVNVNVNNNN";
  const even = Array.from(bigeminy, () => 0.5);
  expect(score(scoredRecord(bigeminy, even, [9])).metrics).toMatchObject({ episodes: 1, noticed_pct: 100 });
  expect(score(scoredRecord(bigeminy, even, [3000])).metrics).toMatchObject({ episodes: 1, noticed_pct: 0 });
});

test("an alert on beats that are all normal counts by the day of such time, with the most that it may be", () => {
  const fine = score(scoredRecord("N".repeat(3601), new Array(3601).fill(0.5))).metrics;
  expect(fine).toMatchObject({ fine_hours: 1, fine_alerts: 0, alerts_per_day: 0 });
  expect(fine.alerts_per_day_most).toBeCloseTo(24 * -Math.log(0.05), 6);
  // The alert lies over one second and closes the five minutes of calm behind it.
  const told = score(scoredRecord("N".repeat(3601), new Array(3601).fill(0.5), [50]));
  expect(told.metrics).toMatchObject({ fine_hours: 3300 / 3600, fine_alerts: 1 });
  expect(told.metrics.alerts_per_day).toBeCloseTo((24 * 3600) / 3300, 9);
  expect(told.records[0]).toMatchObject({ record: "100", fine_alerts: 1 });
  // The abnormal beat is the alert's own.
  expect(score(scoredRecord("NNNNNVNNNN", new Array(10).fill(0.5), [5])).metrics.fine_alerts).toBe(0);
});
