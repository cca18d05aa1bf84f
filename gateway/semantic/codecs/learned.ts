/** The learned coder (`models/ecg-codec`): each beat as few coordinates on a basis learnt from many hearts, less those of the nearest beat shape of the same window. */

import { codebook } from "../../../models/ecg-codec/codebook.ts";
import {
  addLine,
  kernel,
  levelAt,
  pointsFrom,
  pointsOf,
  type Segment,
  segmentsOf,
  weightsOf,
  windowOf,
  writeSamples,
} from "../../../models/ecg-codec/grid.ts";
import { createShapes, type Latents, project, windowFrom } from "../../../models/ecg-codec/latents.ts";
import { latentOdds } from "../../../models/ecg-codec/odds.ts";
import { undecodable } from "../bits.ts";
import { stepChooser } from "./choose-steps.ts";
import { decoderHash, rmseOf, type WaveformCodec } from "./codec.ts";
import { latentContexts, type Side, type Windows, walkWindows } from "./latent-symbols.ts";
import { readOdds } from "./odds.ts";
import { bitDecoder, bitEncoder, contexts } from "./range-coder.ts";
import { readingIn, stLevelOf } from "./st-level.ts";

/** Steps of eight to the octave, in counts: 0.125 to some billions. Exact, whatever a machine makes of powers. */
const eighths = [64, 70, 76, 83, 91, 99, 108, 117] as const;
const stepOf = (n: number) => ((eighths[n % 8] ?? 0) / 512) * 2 ** Math.floor(n / 8);
const steps = 256;
/** Below this rate a grid of 120 Hz costs more than it gives; above it nobody measures hearts. */
const rates = { leastHz: 100, mostHz: 2000 };
const isKnownRate = (rateHz: number) => rateHz >= rates.leastHz && rateHz <= rates.mostHz;
/** Levels stand in quarters of a step. */
const levelPart = 4;
const odds = readOdds(latentOdds);
const chooseSteps = stepChooser(odds);
/** By how much the level of an ST segment may be off. */
const stMv = 0.035;

export const learned: WaveformCodec = {
  name: "ecg-codec",
  number: 5,
  usesPeaks: true,
  highestHz: 50,
  hash: decoderHash("ecg-codec 5", [odds, [...codebook.basis.map((row) => [...row])], codebook.unit, kernel]),
  encode({ samples, rateHz, peaks, mvPerCount }, maxRmse) {
    if (!isKnownRate(rateHz)) return undefined;
    const cut = cutUp(samples, segmentsOf(samples.length, rateHz, peaks));
    const tried = new Map<number, { readonly windows: Windows; readonly made: Int32Array; readonly error: number }>();
    const attempt = (n: number) => {
      const known = tried.get(n);
      if (known !== undefined) return known;
      const windows = quantise(cut, n, stMv / Math.abs(mvPerCount));
      const made = rebuild(cut.segments, windows, n, samples.length);
      const result = { windows, made, error: rmseOf(samples, made) };
      tried.set(n, result);
      return result;
    };
    const n = widestStep(attempt, maxRmse);
    if (n === undefined) return undefined;
    const { windows, made } = attempt(n);
    return { bytes: write(windows, n), samples: made };
  },
  decode(bytes, count, { rateHz, peaks }) {
    if (!isKnownRate(rateHz)) throw undecodable("beats at a rate that its writer never takes");
    const segments = segmentsOf(count, rateHz, peaks);
    return rebuild(segments, readWindows(bytes, segments.length), bytes[0] ?? 0, count);
  },
};

/** @throws GatewayError `semantic.undecodable` */
export function readWindows(bytes: Uint8Array, count: number): Windows {
  if (bytes.length === 0) throw undecodable("a stretch has no head");
  const decoder = bitDecoder(bytes.subarray(1));
  const book = contexts(latentContexts, odds);
  return walkWindows(count, undefined, { bit: (context) => book.read(decoder, context) });
}
const maxTries = 8;

/** The widest step that keeps the error, as far as a few tries find it. What is searched for lies where the error, which grows a little slower than the step, is the bound. */
function widestStep(attempt: (n: number) => { readonly error: number }, maxRmse: number): number | undefined {
  let [kept, missed] = [-1, steps];
  let n = firstStep(maxRmse);
  for (let tries = 0; tries < maxTries && missed - kept > 1; tries++) {
    const { error } = attempt(n);
    if (error <= maxRmse) kept = n;
    else missed = n;
    const wanted = n + Math.floor(8 * Math.log2(maxRmse / Math.max(error, maxRmse / 16)));
    n = Math.max(kept + 1, Math.min(missed - 1, wanted));
  }
  return kept < 0 ? undefined : kept;
}

/** About a step by which the error is this large. */
function firstStep(rmse: number): number {
  let n = 0;
  while (n + 1 < steps && stepOf(n + 1) <= 4 * rmse) n++;
  return n;
}

interface Cut {
  readonly segments: readonly Segment[];
  readonly weights: readonly Float64Array[];
  readonly points: readonly Float64Array[];
  readonly levels: readonly number[];
  /** What of each window's numbers makes its ST level; nothing of one without a beat. */
  readonly st: readonly (Float64Array | undefined)[];
}

function cutUp(samples: Int32Array, segments: readonly Segment[]): Cut {
  const end = { start: samples.length - 1, step: segments[0]?.step ?? 1 };
  return {
    segments,
    weights: segments.map(({ count }) => weightsOf(count)),
    points: segments.map((segment) => pointsOf(samples, segment)),
    levels: [...segments, end].map((segment) => levelAt(samples, segment)),
    st: segments.map(stLevelOf),
  };
}

/** @param mostSt by how many counts an ST level may be off; infinite where counts are no voltage */
function quantise({ segments, weights, points, levels: measured, st: readings }: Cut, n: number, mostSt: number): Windows {
  const step = stepOf(n);
  const levels = Int32Array.from(measured, (level) => Math.round((level * levelPart) / step));
  const shapes = createShapes();
  const latents: Latents[] = [];
  segments.forEach((_, i) => {
    const own = (points[i] ?? new Float64Array()).slice();
    addLine(own, -1, levelOf(levels, i, step), levelOf(levels, i + 1, step));
    const weight = weights[i] ?? new Float64Array();
    const window = windowOf(own);
    const coordinates = project(window, weight).map((value) => value / step);
    const { shape, differences } = shapes.nearest(coordinates);
    const memory = { one: latents[i - 1]?.steps, two: latents[i - 2]?.steps, isFlat: shape === 0 };
    const level = Number.isFinite(mostSt) ? readings[i] : undefined;
    const reading = level === undefined ? undefined : readingIn(level, { window, weights: weight, coordinates, most: mostSt / step, step });
    const chosen = { shape, steps: chooseSteps(differences, memory, reading) };
    shapes.follow(chosen);
    latents.push(chosen);
  });
  return { levels, latents };
}

const levelOf = (levels: Int32Array, i: number, step: number) => ((levels[i] ?? 0) * step) / levelPart;

function rebuild(segments: readonly Segment[], { levels, latents }: Windows, n: number, count: number): Int32Array {
  const step = stepOf(n);
  const shapes = createShapes();
  const out = new Float64Array(count);
  segments.forEach((segment, i) => {
    const own = latents[i];
    if (own === undefined || own.shape >= shapes.count) throw undecodable("a window like none before it");
    const points = pointsFrom(windowFrom(shapes.follow(own), weightsOf(segment.count), step), segment.count);
    addLine(points, 1, levelOf(levels, i, step), levelOf(levels, i + 1, step));
    writeSamples(points, segment, out);
  });
  return Int32Array.from(out, Math.round);
}

function write(windows: Windows, n: number): Uint8Array {
  const encoder = bitEncoder();
  const book = contexts(latentContexts, odds);
  const side: Side = {
    bit(context, bit) {
      book.write(encoder, context, bit);
      return bit;
    },
  };
  walkWindows(windows.latents.length, windows, side);
  const code = encoder.bytes();
  const bytes = new Uint8Array(1 + code.length);
  bytes[0] = n;
  bytes.set(code, 1);
  return bytes;
}
