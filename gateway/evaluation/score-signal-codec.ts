/** What a signal costs on its way to the twin, and what the twin then has of it: the house's own windows, frames and decoder, nothing else. Pure. */

import { gzipSync } from "node:zlib";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { createWaveforms } from "../pipeline/waveforms.ts";
import { NO_VALUE } from "../recordings/signal-formats.ts";
import { frameOutbox } from "../replay/frame-outbox.ts";
import { lossless } from "../semantic/codecs/lossless.ts";
import { noValue } from "../semantic/strip-codec.ts";
import { openStage } from "../stream/index.ts";
import { gPer } from "../stream/motion/gravity.ts";
import { decodeFrames } from "../twin/decode.ts";
import { percentileOrNull } from "./bootstrap.ts";
import { type CodecCounts, countCodec, grossCodec } from "./score-codec.ts";
import type { SignalRecording } from "./signal-recordings.ts";

const baseUs = 946_684_800_000_000;
const windowS = 60;
const person = "person-a";

export interface SignalRow {
  readonly bytes: { readonly raw: number; readonly sem: number; readonly gzip: number; readonly lossless: number };
  readonly windows: number;
  readonly losslessWindows: number;
  /** One a channel. */
  readonly counts: readonly CodecCounts[];
  /** How far the samples of an axis are off, each in its own measure: g, degrees a second. */
  readonly largestG: number;
  readonly largestDegPerS: number;
  /** Of each whole second: how far what it has turned is off, in degrees. */
  readonly turns: readonly number[];
  /** Of each rate of a pulse that is told before and after: the difference. */
  readonly rateErrors: readonly number[];
  /** Rates told before that are told no more. */
  readonly ratesLost: number;
}

export function scoreSignal({ descriptor, rows, bits }: SignalRecording): SignalRow {
  const sent = frameOutbox(send(descriptor, rows), baseUs);
  const decoded = rows.map((row) => new Float64Array(row.length).fill(Number.NaN));
  const waveforms = decodeFrames(sent.sem).flatMap((payload) => (payload.kind === "waveform" ? [payload] : []));
  for (const { channel, startUs, samples, scale } of waveforms) {
    const at = descriptor.channels.findIndex(({ id }) => id === channel);
    const fineness = scale / (descriptor.channels[at]?.scale ?? scale);
    const first = Math.round(((startUs - baseUs) * descriptor.rateHz) / 1e6);
    samples.forEach((value, i) => {
      if (value !== noValue) (decoded[at] as Float64Array)[first + i] = value * fineness;
    });
  }
  const input = rows.map((row) => Float64Array.from(row, (value) => (value === NO_VALUE ? Number.NaN : value)));
  const count = rows.reduce((sum, row) => sum + row.length, 0);
  return {
    bytes: {
      ...{ raw: (count * bits) / 8, sem: sent.sem.length },
      gzip: gzipSync(Buffer.concat(rows.map((row) => new Uint8Array(Int16Array.from(row).buffer))), { level: 9 }).length,
      lossless: rows.reduce((sum, row) => sum + lossless.encode({ samples: row }).bytes.length, 0),
    },
    windows: waveforms.length,
    losslessWindows: waveforms.filter(({ codec }) => codec === lossless.number).length,
    counts: input.map((row, at) => countCodec({ input: row, twin: decoded[at] ?? [], uvPerCount: 0 })),
    ...movedOff(descriptor, input, decoded),
    ...ratesOff(descriptor, input, decoded),
  };
}

/** In blocks of a second, as a slow device would send them. */
function send(descriptor: StreamDescriptor, rows: readonly Int32Array[]) {
  const waveforms = createWaveforms({ person, windowS, modeOf: () => "semantic", decoders: undefined, saved: undefined });
  for (const { startUs, block } of blocksOf(descriptor, rows)) {
    waveforms.push(descriptor, block);
    waveforms.tick(startUs + 1_000_000);
  }
  return [...waveforms.take(), ...waveforms.flush()];
}

function blocksOf({ rateHz }: StreamDescriptor, rows: readonly ArrayLike<number>[]) {
  const length = rows[0]?.length ?? 0;
  const blocks = [];
  for (let s = 0, first = 0; first < length; s++) {
    const end = Math.min(length, Math.round((s + 1) * rateHz));
    const channels = rows.map((row) =>
      Float32Array.from({ length: end - first }, (_, i) => (row[first + i] === NO_VALUE ? Number.NaN : (row[first + i] ?? Number.NaN))),
    );
    const startUs = baseUs + Math.round((first * 1e6) / rateHz);
    const place = { bootId: "recording", firstIndex: first, count: end - first, startUs, arrivalUs: startUs + 1_000_000 };
    blocks.push({ startUs, block: { kind: "samples" as const, ...place, channels } });
    first = end;
  }
  return blocks;
}

const degPerRad = 180 / Math.PI;

function movedOff({ channels, rateHz }: StreamDescriptor, input: readonly Float64Array[], twin: readonly Float64Array[]) {
  let [largestG, largestDegPerS] = [0, 0];
  const turns: number[] = [];
  channels.forEach(({ kind, unit, scale }, at) => {
    const per = kind === "acc" ? (gPer(unit) ?? 0) : kind === "gyro" ? (unit === "rad/s" ? degPerRad : 1) : 0;
    if (per === 0) return;
    const off = (i: number) => ((input[at]?.[i] ?? 0) - (twin[at]?.[i] ?? 0)) * scale * per;
    let turned = 0;
    for (let i = 0; i < (input[at]?.length ?? 0); i++) {
      const error = off(i);
      if (Number.isNaN(error)) continue;
      if (kind === "acc") largestG = Math.max(largestG, Math.abs(error));
      else {
        largestDegPerS = Math.max(largestDegPerS, Math.abs(error));
        turned += error / rateHz;
        if ((i + 1) % Math.round(rateHz) === 0) {
          turns.push(Math.abs(turned));
          turned = 0;
        }
      }
    }
  });
  return { largestG, largestDegPerS, turns };
}

/** Rates by the house's own pulse stage, which needs no model, of both traces. */
function ratesOff(descriptor: StreamDescriptor, input: readonly Float64Array[], twin: readonly Float64Array[]) {
  if (!descriptor.channels.some(({ kind }) => kind === "ppg")) return { rateErrors: [], ratesLost: 0 };
  const ratesOf = (rows: readonly Float64Array[]) => {
    const stage = openStage(descriptor, []);
    const items = blocksOf(descriptor, rows).flatMap(({ block }) => stage.push(block));
    return new Map(
      items.flatMap((item) => (item.kind === "pulse-rate" && item.bpm !== undefined ? [[item.timeUs, item.bpm] as const] : [])),
    );
  };
  const [before, after] = [ratesOf(input), ratesOf(twin)];
  const pairs = [...before].map(([timeUs, bpm]) => Math.abs(bpm - (after.get(timeUs) ?? Number.NaN)));
  return { rateErrors: pairs.filter((error) => !Number.isNaN(error)), ratesLost: pairs.filter(Number.isNaN).length };
}

export type SignalFigures = Readonly<Record<string, number | null>>;

/** Gross over all rows: bytes over bytes, squares over squares. */
export function signalFigures(rows: readonly SignalRow[]): SignalFigures {
  const sum = (of: (row: SignalRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  const share = (part: number, whole: number) => (whole === 0 ? null : (100 * part) / whole);
  const counts = rows.flatMap((row) => row.counts);
  const { prdn, waveform_pct } = grossCodec(counts);
  const sem = sum(({ bytes }) => bytes.sem);
  return {
    cr: sem === 0 ? null : sum(({ bytes }) => bytes.raw) / sem,
    ...{
      prdn,
      prdn_median: percentileOrNull(
        counts.flatMap((each) => grossCodec([each]).prdn ?? []),
        0.5,
      ),
      waveform_pct,
    },
    lossless_pct: share(
      sum((row) => row.losslessWindows),
      sum((row) => row.windows),
    ),
  };
}

export function pulseFigures(rows: readonly SignalRow[]): SignalFigures {
  const errors = rows.flatMap(({ rateErrors }) => rateErrors);
  const lost = rows.reduce((sum, { ratesLost }) => sum + ratesLost, 0);
  return {
    hr_diff_p95_bpm: percentileOrNull(errors, 0.95),
    hr_within1_pct: errors.length === 0 ? null : (100 * errors.filter((error) => error <= 1).length) / (errors.length + lost),
    rates: errors.length + lost,
  };
}

export function movementFigures(rows: readonly SignalRow[]): SignalFigures {
  const largest = (of: "largestG" | "largestDegPerS") => (rows.length === 0 ? null : Math.max(...rows.map((row) => row[of])));
  return {
    acc_off_g: largest("largestG"),
    gyro_off_deg_per_s: largest("largestDegPerS"),
    turn_off_p95_deg: percentileOrNull(
      rows.flatMap(({ turns }) => turns),
      0.95,
    ),
  };
}

export function signalBaselines(rows: readonly SignalRow[]): SignalFigures {
  const sum = (of: keyof SignalRow["bytes"]) => rows.reduce((total, { bytes }) => total + bytes[of], 0);
  const ratio = (of: "gzip" | "lossless") => (sum(of) === 0 ? null : sum("raw") / sum(of));
  return { gzip_cr: ratio("gzip"), lossless_cr: ratio("lossless") };
}
