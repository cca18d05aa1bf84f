/**
 * Anomaly within patients (models.md §1.7, the BeatGAN protocol) with the committed network frozen and a memory fitted on each fold's training normals. Beats of
 * one patient stand in training and test and the filter sees the future: for comparison with papers alone. Nothing is chosen by the validation parts.
 */

import { createQrsDetector } from "../../models/signal/qrs.ts";
import type { Annotation } from "../recordings/annotations.ts";
import { NO_VALUE } from "../recordings/signal-formats.ts";
import type { WfdbRecord } from "../recordings/wfdb.ts";
import type { ReplayModels } from "../replay/run-recording.ts";
import { seededRandom } from "./bootstrap.ts";
import { auprc, auroc, type Ranked } from "./score-ranking.ts";

type Kind = "N" | "S" | "V" | "F" | "Q";

/** Windows of a record as the network is shown them, and what each is. */
export interface RecordWindows {
  readonly kinds: readonly Kind[];
  readonly beats: readonly Float32Array[];
}

/** Of this protocol: escape beats are S, and neither n, B nor the rest of the AAMI classes is there. */
const kindBySymbol: Readonly<Record<string, Kind>> = Object.fromEntries(
  Object.entries({ N: "NLR", S: "AaJSej", V: "VE", F: "F", Q: "/fQ" }).flatMap(([kind, symbols]) =>
    [...symbols].map((each) => [each, kind as Kind]),
  ),
);
const folds = 5;
/** R − 140 … R + 179 at 360 Hz. */
const [beforeS, afterS] = [140 / 360, 179 / 360];
/** What the network is given of it: 100 points at 120 Hz from R − ⅓ s on. */
const [shownFromS, shownHz, shownPoints] = [-1 / 3, 120, 100];
const closeS = 10 / 360;
const nearest = 3;
/** More prototypes than these change nothing in the third decimal. */
const mostPrototypes = 8000;
const submittedAtOnce = 500;

/** Windows of one record: MLII where it has one, else its first lead. */
export function windowsOf(record: WfdbRecord, reference: readonly Annotation[]): RecordWindows {
  const { rateHz, signals } = record.header;
  const lead = Math.max(
    0,
    signals.findIndex(({ name }) => name.trim() === "MLII"),
  );
  const { gain, baseline } = signals[lead] as (typeof signals)[number];
  const mv = Float32Array.from(record.signals[lead] as Int32Array, (count) => (count === NO_VALUE ? 0 : (count - baseline) / gain));
  // A beat that is found late comes behind those that follow it.
  const peaks = createQrsDetector({ rateHz })
    .push(mv)
    .map(({ index }) => index)
    .sort((a, b) => a - b);
  const filtered = bandPassed(mv, rateHz);
  const kinds: Kind[] = [];
  const beats: Float32Array[] = [];
  let near = 0;
  for (const { sample, symbol } of reference) {
    const kind = kindBySymbol[symbol];
    const [from, to] = [sample - Math.round(beforeS * rateHz), sample + Math.round(afterS * rateHz) + 1];
    if (kind === undefined || from < 0 || to > filtered.length) continue;
    while (near + 1 < peaks.length && Math.abs((peaks[near + 1] as number) - sample) <= Math.abs((peaks[near] as number) - sample)) near++;
    if (kind === "N" && !(Math.abs((peaks[near] ?? Number.POSITIVE_INFINITY) - sample) < closeS * rateHz)) continue;
    kinds.push(kind);
    beats.push(shownOf(filtered, { from, to, sample, rateHz }));
  }
  return { kinds, beats };
}

/** The window between −1 and 1 by its own least and most, at the network's points, halved to one height and about its own mean. */
function shownOf(
  signal: Float64Array,
  { from, to, sample, rateHz }: { from: number; to: number; sample: number; rateHz: number },
): Float32Array {
  const window = signal.subarray(from, to);
  const [low, high] = [Math.min(...window), Math.max(...window)];
  const points = Array.from({ length: shownPoints }, (_, i) => {
    const at = sample + Math.round((shownFromS + i / shownHz) * rateHz);
    return ((signal[at] ?? 0) - low) / Math.max(high - low, 1e-9) - 0.5;
  });
  const mean = points.reduce((sum, value) => sum + value, 0) / shownPoints;
  return Float32Array.from(points, (value) => value - mean);
}

/** 3–45 Hz, linear phase of order ⌊0.3 · rate⌋ by a Hamming window, forward and backward, the ends continued turned about themselves. */
export function bandPassed(signal: Float32Array, rateHz: number): Float64Array {
  const order = Math.floor(0.3 * rateHz);
  const taps = bandPass(order, 3 / rateHz, 45 / rateHz);
  const pad = Math.min(3 * taps.length, signal.length - 1);
  const [first, last] = [signal[0] ?? 0, signal.at(-1) ?? 0];
  const padded = new Float64Array(signal.length + 2 * pad);
  padded.set(signal, pad);
  for (let i = 1; i <= pad; i++) {
    padded[pad - i] = 2 * first - (signal[i] as number);
    padded[pad + signal.length - 1 + i] = 2 * last - (signal[signal.length - 1 - i] as number);
  }
  const once = filtered(padded, taps).reverse();
  return filtered(once, taps)
    .reverse()
    .slice(pad, pad + signal.length);
}

function bandPass(order: number, low: number, high: number): Float64Array {
  const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
  const taps = Float64Array.from({ length: order + 1 }, (_, i) => {
    const m = i - order / 2;
    return (2 * high * sinc(2 * high * m) - 2 * low * sinc(2 * low * m)) * (0.54 - 0.46 * Math.cos((2 * Math.PI * i) / order));
  });
  // Unit gain in the middle of the band.
  const centre = (low + high) / 2;
  const gain = taps.reduce((sum, tap, i) => sum + tap * Math.cos(2 * Math.PI * centre * (i - order / 2)), 0);
  return taps.map((tap) => tap / gain);
}

function filtered(signal: Float64Array, taps: Float64Array): Float64Array {
  return signal.map((_, at) => {
    let sum = 0;
    for (let k = 0; k < taps.length && k <= at; k++) sum += (taps[k] as number) * (signal[at - k] as number);
    return sum;
  });
}

/** What the network says of each window, in order. */
export async function latentsOf(
  beats: readonly Float32Array[],
  host: Pick<ReplayModels["host"], "submit" | "idle">,
  model: string,
): Promise<Float32Array[]> {
  const out: Float32Array[] = new Array(beats.length);
  for (let from = 0; from < beats.length; from += submittedAtOnce) {
    for (let i = from; i < Math.min(from + submittedAtOnce, beats.length); i++)
      host.submit(model, { beat: { data: beats[i] as Float32Array, shape: [1, shownPoints] } }, (answer) => {
        out[i] = (answer.kind === "outputs" ? answer.outputs.latent : undefined) ?? new Float32Array(0);
      });
    await host.idle();
  }
  return out;
}

/** AUROC and average precision of each fold. */
export function scoreFolds(
  latents: readonly Float32Array[],
  kinds: readonly Kind[],
): { readonly auroc: number | null; readonly auprc: number | null }[] {
  const of = (kind: Kind, seed: number) =>
    shuffled(
      kinds.flatMap((each, i) => (each === kind ? [i] : [])),
      seed,
    );
  const normals = of("N", 42);
  const size = Math.floor(normals.length / folds);
  const strange = (["S", "V", "F", "Q"] as const).flatMap((kind) => {
    const all = of(kind, 0);
    return all.slice(Math.floor(all.length / 10));
  });
  return Array.from({ length: folds }, (_, fold) => {
    const tested = normals.slice(fold * size, (fold + 1) * size);
    const rest = shuffled([...normals.slice(0, fold * size), ...normals.slice((fold + 1) * size)], 0);
    const training = rest.slice(Math.floor(rest.length / 10));
    const step = Math.ceil(training.length / mostPrototypes);
    const score = densityScore(training.filter((_each, i) => i % step === 0).map((i) => latents[i] as Float32Array));
    const ranked: Ranked[] = [
      ...tested.map((i) => ({ score: score(latents[i] as Float32Array), isPositive: false })),
      ...strange.map((i) => ({ score: score(latents[i] as Float32Array), isPositive: true })),
    ];
    return { auroc: auroc(ranked), auprc: auprc(ranked) };
  });
}

/** Mean distance to the three nearest prototypes over the root of how far these lie from their own three nearest. */
export function densityScore(prototypes: readonly Float32Array[]): (latent: Float32Array) => number {
  const own = new Map<number, number>();
  const ownOf = (at: number) => {
    const known = own.get(at) ?? mean(nearestOf(prototypes[at] as Float32Array, prototypes, at).map(({ distance }) => distance));
    own.set(at, known);
    return known;
  };
  return (latent) => {
    const near = nearestOf(latent, prototypes);
    return mean(near.map(({ distance }) => distance)) / Math.sqrt(Math.max(mean(near.map(({ at }) => ownOf(at))), 1e-9));
  };
}

function nearestOf(latent: Float32Array, among: readonly Float32Array[], without = -1): { at: number; distance: number }[] {
  let best: { at: number; distance: number }[] = [];
  let most = Number.POSITIVE_INFINITY;
  for (let at = 0; at < among.length; at++) {
    if (at === without) continue;
    const other = among[at] as Float32Array;
    let sum = 0;
    for (let k = 0; k < latent.length && sum < most; k++) sum += ((latent[k] as number) - (other[k] as number)) ** 2;
    if (sum >= most) continue;
    best = [...best, { at, distance: sum }].sort((a, b) => a.distance - b.distance).slice(0, nearest);
    if (best.length === nearest) most = (best.at(-1) as { distance: number }).distance;
  }
  return best.map(({ at, distance }) => ({ at, distance: Math.sqrt(distance) }));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Fisher and Yates, the same at every call. */
function shuffled(values: readonly number[], seed: number): number[] {
  const out = [...values];
  const random = seededRandom(seed);
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j] as number, out[i] as number];
  }
  return out;
}
