/** Codes a window within its error bound; what can't be, or costs no less than its samples as they were, goes without loss. */

import { type Coded, rmseOf, type Stretch, type WaveformCodec } from "./codecs/codec.ts";
import { lossless } from "./codecs/lossless.ts";
import { type CountBound, isMadeFor } from "./error-bound.ts";
import { noValue } from "./strip-codec.ts";
import { presentPeaks, runsOf, type WaveformPayload } from "./waveform-code.ts";

/**
 * Root mean square error allowed. Of a voltage the geometric mean of what is spent best and what is fair: one error for everybody costs fewest bytes
 * and hides small hearts, a share of the window's own standard deviation treats all alike. In microvolts: the square root of 3.8 µV times that deviation,
 * between 8 and 9 % of it gross over a set of records, and never more than 13.5 % of one window. Of anything else the share alone, or what is asked for.
 */
const fairUv = 3.8;
const errorShare = 0.083;
const largestShare = 0.135;
/** A count is a count: below half of one nothing is gained. */
const leastRmse = 0.5;

/** Its samples with `noValue` where nothing was measured. */
type Window = Stretch & CountBound;

/**
 * Above this, in bits a sample, the next codec is tried too: what one is made for another may not be; so it is with an error that is smaller than usual.
 * Above the second samples as they were may cost less.
 */
const fairBits = 0.5;
const dearBits = 1;

type Coding = Pick<WaveformPayload, "codec" | "rmse" | "peaks" | "code" | "samples">;

interface Attempt {
  readonly codec: WaveformCodec;
  readonly peaks: readonly number[];
  readonly coded: Coded;
}

/** A window is coded alike where nothing speaks against it; else in parts of so many seconds, each with a share of the error, and at last without any. */
const cellS = 5;
const shares = [1, 0.6, 0.35, 0.2, 0] as const;
/** What makes a reader see something else lies up to so long before it, and a little behind. */
const causeS = { before: 2, behind: 0.5 };
const mostRounds = 10;

/** The share of what somebody will look at closely, as a place among `shares`. */
const closeLevel = 3;

/** Samples `from` … `to` − 1. */
interface Span {
  readonly from: number;
  readonly to: number;
}

interface Piece extends Coding {
  /** Its first sample in the window. */
  readonly from: number;
}

/**
 * @param codecs that may be used, the best first
 * @param close stretches that are coded finer from the beginning
 * @param othersIn places at which what a reader sees in these samples is not what is in the signal; none unless told
 */
export function encodeKept(
  { close = [], ...window }: Window & { readonly close?: readonly Span[] },
  codecs: readonly WaveformCodec[],
  othersIn: (samples: Int32Array) => readonly number[],
): Piece[] {
  const { samples, rateHz } = window;
  const bound = boundOf(deviationOf(samples.filter((value) => value !== noValue)), window);
  const limitAt = (share: number) => (window.largest === undefined ? Math.max(leastRmse, share * bound) : share * window.largest);
  const cell = Math.max(1, Math.round(cellS * rateHz));
  const levels = Array.from({ length: Math.max(1, Math.ceil(samples.length / cell)) }, (_, i): number =>
    close.some(({ from, to }) => from < (i + 1) * cell && to > i * cell) ? closeLevel : 0,
  );
  const made = new Map<string, Piece>();
  const pieces = () => {
    const out: Piece[] = [];
    for (let i = 0; i < levels.length; ) {
      const level = levels[i] ?? 0;
      let end = i;
      while (end < levels.length && levels[end] === level) end++;
      const [from, to] = [i * cell, Math.min(samples.length, end * cell)];
      const key = `${from} ${to} ${level}`;
      const piece = made.get(key) ?? {
        from,
        ...encodeAt(part(window, from, to), codecs, {
          maxRmse: level === shares.length - 1 ? 0 : limitAt(shares[level] ?? 0),
          isUsual: level === 0,
        }),
      };
      made.set(key, piece);
      out.push(piece);
      i = end;
    }
    return out;
  };
  for (let round = 1; ; round++) {
    const best = pieces();
    const others = othersIn(joined(best, samples.length));
    if (others.length === 0 || round > mostRounds) return kept(best);
    const before = [...levels];
    for (const other of others) {
      const first = Math.max(0, Math.floor((other - causeS.before * round * rateHz) / cell));
      const last = Math.min(levels.length - 1, Math.max(0, Math.floor((other + causeS.behind * round * rateHz) / cell)));
      for (let i = first; i <= last; i++) levels[i] = Math.min(shares.length - 1, (before[i] ?? 0) + 1);
    }
    // All of it goes without loss already: what is still seen otherwise hangs on what has left before.
    if (levels.every((level, i) => level === before[i])) return kept(best);
  }
}

const kept = (pieces: readonly Piece[]) => pieces.filter((piece) => piece.samples.some((sample) => sample !== noValue));

function part({ samples, peaks, ...of }: Window, from: number, to: number): Window {
  const own = peaks.filter((peak) => peak >= from && peak < to).map((peak) => peak - from);
  return { ...of, samples: samples.subarray(from, to), peaks: own };
}

function joined(pieces: readonly Piece[], length: number): Int32Array {
  const samples = new Int32Array(length);
  for (const { from, samples: own } of pieces) samples.set(own, from);
  return samples;
}

/** One window within its bound. */
export function encodeWithin(window: Window, codecs: readonly WaveformCodec[]): Coding {
  return encodeKept(window, codecs, () => [])[0] ?? encodeAt(window, [], { maxRmse: 0, isUsual: false });
}

interface Wanted {
  /** In counts; 0 for no loss. */
  readonly maxRmse: number;
  readonly isUsual: boolean;
}

function encodeAt({ samples, peaks, ...of }: Window, codecs: readonly WaveformCodec[], { maxRmse, isUsual }: Wanted): Coding {
  const present = samples.filter((value) => value !== noValue);
  const stretch = { ...of, samples: present, peaks: presentPeaks(peaks, runsOf(samples)) };
  const bits = ({ coded }: Attempt) => (coded.bytes.length * 8) / Math.max(1, present.length);
  const fit = codecs.filter((codec) => isMadeFor(codec, of));
  const best = maxRmse === 0 ? undefined : bestOf(stretch, maxRmse, { codecs: fit, peaks, bits, fair: isUsual ? fairBits : 0 });
  if (best !== undefined && bits(best) <= dearBits) return within(samples, present, best);
  const whole = lossless.encode(stretch);
  return best === undefined || whole.bytes.length <= best.coded.bytes.length
    ? { codec: lossless.number, rmse: 0, peaks: [], code: whole.bytes, samples }
    : within(samples, present, best);
}

/** Of the first codec that keeps the bound and of the next such one, where the first is dear, the shorter. */
function bestOf(
  stretch: Stretch,
  limit: number,
  {
    codecs,
    peaks,
    bits,
    fair,
  }: { codecs: readonly WaveformCodec[]; peaks: readonly number[]; bits: (attempt: Attempt) => number; fair: number },
): Attempt | undefined {
  let first: Attempt | undefined;
  for (const codec of codecs) {
    if (codec.number === lossless.number) continue;
    const coded = codec.encode(codec.usesPeaks ? stretch : { ...stretch, peaks: [] }, limit);
    if (coded === undefined) continue;
    const attempt = { codec, coded, peaks: codec.usesPeaks ? peaks : [] };
    if (first !== undefined) return bits(attempt) < bits(first) ? attempt : first;
    if (bits(attempt) <= fair) return attempt;
    first = attempt;
  }
  return first;
}

function within(samples: Int32Array, present: Int32Array, { codec, peaks, coded }: Attempt): Coding {
  let at = 0;
  const filled = samples.map((value) => (value === noValue ? noValue : (coded.samples[at++] ?? noValue)));
  return { codec: codec.number, rmse: rmseOf(present, coded.samples), peaks, code: coded.bytes, samples: filled };
}

/** In counts, as the deviation is. */
function boundOf(deviation: number, { mvPerCount, share = errorShare }: CountBound): number {
  const uvPerCount = Math.abs(mvPerCount) * 1000;
  return uvPerCount === 0 ? share * deviation : Math.min(largestShare * deviation, Math.sqrt(fairUv * deviation * uvPerCount) / uvPerCount);
}

function deviationOf(values: Int32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of values) sum += value;
  const mean = sum / Math.max(1, values.length);
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / Math.max(1, values.length));
}
