/** `eval qrs`: our R peaks against the reference, by the rules of bxb (models.md §1.1). */

import { bootstrapCi95, meanOrNull } from "./bootstrap.ts";
import { ds2 } from "./data-folder.ts";
import { grossQrs, type QrsCounts, scoreQrs } from "./score-qrs.ts";
import { scoreOptions, type Task } from "./task.ts";

export const qrsTask: Task = {
  name: "qrs",
  title: "R peaks, by the rules of bxb",
  set: "ecg/mitdb",
  model: "ecg-beat",
  floors: [
    { metric: "qrs_se", atLeast: 99.5 },
    { metric: "qrs_ppv", atLeast: 99.5 },
  ],
  usesModel: false,
  leavesOutPaced: false,
  score(scored) {
    const rows = scored.map((each) => ({
      name: each.record.name,
      score: scoreQrs(each.reference, each.replayed.annotations, scoreOptions(each)),
    }));
    const counts = rows.map(({ score }) => score);
    const half = rows.filter(({ name }) => ds2.has(name)).map(({ score }) => score);
    return {
      metrics: figures(counts),
      ci95: {
        qrs_se: bootstrapCi95(counts, (sample) => grossQrs(sample).se),
        qrs_ppv: bootstrapCi95(counts, (sample) => grossQrs(sample).ppv),
      },
      parts: { ds2: figures(half) },
      mean: { qrs_se: meanOrNull(counts.map(({ se }) => se)), qrs_ppv: meanOrNull(counts.map(({ ppv }) => ppv)) },
      records: rows.map(({ name, score }) => ({
        record: name,
        tp: score.tp,
        fn: score.fn,
        fp: score.fp,
        qrs_se: score.se,
        qrs_ppv: score.ppv,
      })),
    };
  },
};

function figures(counts: readonly QrsCounts[]) {
  const gross = grossQrs(counts);
  return {
    qrs_se: gross.se,
    qrs_ppv: gross.ppv,
    beats: gross.tp + gross.fn,
    rms_rr_ms: gross.rmsRrErrorMs,
    shutdown_s: gross.testShutdownS,
  };
}
