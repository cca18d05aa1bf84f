/**
 * Lets the heart of a record beat faster in turns, as at exercise: at rest for 330 s, then every 600 s up within 120 s, 180 s at the top, 180 s back, 120 s at
 * rest. Generated: each beat keeps its P wave, PQ interval and QRS, its ST and T are drawn together by the cube root of the pace (Fridericia), and the line from T to the
 * next P gives the rest. Movement, breathing and the ST of a strained heart are not in it.
 */

import type { Annotation } from "../recordings/annotations.ts";
import { NO_VALUE } from "../recordings/signal-formats.ts";
import type { WfdbRecord } from "../recordings/wfdb.ts";
import { classOf } from "./score-beat-list.ts";

export const exerciseNote =
  "generated: at rest for 330 s, then every 600 s up, at the top and back; P and QRS as recorded, QT by Fridericia, no movement";
const restS = 330;
const turn = { upS: 120, topS: 180, backS: 180, wholeS: 600 } as const;
/** From R: the QRS ends, and before the next R its P wave begins. */
const afterRS = 0.08;
const beforeRS = 0.2;
/** From R to the end of T at a pace of one beat a second. */
const endOfTS = 0.36;
const fridericia = 1 / 3;
const longestBeatS = 2;

interface Piece {
  readonly from: number;
  readonly to: number;
  /** Samples that it becomes. */
  readonly out: number;
}

/** `most` times as fast at the top, where there is a line between T and P to take it from. Annotations move with their beats. */
export function atExercise(
  record: WfdbRecord,
  reference: readonly Annotation[],
  most: number,
): { readonly record: WfdbRecord; readonly reference: readonly Annotation[] } {
  const { rateHz } = record.header;
  const length = Math.min(...record.signals.map((samples) => samples.length));
  const beats = reference.filter(({ symbol }) => classOf(symbol, "aami") !== undefined).map(({ sample }) => sample);
  const pieces = piecesOf(beats, { rateHz, length, most });
  const frameCount = pieces.reduce((sum, { out }) => sum + out, 0);
  return {
    record: {
      ...record,
      header: { ...record.header, frameCount },
      signals: record.signals.map((samples) => redrawn(samples, pieces, frameCount)),
    },
    reference: moved(reference, pieces),
  };
}

/** How many times as fast as recorded, at a moment of the result. */
export function paceAt(timeS: number, most: number): number {
  const inTurnS = timeS < restS ? turn.wholeS : (timeS - restS) % turn.wholeS;
  const { upS, topS, backS } = turn;
  const share = Math.min(inTurnS / upS, 1, Math.max(0, (upS + topS + backS - inTurnS) / backS));
  return 1 + (most - 1) * share;
}

function piecesOf(beats: readonly number[], { rateHz, length, most }: { rateHz: number; length: number; most: number }): Piece[] {
  const pieces: Piece[] = [{ from: 0, to: beats[0] ?? length, out: beats[0] ?? length }];
  let total = beats[0] ?? length;
  beats.forEach((at, i) => {
    const next = beats[i + 1];
    const own = next === undefined ? [{ from: at, to: length, out: length - at }] : between(at, next, rateHz, paceAt(total / rateHz, most));
    pieces.push(...own);
    total += own.reduce((sum, { out }) => sum + out, 0);
  });
  return pieces;
}

function between(at: number, next: number, rateHz: number, pace: number): Piece[] {
  const rrS = (next - at) / rateHz;
  const samples = (seconds: number) => Math.round(seconds * rateHz);
  const qrsEnd = at + samples(afterRS);
  const tEnd = at + samples(endOfTS * Math.cbrt(rrS));
  const pStart = next - samples(beforeRS);
  // Early beats and long holes stay as they are.
  if (pace === 1 || rrS > longestBeatS || tEnd >= pStart) return [{ from: at, to: next, out: next - at }];
  const t = Math.round((tEnd - qrsEnd) * pace ** -fridericia);
  const line = Math.max(samples(rrS / pace) - (qrsEnd - at) - t - (next - pStart), 1);
  return [
    { from: at, to: qrsEnd, out: qrsEnd - at },
    { from: qrsEnd, to: tEnd, out: t },
    { from: tEnd, to: pStart, out: Math.min(line, pStart - tEnd) },
    { from: pStart, to: next, out: next - pStart },
  ];
}

function redrawn(samples: Int32Array, pieces: readonly Piece[], frameCount: number): Int32Array {
  const out = new Int32Array(frameCount);
  let at = 0;
  for (const { from, to, out: count } of pieces) {
    for (let i = 0; i < count; i++) out[at++] = sampleAt(samples, from + (i * (to - from)) / count);
  }
  return out;
}

function sampleAt(samples: Int32Array, at: number): number {
  const low = Math.floor(at);
  const [a, b] = [samples[low] ?? NO_VALUE, samples[Math.min(low + 1, samples.length - 1)] ?? NO_VALUE];
  if (low === at || a === NO_VALUE || b === NO_VALUE) return a;
  return Math.round(a + (b - a) * (at - low));
}

function moved(reference: readonly Annotation[], pieces: readonly Piece[]): Annotation[] {
  let [k, start] = [0, 0];
  return reference.map((each) => {
    for (let piece = pieces[k]; piece !== undefined && k + 1 < pieces.length && each.sample >= piece.to; piece = pieces[k]) {
      start += piece.out;
      k++;
    }
    const { from, to, out } = pieces[k] as Piece;
    return { ...each, sample: start + Math.round(((each.sample - from) * out) / Math.max(1, to - from)) };
  });
}
