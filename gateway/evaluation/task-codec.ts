/** `eval codec`: bytes on the wire, error, and what is lost for beats, rhythms and alarms when the twin's trace goes through the very same pipeline (models.md §1.11). */

import { gzipSync } from "node:zlib";
import type { ReplayedRecord } from "../replay/replayed-record.ts";
import { lossless } from "../semantic/codecs/lossless.ts";
import { wavelet } from "../semantic/codecs/wavelet.ts";
import { noValue } from "../semantic/strip-codec.ts";
import { decodeFrames } from "../twin/decode.ts";
import { bootstrapCi95, meanOrNull, percentileOrNull } from "./bootstrap.ts";
import { ds2 } from "./data-folder.ts";
import type { ScoredRecord } from "./replay-set.ts";
import type { BeatClass } from "./score-beat-list.ts";
import { type BeatTable, scoreBeats, sumTables, tabulateBeats } from "./score-beats.ts";
import { alarmAgreement, type BeatErrors, beatErrors, type CodecCounts, countCodec, grossCodec, rhythmAgreement } from "./score-codec.ts";
import { grossQrs, type QrsCounts, scoreQrs } from "./score-qrs.ts";
import { scoreOptions, type Task, type TaskOptions } from "./task.ts";
import { type TwinTrace, twinTrace } from "./twin-trace.ts";

export const codecTask: Task = {
  name: "codec",
  title: "what goes to the twin: bytes, error, and what is lost for beats, rhythms and alarms",
  set: "ecg/mitdb",
  model: "ecg-beat",
  floors: [
    { metric: "cr", atLeast: 25 },
    { metric: "prdn", atMost: 9 },
    { metric: "beat_f1_loss_pt", atMost: 0.5 },
    { metric: "rhythm_agreement", atLeast: 99 },
    { metric: "alarm_agreement", atLeast: 98 },
  ],
  usesModel: true,
  leavesOutPaced: true,
  goesToTwin: true,
  score(scored, options) {
    const rows = scored.flatMap((each) => rowOf(each, options) ?? []);
    const interval = (key: "cr" | "prdn") => bootstrapCi95(rows, (sample) => figures(sample)[key]);
    return {
      metrics: figures(rows),
      ci95: { cr: interval("cr"), prdn: interval("prdn") },
      parts: { ds2: figures(rows.filter(({ name }) => ds2.has(name))) },
      mean: { cr: meanOrNull(rows.map((row) => figures([row]).cr)), prdn: meanOrNull(rows.map((row) => figures([row]).prdn)) },
      baselines: baselines(rows),
      records: rows.map((row) => ({ record: row.name, ...figures([row]) })),
    };
  },
};

interface Row {
  readonly name: string;
  readonly counts: CodecCounts;
  readonly beats: readonly BeatErrors[];
  readonly bytes: Bytes;
  readonly stripSamples: number;
  readonly losslessPieces: number;
  readonly pieces: number;
  readonly before: BeatScores;
  /** Of the twin's trace; of its events where no waveform goes. */
  readonly after: BeatScores;
  readonly rhythm: ReturnType<typeof rhythmAgreement>;
  readonly alarms: ReturnType<typeof alarmAgreement>;
}

interface BeatScores {
  readonly table: BeatTable;
  readonly qrs: QrsCounts;
}

interface Bytes {
  /** The samples as the header states their bits. */
  readonly raw: number;
  readonly sem: number;
  readonly strips: number;
  readonly gzip: number;
  /** In the place of the waveforms, framing and events as they are: each window without loss, and by the wavelet coder with the error that it had. */
  readonly lossless: number;
  readonly wavelet: number;
}

function rowOf(scored: ScoredRecord, { classMap, mode }: TaskOptions): Row | undefined {
  const { record, replayed, again, reference } = scored;
  const trace = twinTrace(replayed);
  if (trace === undefined) return undefined;
  const { rateHz } = replayed.source;
  const after = again ?? replayed;
  const scoresOf = ({ annotations }: ReplayedRecord): BeatScores => {
    const options = { ...scoreOptions(scored), classMap };
    return { table: tabulateBeats(reference, annotations, options), qrs: scoreQrs(reference, annotations, options) };
  };
  return {
    name: record.name,
    counts: countCodec(trace),
    beats: beatErrors(trace, reference, { rateHz, classMap }),
    bytes: bytesOf(replayed, trace, mode === "raw"),
    stripSamples: stripSamples(replayed),
    pieces: trace.windows.length,
    losslessPieces: trace.windows.filter(({ payload }) => payload.codec === lossless.number).length,
    ...{ before: scoresOf(replayed), after: scoresOf(after) },
    rhythm: rhythmAgreement(replayed.annotations, after.annotations, replayed.source),
    alarms: alarmAgreement(alarmsOf(replayed), alarmsOf(after)),
  };
}

/** High and medium alerts about the person, at the time at which they would have been told. */
function alarmsOf({ run, endUs }: ReplayedRecord) {
  return run.episodes.flatMap(({ begin: { rule, priority, alertKind, timeUs } }) =>
    alertKind === "physiological" && priority !== "low" && timeUs <= endUs ? [{ rule, priority, timeUs }] : [],
  );
}

/** `isRaw`: the samples themselves go, as strips. */
function bytesOf({ sent, stated }: ReplayedRecord, { input, windows }: TwinTrace, isRaw: boolean): Bytes {
  const measured = Int16Array.from(input, (value) => (Number.isNaN(value) ? -32768 : value));
  let [code, whole, waveletCode] = [0, 0, 0];
  for (const { first, payload } of windows) {
    const { samples, rateHz, rmse } = payload;
    const present = Int32Array.from(samples, (value, i) => (value === noValue ? noValue : (input[first + i] ?? 0))).filter(
      (value) => value !== noValue,
    );
    const exact = lossless.encode({ samples: present }).bytes.length;
    code += payload.code.length;
    whole += exact;
    waveletCode +=
      rmse === 0 ? exact : (wavelet.encode({ samples: present, rateHz, peaks: [], mvPerCount: 0 }, rmse)?.bytes.length ?? exact);
  }
  const rest = sent.sem.length - code;
  return {
    ...{ raw: stated.rawBytes, sem: sent.sem.length + (isRaw ? sent.strips.length : 0), strips: isRaw ? 0 : sent.strips.length },
    gzip: gzipSync(new Uint8Array(measured.buffer), { level: 9 }).length,
    ...{ lossless: rest + whole, wavelet: rest + waveletCode },
  };
}

function stripSamples({ sent, twin }: ReplayedRecord): number {
  const strips = decodeFrames(sent.strips).flatMap((payload) =>
    payload.kind === "strip" && payload.stream === twin?.stream && payload.channel === twin.channel ? [payload.samples.length] : [],
  );
  return strips.reduce((sum, length) => sum + length, 0);
}

const perClass = ["N", "V", "S"] as const satisfies readonly BeatClass[];

function figures(rows: readonly Row[]) {
  const { prdn, rmse_uv, waveform_pct } = grossCodec(rows.map(({ counts }) => counts));
  const total = (of: (row: Row) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  const share = (part: number, whole: number) => (whole === 0 ? null : (100 * part) / whole);
  const [raw, sem, strips] = [total(({ bytes }) => bytes.raw), total(({ bytes }) => bytes.sem), total(({ bytes }) => bytes.strips)];
  const prdns = rows.flatMap(({ counts }) => grossCodec([counts]).prdn ?? []);
  const [before, after] = [f1Of(rows.map((row) => row.before)), f1Of(rows.map((row) => row.after))];
  const lost = (of: "f1" | "s_f1") => (before[of] === null || after[of] === null ? null : 100 * (before[of] - after[of]));
  const beats = rows.flatMap((row) => row.beats);
  return {
    cr: sem === 0 ? null : raw / sem,
    cr_total: sem + strips === 0 ? null : raw / (sem + strips),
    strip_pct: share(
      total((row) => row.stripSamples),
      total(({ counts }) => counts.samples),
    ),
    ...{ prdn, prdn_median: percentileOrNull(prdns, 0.5), rmse_uv, waveform_pct },
    lossless_pct: share(
      total((row) => row.losslessPieces),
      total(({ pieces }) => pieces),
    ),
    beat_f1_loss_pt: lost("f1"),
    s_f1_loss_pt: lost("s_f1"),
    rhythm_agreement: share(
      total(({ rhythm }) => rhythm.same),
      total(({ rhythm }) => rhythm.windows),
    ),
    alarm_agreement: share(
      total(({ alarms }) => alarms.same),
      total(({ alarms }) => alarms.alarms),
    ),
    alarms: total(({ alarms }) => alarms.alarms),
    high_alarms_lost: total(({ alarms }) => alarms.highLost),
    alarms_added: total(({ alarms }) => alarms.extra),
    ...Object.fromEntries(
      perClass.flatMap((name) => {
        const own = beats.filter((beat) => beat.class === name);
        const of = (key: "prdn" | "stMv") =>
          percentileOrNull(
            own.map((beat) => beat[key]),
            0.95,
          );
        return [
          [`${name.toLowerCase()}_prdn_p95`, of("prdn")],
          [`${name.toLowerCase()}_st_p95_mv`, of("stMv")],
        ];
      }),
    ),
  };
}

/** The mean of the R peaks' F1 and the V beats'; that of S beats apart. Fractions. */
function f1Of(scores: readonly BeatScores[]): { f1: number | null; s_f1: number | null } {
  const { v, s } = scoreBeats(sumTables(scores.map(({ table }) => table)));
  const { se, ppv } = grossQrs(scores.map(({ qrs }) => qrs));
  const qrs = se === null || ppv === null || se + ppv === 0 ? null : (2 * se * ppv) / (se + ppv) / 100;
  return { f1: qrs === null ? null : v.f1 === null ? qrs : (qrs + v.f1) / 2, s_f1: s.f1 };
}

/** What others make of the same samples. */
function baselines(rows: readonly Row[]): Record<string, number | null> {
  const ratio = (of: keyof Bytes) => {
    const bytes = rows.reduce((sum, row) => sum + row.bytes[of], 0);
    return bytes === 0 ? null : rows.reduce((sum, row) => sum + row.bytes.raw, 0) / bytes;
  };
  const hasWaveform = rows.some(({ pieces }) => pieces > 0);
  return { gzip_cr: ratio("gzip"), ...(hasWaveform ? { lossless_cr: ratio("lossless"), wavelet_cr: ratio("wavelet") } : {}) };
}
