/** An ECG as on paper: 25 mm a second, 10 mm a millivolt. Everything in millimetres; pure. */

import type { Trace } from "./wire-types.ts";

const mmPerS = 25;
const mmPerMv = 10;
/** Seconds of a row: with its calibration pulse it fits a page of A4 upright. */
const rowS = 7;
/** Left of the signal: room for the pulse of 1 mV and 200 ms. */
export const leftMm = 12;
const pulseMm = { from: 3, width: 5 } as const;
/** Above and below the signal's own height, where words stand. */
const marginMm = 5;
/** Least and most of a row; a signal that leaves it is cut off where the paper ends, and the words say so. */
const heightMm = { least: 30, most: 80 } as const;

export type Source = "measured" | "decoded" | "imputed" | "missing";

export interface PaperTrace extends Trace {
  readonly sources: readonly { readonly source: Source; readonly count: number }[];
}

interface Stretch {
  readonly source: Source;
  readonly fromMm: number;
  readonly toMm: number;
  /** Of an SVG; empty where nothing is there. */
  readonly path: string;
}

export interface PaperRow {
  readonly startUs: number;
  readonly stretches: readonly Stretch[];
}

export interface Paper {
  readonly widthMm: number;
  readonly heightMm: number;
  readonly rows: readonly PaperRow[];
  /** A pulse of 1 mV and 200 ms about the middle of the row. */
  readonly calibration: string;
  /** Where 0 mV of the row's own middle lies. */
  readonly isCut: boolean;
}

const mvPer: Readonly<Record<string, number>> = { mV: 1, uV: 1e-3, V: 1e3 };

/** Undefined for what is no voltage, or where nothing is there. */
export function paperOf(trace: PaperTrace): Paper | undefined {
  const { [trace.unit]: mv } = mvPer;
  const present = trace.values.flatMap((value) => (value === null ? [] : [value * (mv ?? 0)]));
  if (mv === undefined || present.length === 0) return undefined;
  const [low, high] = [Math.min(...present), Math.max(...present)];
  const wanted = (high - low) * mmPerMv + 2 * marginMm;
  const height = Math.ceil(Math.max(heightMm.least, Math.min(heightMm.most, wanted)) / 5) * 5;
  const middle = (low + high) / 2;
  const yOf = (value: number) => Math.max(0, Math.min(height, height / 2 - (value * mv - middle) * mmPerMv));
  const perRow = Math.round(rowS * trace.rateHz);
  const sources = trace.sources.flatMap(({ source, count }) => new Array<Source>(count).fill(source));
  const rows = Array.from({ length: Math.ceil(trace.values.length / perRow) }, (_, row) => {
    const from = row * perRow;
    const own = trace.values.slice(from, from + perRow);
    return {
      startUs: trace.startUs + (from / trace.rateHz) * 1e6,
      stretches: stretchesOf(own, sources.slice(from, from + perRow), { rateHz: trace.rateHz, yOf }),
    };
  });
  const [base, top] = [height / 2 + mmPerMv / 2, height / 2 - mmPerMv / 2].map((y) => y.toFixed(1));
  const [a, b] = [pulseMm.from, pulseMm.from + pulseMm.width];
  const calibration = `M${a - 2} ${base}H${a}V${top}H${b}V${base}H${b + 2}`;
  return { widthMm: leftMm + rowS * mmPerS, heightMm: height, rows, calibration, isCut: wanted > heightMm.most };
}

/** Runs of one source, each with its own line; lines meet where a run follows another without a hole. */
function stretchesOf(
  values: readonly (number | null)[],
  sources: readonly Source[],
  { rateHz, yOf }: { readonly rateHz: number; readonly yOf: (value: number) => number },
): Stretch[] {
  const stretches: Stretch[] = [];
  const xOf = (i: number) => leftMm + (i / rateHz) * mmPerS;
  for (let from = 0; from < values.length; ) {
    const source = sources[from] ?? "missing";
    let to = from + 1;
    while (to < values.length && (sources[to] ?? "missing") === source) to++;
    const points: string[] = [];
    const isMissing = source === "missing";
    const begin = !isMissing && from > 0 && values[from - 1] !== null ? from - 1 : from;
    for (let i = begin; i < to && !isMissing; i++) {
      const value = values[i];
      if (value !== null && value !== undefined)
        points.push(`${points.length === 0 ? "M" : "L"}${xOf(i).toFixed(2)} ${yOf(value).toFixed(2)}`);
    }
    stretches.push({ source, fromMm: xOf(from), toMm: xOf(to), path: points.join("") });
    from = to;
  }
  return stretches;
}
