/** A stretch of one channel as a codec left it, with the error that it states. Each frame decodes alone. */

import { type BitReader, type BitWriter, bitReader, bitWriter, undecodable, unzigzag, zigzag } from "../bits.ts";
import { codecOf } from "../codecs/index.ts";
import { readSpread, writeSpread } from "../columns.ts";
import { noValue } from "../strip-codec.ts";
import { readText, writeText } from "../words.ts";
import type { PayloadKind } from "./kind.ts";

export interface WaveformPayload {
  readonly kind: "waveform";
  readonly person: string;
  readonly device: string;
  readonly stream: string;
  readonly channel: string;
  readonly lead?: string;
  readonly unit: string;
  /** physical = count · scale + offset. */
  readonly scale: number;
  readonly offset: number;
  readonly rateHz: number;
  /** Time of samples[0] on the gateway's axis. */
  readonly startUs: number;
  /** Number of the codec that wrote `code`. */
  readonly codec: number;
  /** Root mean square error of the samples that are there, in counts; 0 where nothing is lost. */
  readonly rmse: number;
  readonly code: Uint8Array;
  /** What a reader has, in counts; `noValue` where nothing was measured. */
  readonly samples: Int32Array;
}

/** The error is told in steps of 1/16 of a count. */
const rmseUnit = 16;
/** Orders of Exp-Golomb codes. */
const [countOrder, runOrder, rmseOrder, realOrder] = [14, 8, 6, 6];
const rawReal = 7;
/** Ten minutes at 10 kHz. */
const maxSamples = 6_000_000;

export const waveformKind: PayloadKind<WaveformPayload> = {
  kind: "waveform",
  class: "semantic",
  layouts: [7],
  timeUs: ({ startUs, samples, rateHz }) => startUs + (samples.length * 1e6) / rateHz,
  place: ({ person, device, stream, channel, startUs, samples, rateHz }) => ({
    person,
    key: `${device}/${stream}/${channel}`,
    fromUs: Math.round(startUs),
    toUs: Math.round(startUs + (samples.length * 1e6) / rateHz),
  }),
  encode(waveform) {
    const bits = bitWriter();
    writeHead(bits, waveform);
    return { layout: 7, content: [bits.bytes(), waveform.code] };
  },
  decode(content) {
    if (!Array.isArray(content)) throw undecodable("a waveform is no pair");
    const [head, code] = content;
    if (!(head instanceof Uint8Array) || !(code instanceof Uint8Array)) throw undecodable("a waveform has no bytes");
    return readWaveform(bitReader(head), code);
  },
};

function writeHead(bits: BitWriter, { lead, ...waveform }: WaveformPayload): void {
  const { person, device, stream, channel, unit, scale, offset, rateHz, startUs, codec, rmse, samples } = waveform;
  for (const text of [person, device, stream, channel, unit]) writeText(bits, text);
  bits.write(lead === undefined ? 0 : lead === channel ? 1 : 2, 2);
  if (lead !== undefined && lead !== channel) writeText(bits, lead);
  for (const value of [scale, offset, rateHz]) writeReal(bits, value);
  writeSpread(bits, [Math.round(startUs)]);
  bits.write(codec, 8);
  bits.golomb(Math.ceil(rmse * rmseUnit), rmseOrder);
  bits.golomb(samples.length, countOrder);
  for (const run of runsOf(samples)) bits.golomb(run, runOrder);
  bits.write(checkOf(samples), 16);
}

function readWaveform(bits: BitReader, code: Uint8Array): WaveformPayload {
  const [person, device, stream, channel, unit] = [readText(bits), readText(bits), readText(bits), readText(bits), readText(bits)];
  const leadCase = bits.read(2);
  const lead = leadCase === 0 ? undefined : leadCase === 1 ? channel : readText(bits);
  const [scale, offset, rateHz] = [readReal(bits), readReal(bits), readReal(bits)];
  const startUs = readSpread(bits, 1)[0] ?? 0;
  const number = bits.read(8);
  const rmse = bits.golomb(rmseOrder) / rmseUnit;
  const count = bits.golomb(countOrder);
  if (count > maxSamples || !(rateHz > 0)) throw undecodable("a waveform of no size that there is");
  const runs = readRuns(bits, count);
  const check = bits.read(16);
  const codec = codecOf(number);
  if (codec === undefined) throw undecodable("a codec that this version does not have");
  const present = runs.reduce((sum, run, i) => sum + (i % 2 === 0 ? run : 0), 0);
  const samples = spread(codec.decode(code, present, rateHz), runs, count);
  // Bytes that were changed, or written by other tables, give other samples.
  if (checkOf(samples) !== check) throw undecodable("the samples are not those that were coded");
  const what = { person, device, stream, channel, ...(lead === undefined ? {} : { lead }), unit, scale, offset, rateHz, startUs };
  return { kind: "waveform", ...what, codec: number, rmse, code, samples };
}

/** Lengths of stretches with and without samples in turn, beginning with one that has them. */
function runsOf(samples: Int32Array): number[] {
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

function readRuns(bits: BitReader, count: number): number[] {
  const runs: number[] = [];
  for (let at = 0; runs.length === 0 || at < count; ) {
    const run = bits.golomb(runOrder);
    if (at + run > count || (run === 0 && runs.length > 0)) throw undecodable("stretches that don't fit");
    runs.push(run);
    at += run;
  }
  return runs;
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

/** Few decimals as a whole number, others as their 64 bits. */
function writeReal(bits: BitWriter, value: number): void {
  for (let decimals = 0; decimals < rawReal; decimals++) {
    const whole = Math.round(value * 10 ** decimals);
    if (Math.abs(whole) > 2 ** 40 || whole / 10 ** decimals !== value || Object.is(whole, -0)) continue;
    bits.write(decimals, 3);
    bits.golomb(zigzag(whole), realOrder);
    return;
  }
  bits.write(rawReal, 3);
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  bits.write(view.getUint32(0), 32);
  bits.write(view.getUint32(4), 32);
}

function readReal(bits: BitReader): number {
  const decimals = bits.read(3);
  if (decimals < rawReal) return unzigzag(bits.golomb(realOrder)) / 10 ** decimals;
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, bits.read(32));
  view.setUint32(4, bits.read(32));
  const value = view.getFloat64(0);
  if (!Number.isFinite(value)) throw undecodable("a number is missing");
  return value;
}
