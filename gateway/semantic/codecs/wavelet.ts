/** The wavelet coder: transform, dead-zone quantiser, adaptive range coder. It needs no training and is what a home falls back to. */

import { undecodable } from "../bits.ts";
import { usualCoefficients } from "../usual-odds.ts";
import { decoderHash, type Known, rmseOf, type Stretch, type WaveformCodec } from "./codec.ts";
import { readCoefficients, writeCoefficients } from "./coefficients.ts";
import { bitDecoder, bitEncoder } from "./range-coder.ts";
import { inverse, transform } from "./transform.ts";

/** Steps are 2^(n / 8) / 4 counts, n in one byte: 0.25 to some billions. */
const stepOf = (n: number) => 2 ** (n / 8 - 2);
const steps = 256;
/** Coefficients below this share of a step are left out; the others are read a little nearer to zero, where more of them lie. */
const deadZone = 0.6;
const inward = 0.08;
/** The coarsest band holds what is slower than about this. */
const slowestHz = 4;
const maxLevels = 7;
const headBytes = 5;

/** What it is compared with: it knows of no beats. */
export const wavelet = waveletCodec({ name: "wavelet", number: 3, usesPeaks: false });

/** Each coefficient is expected to be as large as those at its place in the two beats before. */
export const beatWavelet = waveletCodec({ name: "beat-wavelet", number: 4, usesPeaks: true });

function waveletCodec(what: Pick<WaveformCodec, "name" | "number" | "usesPeaks">): WaveformCodec {
  return {
    ...what,
    hash: decoderHash(`${what.name} ${what.number}`, usualCoefficients),
    encode({ samples, rateHz, peaks }, maxRmse) {
      const levels = levelsOf(rateHz);
      const mean = meanOf(samples);
      const values = Float64Array.from(samples, (value) => value - mean);
      transform(values, levels);
      const errorAt = (n: number) => rmseOf(samples, rebuild(quantise(values, stepOf(n)), { n, mean, levels }));
      const widest = widestStep(values, errorAt, maxRmse);
      if (widest === undefined) return undefined;
      const quantised = quantise(values, stepOf(widest));
      const coder = bitEncoder();
      writeCoefficients(coder, quantised.slice(), { levels, rateHz, peaks: what.usesPeaks ? peaks : [] });
      const code = coder.bytes();
      const bytes = new Uint8Array(headBytes + code.length);
      bytes[0] = widest;
      new DataView(bytes.buffer).setInt32(1, mean);
      bytes.set(code, headBytes);
      return { bytes, samples: rebuild(quantised, { n: widest, mean, levels }) };
    },
    decode(bytes, count, { rateHz, peaks }) {
      const { values, ...how } = readQuantised(bytes, count, { rateHz, peaks: what.usesPeaks ? peaks : [] });
      return rebuild(values, how);
    },
  };
}

/** The quantised coefficients, and how samples are made of them. @throws GatewayError `semantic.undecodable` */
export function readQuantised(bytes: Uint8Array, count: number, known: Known): How & { readonly values: Int32Array } {
  if (bytes.length < headBytes) throw undecodable("a stretch has no head");
  const mean = new DataView(bytes.buffer, bytes.byteOffset).getInt32(1);
  const levels = levelsOf(known.rateHz);
  const values = readCoefficients(bitDecoder(bytes.subarray(headBytes)), count, { levels, ...known });
  return { values, n: bytes[0] ?? 0, mean, levels };
}

interface How {
  readonly n: number;
  readonly mean: number;
  readonly levels: number;
}

function levelsOf(rateHz: number): number {
  return Math.max(1, Math.min(maxLevels, Math.round(Math.log2(rateHz / 2 / slowestHz))));
}

function meanOf(samples: Stretch["samples"]): number {
  let sum = 0;
  for (const value of samples) sum += value;
  return samples.length === 0 ? 0 : Math.round(sum / samples.length);
}

function quantise(values: Float64Array, step: number): Int32Array {
  const out = new Int32Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const value = values[i] ?? 0;
    const size = Math.floor(Math.abs(value) / step + 1 - deadZone);
    out[i] = value < 0 ? -size : size;
  }
  return out;
}

function rebuild(quantised: Int32Array, { n, mean, levels }: How): Int32Array {
  const step = stepOf(n);
  const values = new Float64Array(quantised.length);
  for (let i = 0; i < values.length; i++) {
    const size = quantised[i] ?? 0;
    values[i] = size === 0 ? 0 : (size - Math.sign(size) * inward) * step;
  }
  inverse(values, levels);
  const out = new Int32Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = Math.round((values[i] ?? 0) + mean);
  return out;
}

/** The widest step that keeps the error; undefined where none does. The transform hardly changes an error, so the search begins where coefficients keep it. */
function widestStep(values: Float64Array, errorAt: (n: number) => number, maxRmse: number): number | undefined {
  let n = steps - 1;
  for (let least = 0; least < n; ) {
    const middle = (least + n + 1) >> 1;
    if (errorOf(values, stepOf(middle)) <= maxRmse) least = middle;
    else n = middle - 1;
  }
  if (errorAt(n) > maxRmse) {
    do n--;
    while (n >= 0 && errorAt(n) > maxRmse);
    return n < 0 ? undefined : n;
  }
  while (n + 1 < steps && errorAt(n + 1) <= maxRmse) n++;
  return n;
}

/** Root mean square of what quantising takes from the coefficients. */
function errorOf(values: Float64Array, step: number): number {
  let sum = 0;
  for (const value of values) {
    const size = Math.floor(Math.abs(value) / step + 1 - deadZone);
    sum += (Math.abs(value) - (size === 0 ? 0 : (size - inward) * step)) ** 2;
  }
  return Math.sqrt(sum / Math.max(1, values.length));
}
