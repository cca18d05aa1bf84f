/** What the beat-by-beat and run-by-run rules see of an annotation list: beats, spans of ventricular flutter/fibrillation, spans of shutdown. It scores nothing. */

import type { Annotation } from "../recordings/annotations.ts";

/** N S V F Q; undefined for a flutter wave outside brackets, which is a beat of no class. */
export type BeatClass = "N" | "S" | "V" | "F" | "Q";
/** `aami` counts escape beats e, j, n as N (the headline); `bxb` puts them into S like the WFDB program. */
export type ClassMap = "aami" | "bxb";

export interface Span {
  readonly from: number;
  /** Infinity where it stays open. */
  readonly to: number;
}

export interface BeatList {
  readonly samples: Float64Array;
  readonly symbols: readonly string[];
  /** `[` … `]`. */
  readonly ventricular: readonly Span[];
  /** `~` with subtype bits 4 and 5 both set, until the next `~` without both. */
  readonly shutdown: readonly Span[];
}

const classes: Readonly<Record<ClassMap, Readonly<Record<BeatClass, string>>>> = {
  aami: { N: "NLRBejn", S: "AaJS", V: "VEr", F: "F", Q: "/fQ?" },
  bxb: { N: "NLRB", S: "AaJSejn", V: "VEr", F: "F", Q: "/fQ?" },
};
const classByMap = Object.fromEntries(
  Object.entries(classes).map(([name, map]) => [
    name,
    new Map(Object.entries(map).flatMap(([cls, symbols]) => [...symbols].map((s) => [s, cls as BeatClass]))),
  ]),
) as unknown as Readonly<Record<ClassMap, ReadonlyMap<string, BeatClass>>>;
const flutterWave = "!";
const shutdownBits = 0x30;

/** Class of a beat's mnemonic; undefined where it is no beat or has none. */
export function classOf(symbol: string, map: ClassMap): BeatClass | undefined {
  return classByMap[map].get(symbol);
}

/** True for `~` that means "all signals unusable". */
export function isShutdownStart(a: Annotation): boolean {
  return a.symbol === "~" && (a.subtype & shutdownBits) === shutdownBits;
}

/** Beats outside brackets in ascending order, with the spans that the rules treat apart. */
export function toBeatList(annotations: readonly Annotation[]): BeatList {
  const samples: number[] = [];
  const symbols: string[] = [];
  const ventricular: Span[] = [];
  const shutdown: Span[] = [];
  let fibrillationFrom: number | undefined;
  let shutdownFrom: number | undefined;
  for (const a of [...annotations].sort((x, y) => x.sample - y.sample)) {
    if (a.symbol === "[") fibrillationFrom ??= a.sample;
    else if (a.symbol === "]") {
      if (fibrillationFrom !== undefined) ventricular.push({ from: fibrillationFrom, to: a.sample });
      fibrillationFrom = undefined;
    } else if (a.symbol === "~") {
      if (isShutdownStart(a)) shutdownFrom ??= a.sample;
      else {
        if (shutdownFrom !== undefined) shutdown.push({ from: shutdownFrom, to: a.sample });
        shutdownFrom = undefined;
      }
    } else if (fibrillationFrom === undefined && (a.symbol === flutterWave || classOf(a.symbol, "aami") !== undefined)) {
      samples.push(a.sample);
      symbols.push(a.symbol);
    }
  }
  if (fibrillationFrom !== undefined) ventricular.push({ from: fibrillationFrom, to: Infinity });
  if (shutdownFrom !== undefined) shutdown.push({ from: shutdownFrom, to: Infinity });
  return { samples: Float64Array.from(samples), symbols, ventricular, shutdown };
}

/** True where a sample lies in one of the spans, ends included. */
export function isInside(sample: number, spans: readonly Span[]): boolean {
  return spans.some((span) => sample >= span.from && sample <= span.to);
}

/** True where a span begins, ends or lies between two samples. */
export function isInterrupted(fromSample: number, toSample: number, spans: readonly Span[]): boolean {
  return spans.some((span) => span.from <= toSample && span.to >= fromSample);
}
