/** `eval runs`: runs of ventricular beats against the reference, by the rules of rxr (models.md §1.3). What a caregiver feels. */

import { bootstrapCi95 } from "./bootstrap.ts";
import { ds2 } from "./data-folder.ts";
import { grossRuns, type RunCounts, scoreRuns } from "./score-runs.ts";
import { scoreOptions, type Task } from "./task.ts";

export const runsTask: Task = {
  name: "runs",
  title: "runs of ventricular beats, by the rules of rxr",
  set: "ecg/mitdb",
  model: "ecg-beat",
  floors: [],
  usesModel: true,
  leavesOutPaced: true,
  score(scored, { classMap }) {
    const rows = scored.map((each) => ({
      name: each.record.name,
      score: scoreRuns(each.reference, each.replayed.annotations, { ...scoreOptions(each), classMap }),
    }));
    const all = rows.map(({ score }) => score);
    return {
      metrics: figures(all),
      ci95: {
        short_se: bootstrapCi95(all, (sample) => grossRuns(sample).se.short),
        short_ppv: bootstrapCi95(all, (sample) => grossRuns(sample).ppv.short),
        false_runs_per_24h: bootstrapCi95(all, (sample) => grossRuns(sample).falseRunsPer24h),
      },
      parts: { ds2: figures(rows.filter(({ name }) => ds2.has(name)).map(({ score }) => score)) },
      records: rows.map(({ name, score }) => ({ record: name, ...figures([score]) })),
    };
  },
};

function figures(counts: readonly RunCounts[]) {
  const { se, ppv, falseRuns, falseRunsPer24h, hours, sensitivity } = grossRuns(counts);
  return {
    couplet_se: se.couplet,
    couplet_ppv: ppv.couplet,
    short_se: se.short,
    short_ppv: ppv.short,
    long_se: se.long,
    long_ppv: ppv.long,
    false_runs: falseRuns,
    false_runs_per_24h: falseRunsPer24h,
    hours,
    couplets: sensitivity.couplet.of,
    short_runs: sensitivity.short.of,
    long_runs: sensitivity.long.of,
  };
}
