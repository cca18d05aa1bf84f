/** `eval anomaly`: how unusual each beat is for its person, after five minutes without labels (models.md §1.8), and what of it a person would feel. */

import { type Annotation, annotation } from "../recordings/annotations.ts";
import type { Episode } from "../replay/episodes.ts";
import { bootstrapCi95, meanOrNull } from "./bootstrap.ts";
import { ds2 } from "./data-folder.ts";
import { alertsPerDay, type FineTime, fineTimeOf } from "./fine-time.ts";
import type { ScoredRecord } from "./replay-set.ts";
import { type BeatClass, type ClassMap, classOf } from "./score-beat-list.ts";
import { learningPeriodS, matchBeats } from "./score-qrs.ts";
import { auprc, auroc, type Ranked } from "./score-ranking.ts";
import { scoreOptions, type Task } from "./task.ts";
import { withinPatients } from "./task-anomaly-within.ts";

const rule = "anomaly.morphology";
/** A stretch of unusual beats this long ought to be noticed. */
const episodeS = 10;
/** So long after its newest unusual beat an alert is over, and another may begin. */
const calmS = 300;

interface Beat extends Ranked {
  readonly beatClass: BeatClass;
}

interface Row {
  readonly name: string;
  readonly beats: readonly Beat[];
  /** Beats of ours that are none of the reference's, and the other way round. */
  readonly unmatched: number;
  readonly missed: number;
  /** Ours that nobody could judge, of matched ones. */
  readonly unjudged: number;
  readonly episodes: number;
  readonly noticed: number;
  readonly fine: FineTime;
}

export const anomalyTask: Task = {
  name: "anomaly",
  title: "beats that are unusual for the person, between patients, after five unlabelled minutes",
  set: "ecg/mitdb",
  model: "ecg-anomaly",
  floors: [
    { part: "ds2", metric: "auroc", atLeast: 0.9 },
    { part: "ds2", metric: "noticed_pct", atLeast: 90 },
    { part: "ds2", metric: "alerts_per_day", atMost: 1 },
  ],
  usesModel: true,
  leavesOutPaced: true,
  protocols: { intra: withinPatients },
  score(scored, { classMap }) {
    const rows = scored.map((each) => rowOf(each, classMap));
    const inDs2 = rows.filter(({ name }) => ds2.has(name));
    const without = (name: string) => figures(inDs2.filter((row) => row.name !== name));
    const both = rows.filter(({ beats }) =>
      [true, false].every((kind) => beats.filter(({ isPositive }) => isPositive === kind).length >= 10),
    );
    return {
      metrics: figures(rows),
      ci95: { auroc: bootstrapCi95(rows, (sample) => auroc(sample.flatMap(({ beats }) => beats))) },
      parts: { ds2: figures(inDs2), ds2_without_232: without("232"), ds2_without_213: without("213") },
      mean: { auroc: meanOrNull(both.map(({ beats }) => auroc(beats))) },
      records: rows.map((row) => ({ record: row.name, ...figures([row]) })),
    };
  },
};

function rowOf(each: ScoredRecord, map: ClassMap): Row {
  const { replayed, reference, record } = each;
  const options = scoreOptions(each);
  const ours = replayed.run.unusual.map((beat) => ({
    ...beat,
    sample: Math.round(((beat.timeUs - replayed.baseUs) * options.rateHz) / 1e6),
  }));
  const scoreAt = new Map(ours.map(({ sample, score }) => [sample, score]));
  const asBeats = ours.map(({ sample }) => annotation(sample, "N"));
  const { ref, test, pairs } = matchBeats(reference, asBeats, options);
  const matched = pairs.flatMap((pair) => {
    const beatClass = pair.ref < 0 || pair.test < 0 ? undefined : classOf(ref.symbols[pair.ref] as string, map);
    return beatClass === undefined ? [] : [{ beatClass, score: scoreAt.get(test.samples[pair.test] as number) }];
  });
  const beats = matched.flatMap(({ beatClass, score }) =>
    score === undefined ? [] : [{ beatClass, score, isPositive: beatClass !== "N" }],
  );
  const told = replayed.run.episodes.filter(({ begin }) => begin.rule === rule && begin.inhibitedBy === undefined);
  const spans = abnormalSpans(reference, options.rateHz, map);
  const isNoticed = ({ from, to }: { from: number; to: number }) =>
    told.some(({ begin, endUs }) => begin.onsetUs <= usOf(to) && (endUs ?? Number.POSITIVE_INFINITY) >= usOf(from));
  const usOf = (sample: number) => replayed.baseUs + (sample * 1e6) / options.rateHz;
  return {
    ...{ name: record.name, beats, unjudged: matched.length - beats.length, fine: fineTime(each, told) },
    unmatched: pairs.filter((pair) => pair.ref < 0).length,
    missed: pairs.filter((pair) => pair.test < 0).length,
    ...{ episodes: spans.length, noticed: spans.filter(isNoticed).length },
  };
}

function fineTime({ replayed, reference }: ScoredRecord, told: readonly Episode[]): FineTime {
  const secondsOf = (us: number) => (us - replayed.baseUs) / 1e6;
  const isAbnormal = ({ symbol }: Annotation) => symbol === "!" || !["N", undefined].includes(classOf(symbol, "aami"));
  return fineTimeOf({
    beatsS: replayed.run.unusual
      .filter(({ score }) => score !== undefined)
      .map(({ timeUs }) => secondsOf(timeUs))
      .filter((atS) => atS >= learningPeriodS),
    abnormalS: reference.filter(isAbnormal).map(({ sample }) => sample / replayed.source.rateHz),
    alerts: told.map(({ begin, endUs }) => ({
      fromS: secondsOf(begin.onsetUs),
      newestS: secondsOf(begin.evidence?.beats.at(-1)?.timeUs ?? begin.onsetUs),
      againS: endUs === undefined ? Number.POSITIVE_INFINITY : secondsOf(endUs) + calmS,
    })),
  });
}

/** Stretches of at least 10 s behind the learning minutes in which three of any five beats are abnormal, in samples. */
export function abnormalSpans(reference: readonly Annotation[], rateHz: number, map: ClassMap): { from: number; to: number }[] {
  const beats = reference.flatMap(({ sample, symbol }) => {
    const beatClass = classOf(symbol, map);
    return beatClass === undefined || sample < learningPeriodS * rateHz ? [] : [{ sample, isAbnormal: beatClass !== "N" }];
  });
  const spans: { from: number; to: number }[] = [];
  for (let i = 0; i + 5 <= beats.length; i++) {
    const five = beats.slice(i, i + 5);
    if (five.filter(({ isAbnormal }) => isAbnormal).length < 3) continue;
    const [from, to] = [five[0]?.sample as number, five[4]?.sample as number];
    const last = spans.at(-1);
    if (last !== undefined && from <= last.to) last.to = to;
    else spans.push({ from, to });
  }
  return spans.filter(({ from, to }) => to - from >= episodeS * rateHz);
}

function figures(rows: readonly Row[]) {
  const beats = rows.flatMap((row) => row.beats);
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
  const share = (part: number, whole: number) => (whole === 0 ? null : (100 * part) / whole);
  const ofClass = (name: BeatClass) => auroc(beats.filter(({ beatClass }) => beatClass === "N" || beatClass === name));
  const abnormal = beats.filter(({ isPositive }) => isPositive).length;
  const fine = rows.map((row) => row.fine);
  const perDay = alertsPerDay(fine);
  const counted = beats.length + sum(({ unjudged }) => unjudged);
  return {
    ...{ auroc: auroc(beats), auprc: auprc(beats), auroc_s: ofClass("S"), auroc_v: ofClass("V"), auroc_f: ofClass("F") },
    abnormal_pct: share(abnormal, beats.length),
    unmatched_pct: share(
      sum(({ unmatched }) => unmatched),
      counted + sum(({ unmatched }) => unmatched),
    ),
    missed_pct: share(
      sum(({ missed }) => missed),
      counted + sum(({ missed }) => missed),
    ),
    unjudged_pct: share(
      sum(({ unjudged }) => unjudged),
      counted,
    ),
    episodes: sum(({ episodes }) => episodes),
    noticed_pct: share(
      sum(({ noticed }) => noticed),
      sum(({ episodes }) => episodes),
    ),
    // Of time in which nothing was wrong, by the reference, and an alert could have come (fine-time.ts).
    fine_hours: sum((row) => row.fine.seconds) / 3600,
    fine_alerts: sum((row) => row.fine.alerts),
    ...{ alerts_per_day: perDay.mean, alerts_per_day_most: perDay.most },
  };
}
