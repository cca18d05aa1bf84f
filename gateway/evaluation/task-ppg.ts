/** `eval ppg`: beats and rate of a pulse by light, at rest, against the heart's own by its ECG (models.md §1.10). */

import { bootstrapCi95, meanOrNull } from "./bootstrap.ts";
import type { ScoredRecord } from "./replay-set.ts";
import { type PulseCounts, scorePulse } from "./score-pulse.ts";
import { pulseRhythmFigures, type RhythmCounts, scorePulseRhythm } from "./score-pulse-rhythm.ts";
import type { Task } from "./task.ts";

/** Detectors learn their wearer first. */
const settledUs = 10_000_000;

export const ppgTask: Task = {
  name: "ppg",
  title: "beats and rate of a pulse by light, against two detectors on lead II",
  set: "ppg/bidmc",
  model: "ppg-pulse",
  floors: [
    { metric: "hr_mae_bpm", atMost: 2 },
    { metric: "coverage_pct", atLeast: 90 },
    { metric: "rhythm_agree_pct", atLeast: 95 },
  ],
  usesModel: true,
  leavesOutPaced: false,
  derived: true,
  score(scored) {
    const rows = scored.flatMap((each) => {
      const counts = countsOf(each);
      return counts === undefined ? [] : [{ name: each.record.name, counts, rhythm: rhythmOf(each) }];
    });
    const all = rows.map(({ counts }) => counts);
    return {
      metrics: { ...figures(all), ...pulseRhythmFigures(rows.map(({ rhythm }) => rhythm)) },
      ci95: {
        hr_mae_bpm: bootstrapCi95(all, (sample) => figures(sample).hr_mae_bpm),
        beat_f1: bootstrapCi95(all, (sample) => figures(sample).beat_f1),
        interval_cover_pct: bootstrapCi95(all, (sample) => figures(sample).interval_cover_pct),
      },
      mean: {
        hr_mae_bpm: meanOrNull(all.map((each) => figures([each]).hr_mae_bpm)),
        beat_f1: meanOrNull(all.map((each) => figures([each]).beat_f1)),
      },
      records: rows.map(({ name, counts, rhythm }) => ({
        ...{ record: name, lag_s: counts.lagS },
        ...figures([counts]),
        ...pulseRhythmFigures([rhythm]),
      })),
    };
  },
};

function countsOf({ replayed: { run, baseUs }, pulse }: ScoredRecord): PulseCounts | undefined {
  if (pulse === undefined) return undefined;
  const secondsOf = (us: number) => (us - baseUs) / 1e6;
  return scorePulse(
    pulse,
    run.pulses.map(({ timeUs }) => secondsOf(timeUs)),
    run.pulseRates.map(({ timeUs, ...rate }) => ({ ...rate, timeS: secondsOf(timeUs) })),
  );
}

function rhythmOf({ replayed: { run, baseUs, endUs } }: ScoredRecord): RhythmCounts {
  const poor = run.qualities.filter(({ beatless, level }) => beatless !== undefined && level !== "good");
  const poorUs = poor.map(({ timeUs }) => timeUs);
  return scorePulseRhythm({ pulses: run.pulses, qrs: run.qrs, poorUs, fromUs: baseUs + settledUs, toUs: endUs });
}

function figures(rows: readonly PulseCounts[]) {
  const windows = rows.flatMap((row) => row.windows);
  const errors = windows.flatMap(({ errorBpm }) => errorBpm ?? []);
  const held = windows.flatMap(({ heldErrorBpm }) => heldErrorBpm ?? []);
  const inside = windows.flatMap(({ isInside }) => isInside ?? []);
  const sum = (of: "tp" | "fn" | "fp" | "windowsTotal") => rows.reduce((total, row) => total + row[of], 0);
  const [tp, fn, fp] = [sum("tp"), sum("fn"), sum("fp")];
  const share = (part: number, whole: number) => (whole === 0 ? null : (100 * part) / whole);
  return {
    hr_mae_bpm: meanOrNull(errors),
    hr_mae_held_bpm: meanOrNull(held),
    hr_within5_pct: share(errors.filter((error) => error <= 5).length, errors.length),
    coverage_pct: share(errors.length, windows.length),
    interval_cover_pct: share(inside.filter(Boolean).length, inside.length),
    beat_f1: tp + fn === 0 ? null : (2 * tp) / (2 * tp + fn + fp),
    beats: tp + fn,
    windows: windows.length,
    agreed_pct: share(windows.length, sum("windowsTotal")),
  };
}
