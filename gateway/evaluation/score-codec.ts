/** How near the twin's trace comes to the measured one, and at what cost (models.md §1.11). Samples in counts; NaN where there is none. It replays nothing itself. */

import type { Annotation } from "../recordings/annotations.ts";
import { type BeatClass, type ClassMap, classOf } from "./score-beat-list.ts";

/** Sums over one record; gross figures come of their sums over records. */
export interface CodecCounts {
  /** Samples of the input, and those of them that the twin has. */
  readonly samples: number;
  readonly decoded: number;
  readonly errorSquares: number;
  /** Of the input about its mean over the record, where the twin has a sample. */
  readonly signalSquares: number;
  readonly errorSquaresUv: number;
}

interface Traces {
  readonly input: ArrayLike<number>;
  readonly twin: ArrayLike<number>;
  readonly uvPerCount: number;
}

export function countCodec({ input, twin, uvPerCount }: Traces): CodecCounts {
  let [samples, sum] = [0, 0];
  for (let i = 0; i < input.length; i++) {
    const x = input[i] ?? Number.NaN;
    if (Number.isNaN(x)) continue;
    samples++;
    sum += x;
  }
  const mean = sum / Math.max(1, samples);
  let [decoded, errorSquares, signalSquares] = [0, 0, 0];
  for (let i = 0; i < input.length; i++) {
    const [x, y] = [input[i] ?? Number.NaN, twin[i] ?? Number.NaN];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    decoded++;
    errorSquares += (x - y) ** 2;
    signalSquares += (x - mean) ** 2;
  }
  return { samples, decoded, errorSquares, signalSquares, errorSquaresUv: errorSquares * uvPerCount ** 2 };
}

export function grossCodec(counts: readonly CodecCounts[]) {
  const sum = (key: keyof CodecCounts) => counts.reduce((total, each) => total + each[key], 0);
  const decoded = sum("decoded");
  return {
    prdn: decoded === 0 ? null : 100 * Math.sqrt(sum("errorSquares") / sum("signalSquares")),
    rmse_uv: decoded === 0 ? null : Math.sqrt(sum("errorSquaresUv") / decoded),
    waveform_pct: sum("samples") === 0 ? null : (100 * decoded) / sum("samples"),
  };
}

/** Where a beat's figures are taken, in seconds from its R peak. */
const beatS = { from: -0.25, to: 0.45 };
/** ST level: the mean of 20 ms about R + 100 ms, less that about R − 80 ms, which stands for the isoelectric line. */
const stS = { at: 0.1, line: -0.08, around: 0.01 };

export interface BeatErrors {
  readonly class: BeatClass;
  /** In percent of the beat's own spread about its mean. */
  readonly prdn: number;
  readonly stMv: number;
}

/** One entry a reference beat that the twin has whole. */
export function beatErrors(
  { input, twin, uvPerCount }: Traces,
  reference: readonly Annotation[],
  { rateHz, classMap }: { readonly rateHz: number; readonly classMap: ClassMap },
): BeatErrors[] {
  const at = (sample: number, seconds: number) => sample + Math.round(seconds * rateHz);
  return reference.flatMap(({ symbol, sample }) => {
    const name = classOf(symbol, classMap);
    const [from, to] = [at(sample, beatS.from), at(sample, beatS.to)];
    if (name === undefined || from < 0 || to > input.length) return [];
    let [sum, error, square] = [0, 0, 0];
    for (let i = from; i < to; i++) sum += input[i] ?? Number.NaN;
    for (let i = from; i < to; i++) {
      error += ((input[i] ?? Number.NaN) - (twin[i] ?? Number.NaN)) ** 2;
      square += ((input[i] ?? Number.NaN) - sum / (to - from)) ** 2;
    }
    const level = (trace: ArrayLike<number>) =>
      meanOf(trace, at(sample, stS.at - stS.around), at(sample, stS.at + stS.around)) -
      meanOf(trace, at(sample, stS.line - stS.around), at(sample, stS.line + stS.around));
    const prdn = 100 * Math.sqrt(error / square);
    return Number.isFinite(prdn) ? [{ class: name, prdn, stMv: (Math.abs(level(input) - level(twin)) * uvPerCount) / 1000 }] : [];
  });
}

function meanOf(trace: ArrayLike<number>, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i <= to; i++) sum += trace[i] ?? Number.NaN;
  return sum / (to - from + 1);
}

const rhythmWindowS = 30;

/** Windows of 30 s of the record, and those of them in which both lists hold the same rhythms. */
export function rhythmAgreement(
  input: readonly Annotation[],
  twin: readonly Annotation[],
  { rateHz, samples }: { readonly rateHz: number; readonly samples: number },
): { windows: number; same: number } {
  const windows = Math.floor(samples / (rhythmWindowS * rateHz));
  const [a, b] = [rhythmsOf(input, windows, rateHz), rhythmsOf(twin, windows, rateHz)];
  return { windows, same: a.filter((rhythms, i) => rhythms === b[i]).length };
}

/** The rhythm in force in the middle of each window. */
function rhythmsOf(annotations: readonly Annotation[], windows: number, rateHz: number): string[] {
  const changes = annotations.filter(({ symbol }) => symbol === "+" || symbol === "[" || symbol === "]");
  return Array.from({ length: windows }, (_, i) => {
    const middle = (i + 0.5) * rhythmWindowS * rateHz;
    const before = changes.filter(({ sample }) => sample <= middle);
    const last = before.at(-1);
    return last === undefined ? "" : last.symbol === "+" ? (last.aux ?? "") : last.symbol;
  });
}

interface Told {
  readonly rule: string;
  readonly priority: string;
  readonly timeUs: number;
}

const sameWithinUs = 2_000_000;

/** Of the first list's alerts those that the second has by the same rule within 2 s, each once. */
export function alarmAgreement(
  input: readonly Told[],
  twin: readonly Told[],
): { alarms: number; same: number; highLost: number; extra: number } {
  const left = [...twin];
  let [same, highLost] = [0, 0];
  for (const alarm of input) {
    const at = left.findIndex(({ rule, timeUs }) => rule === alarm.rule && Math.abs(timeUs - alarm.timeUs) <= sameWithinUs);
    if (at >= 0) {
      left.splice(at, 1);
      same++;
    } else if (alarm.priority === "high") highLost++;
  }
  return { alarms: input.length, same, highLost, extra: left.length };
}
