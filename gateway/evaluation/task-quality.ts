/**
 * `eval quality`: whether the pipeline finds the recordings that experts called noise. A recording counts as noise when more than two thirds of its judged
 * seconds are not good, since experts read one that can be read in part; the seconds are those behind the first window of the model, for before it only the
 * signal's own measures have spoken.
 */

import { windowS } from "../../models/ecg-quality/features.ts";
import { bootstrapCi95 } from "./bootstrap.ts";
import type { ScoredRecord } from "./replay-set.ts";
import { type Called, classF1 } from "./score-classes.ts";
import type { Task } from "./task.ts";

const noise = "~";

interface Row extends Called {
  readonly name: string;
  /** By the signal's own measures alone, over the same seconds. */
  readonly measured: string;
  /** Of all judged seconds. */
  readonly seconds: number;
  readonly good: number;
}

export const qualityTask: Task = {
  name: "quality",
  title: "recordings that experts called noise, by the quality of their seconds",
  set: "ecg/cinc2017",
  reference: "class",
  model: "ecg-quality",
  floors: [{ metric: "noise_f1", atLeast: 0.6 }],
  usesModel: true,
  leavesOutPaced: false,
  score(scored) {
    const rows = scored.flatMap(rowOf);
    return {
      metrics: figures(rows),
      baselines: { noise_f1_measures: classF1(rows.map(byMeasures), noise) },
      ci95: { noise_f1: bootstrapCi95(rows, (sample) => classF1(sample, noise)) },
      records: rows.map(({ name, reference, called, measured, seconds, good }) => ({
        ...{ record: name, class: reference, called, measured },
        coverage_pct: seconds === 0 ? null : (100 * good) / seconds,
      })),
    };
  },
};

const byMeasures = ({ reference, measured }: Row): Called => ({ reference, called: measured });

function rowOf({ record, replayed, recordingClass }: ScoredRecord): Row[] {
  if (recordingClass === undefined) return [];
  const all = replayed.run.qualities;
  const behind = all.filter(({ timeUs }) => timeUs > replayed.baseUs + windowS * 1e6);
  const calls = (isBad: (second: (typeof all)[number]) => boolean) =>
    3 * behind.filter(isBad).length > 2 * behind.length ? noise : "readable";
  return [
    {
      ...{ name: record.name, reference: recordingClass },
      called: calls(({ level }) => level !== "good"),
      measured: calls(({ level, signalLevel = level }) => signalLevel !== "good"),
      seconds: all.length,
      good: all.filter(({ level }) => level === "good").length,
    },
  ];
}

function figures(rows: readonly Row[]) {
  const of = (name: string) => rows.filter(({ reference }) => reference === name);
  const share = (among: readonly Row[]) => {
    const seconds = among.reduce((sum, row) => sum + row.seconds, 0);
    return seconds === 0 ? null : (100 * among.reduce((sum, row) => sum + row.good, 0)) / seconds;
  };
  const calledNoise = (among: readonly Row[]) =>
    among.length === 0 ? null : (100 * among.filter(({ called }) => called === noise).length) / among.length;
  return {
    noise_f1: classF1(rows, noise),
    noise_se: calledNoise(of(noise)),
    noise_ppv: calledNoise(rows) === null ? null : ppv(rows),
    coverage_pct: share(rows),
    coverage_noise_pct: share(of(noise)),
    called_noise_n_pct: calledNoise(of("N")),
    called_noise_a_pct: calledNoise(of("A")),
    called_noise_o_pct: calledNoise(of("O")),
  };
}

function ppv(rows: readonly Row[]): number | null {
  const called = rows.filter((row) => row.called === noise);
  return called.length === 0 ? null : (100 * called.filter(({ reference }) => reference === noise).length) / called.length;
}
