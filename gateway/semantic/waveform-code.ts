/** How a waveform says what it is, as symbols; its samples are a codec's own bytes beside them. */

import type { BeatEvent } from "../../device-drivers/contract/event.ts";
import { undecodable } from "./bits.ts";
import { codecOf } from "./codecs/index.ts";
import { maxRows } from "./columns.ts";
import { sourcesOf } from "./compact-events.ts";
import type { EventsPayload } from "./payloads/events.ts";
import type { StripPayload } from "./payloads/strip.ts";
import { noValue } from "./strip-codec.ts";
import type { Symbols } from "./symbols.ts";

/** Whose samples they are is said as in a strip; these are what a reader has. */
export interface WaveformPayload extends Omit<StripPayload, "kind" | "alertIds"> {
  readonly kind: "waveform";
  /** Number of the codec that wrote `code`. */
  readonly codec: number;
  /** Root mean square error of the samples that are there, in counts; 0 where nothing is lost. */
  readonly rmse: number;
  /** Samples at which the codec took R peaks to be, in rising order; none where it asked for none. */
  readonly peaks: readonly number[];
  readonly code: Uint8Array;
}

/** The error is told in steps of 1/16 of a count. */
const rmseUnit = 16;
/** Ten minutes at 10 kHz. */
const maxSamples = 6_000_000;

/** Contexts behind those of compact-events.ts; a name that ends in Text takes three, in Real two. */
const field = {
  ownText: 40,
  channelText: 43,
  leadText: 46,
  unitText: 49,
  scaleReal: 52,
  offsetReal: 54,
  rateReal: 56,
  lead: 58,
  start: 59,
  codec: 60,
  rmse: 61,
  count: 62,
  runs: 63,
  hasPeaks: 64,
  isPeak: 65,
  morePeaks: 66,
  peakStep: 67,
  runLength: 68,
  source: 69,
} as const;

interface Parts {
  readonly given?: WaveformPayload;
  readonly code: Uint8Array;
  /** Of the frame that it stands in: its person, its time and its beats need not be said again. */
  readonly events?: EventsPayload;
}

/** @throws GatewayError `semantic.undecodable` while reading */
export function codeWaveform(io: Symbols, { given, code, events }: Parts): WaveformPayload {
  const person = events?.person ?? io.text(field.ownText, given?.person ?? "");
  const { device, stream } = codeSource(io, given, events === undefined ? [] : sourcesOf(events));
  const channel = io.text(field.channelText, given?.channel ?? "");
  const leadCase = io.choice(field.lead, 2, given?.lead === undefined ? 0 : given.lead === channel ? 1 : 2);
  const lead = leadCase === 0 ? undefined : leadCase === 1 ? channel : io.text(field.leadText, given?.lead ?? "");
  const unit = io.text(field.unitText, given?.unit ?? "");
  const scale = io.real(field.scaleReal, given?.scale ?? 0);
  const offset = io.real(field.offsetReal, given?.offset ?? 0);
  const rateHz = io.real(field.rateReal, given?.rateHz ?? 0);
  const originUs = events?.fromUs ?? 0;
  const startUs = originUs + io.wide(Math.round(given?.startUs ?? 0) - originUs);
  const number = io.choice(field.codec, 4, given?.codec ?? 0);
  const rmse = io.number(field.rmse, Math.ceil((given?.rmse ?? 0) * rmseUnit)) / rmseUnit;
  const count = io.number(field.count, given?.samples.length ?? 0);
  if (count > maxSamples || !(rateHz > 0) || !Number.isFinite(scale) || !Number.isFinite(offset))
    throw undecodable("a waveform of no size that there is");
  const runs = codeRuns(io, count, given?.samples);
  const own = (events?.beats ?? []).filter((beat) => beat.device === device && beat.stream === stream);
  const peaks = codePeaks(io, given?.peaks, { count, expected: expectedPeaks(own, { startUs, rateHz, count }) });
  const check = io.plain(16, given === undefined ? 0 : checkOf(given.samples));
  const what = { person, device, stream, channel, ...(lead === undefined ? {} : { lead }), unit, scale, offset, rateHz, startUs };
  if (given !== undefined) return given;
  const codec = codecOf(number);
  if (codec === undefined) throw undecodable("a codec that this version does not have");
  const present = runs.reduce((sum, run, i) => sum + (i % 2 === 0 ? run : 0), 0);
  const samples = spread(codec.decode(code, present, { rateHz, peaks: presentPeaks(peaks, runs) }), runs, count);
  // Bytes that were changed, or written by other tables, give other samples.
  if (checkOf(samples) !== check) throw undecodable("the samples are not those that were coded");
  return { kind: "waveform", ...what, codec: number, rmse, peaks, code, samples };
}

/** One that the frame has named already, by its place. */
function codeSource(
  io: Symbols,
  given: WaveformPayload | undefined,
  known: readonly { readonly device: string; readonly stream: string }[],
) {
  const place = known.findIndex(({ device, stream }) => device === given?.device && stream === given.stream);
  const source = known[io.number(field.source, place + 1) - 1];
  return source ?? { device: io.text(field.ownText, given?.device ?? ""), stream: io.text(field.ownText, given?.stream ?? "") };
}

/** Lengths of stretches with and without samples in turn, beginning with one that has them. */
export function runsOf(samples: Int32Array): number[] {
  const runs = [0];
  let isValue = true;
  for (const sample of samples) {
    if ((sample !== noValue) !== isValue) {
      isValue = !isValue;
      runs.push(0);
    }
    runs[runs.length - 1] = (runs.at(-1) ?? 0) + 1;
  }
  return runs;
}

/** Places among the samples that are there; peaks at others fall away. */
export function presentPeaks(peaks: readonly number[], runs: readonly number[]): number[] {
  const out: number[] = [];
  let [at, before] = [0, 0];
  runs.forEach((run, i) => {
    if (i % 2 === 0) {
      out.push(...peaks.flatMap((peak) => (peak >= at && peak < at + run ? [before + peak - at] : [])));
      before += run;
    }
    at += run;
  });
  return out;
}

function codeRuns(io: Symbols, count: number, samples: Int32Array | undefined): number[] {
  const given = samples === undefined ? [] : runsOf(samples);
  const runs: number[] = [];
  for (let at = 0; ; ) {
    // 0 = to the end.
    const own = given[runs.length] ?? 0;
    const isLast = io.bit(field.runs, at + own === count ? 0 : 1) === 0;
    const run = isLast ? count - at : io.number(field.runLength, own);
    if (at + run > count || (run === 0 && runs.length > 0)) throw undecodable("stretches that don't fit");
    runs.push(run);
    at += run;
    if (isLast) return runs;
  }
}

function expectedPeaks(
  beats: readonly BeatEvent[],
  { startUs, rateHz, count }: { startUs: number; rateHz: number; count: number },
): number[] {
  const places = beats.map(({ timeUs }) => Math.round(((Math.round(timeUs) - startUs) * rateHz) / 1e6));
  return [...new Set(places)].filter((place) => place >= 0 && place < count).sort((a, b) => a - b);
}

/** Of the beats that the frame tells of anyway a bit each, of others the place. */
function codePeaks(
  io: Symbols,
  given: readonly number[] | undefined,
  { count, expected }: { readonly count: number; readonly expected: readonly number[] },
): number[] {
  if (io.bit(field.hasPeaks, given === undefined || given.length === 0 ? 0 : 1) === 0) return [];
  const own = new Set(given);
  const known = expected.filter((place) => io.bit(field.isPeak, own.has(place) ? 0 : 1) === 0);
  const others = (given ?? []).filter((place) => !known.includes(place));
  const length = io.number(field.morePeaks, others.length);
  if (length > maxRows) throw undecodable("too many peaks");
  let before = -1;
  for (let i = 0; i < length; i++) {
    before += 1 + io.number(field.peakStep, (others[i] ?? 0) - before - 1);
    if (before >= count) throw undecodable("a peak outside its stretch");
    known.push(before);
  }
  return known.sort((a, b) => a - b);
}

function spread(present: Int32Array, runs: readonly number[], count: number): Int32Array {
  const samples = new Int32Array(count).fill(noValue);
  let [at, from] = [0, 0];
  runs.forEach((run, i) => {
    if (i % 2 === 0) {
      samples.set(present.subarray(from, from + run), at);
      from += run;
    }
    at += run;
  });
  return samples;
}

/** Fletcher's checksum of two bytes, over the four bytes of every sample. */
function checkOf(samples: Int32Array): number {
  let [a, b] = [0, 0];
  for (const sample of samples)
    for (let shift = 0; shift < 32; shift += 8) {
      a = (a + ((sample >>> shift) & 255)) % 255;
      b = (b + a) % 255;
    }
  return b * 256 + a;
}
