/**
 * Samples without any loss in about 4.5 bits each (11-bit ECG at 360 Hz): predicted, and the rest Rice-coded. Whole numbers only, so every machine
 * writes the same bytes. It knows nothing of leads or units.
 *
 * Per block of 256 values the cheapest predictor is chosen: a difference of order 0–3, or an adaptive filter over the last differences that encoder and
 * decoder train alike, by the sign of its error. The Rice parameter follows the mean of what was coded. Stretches of `noValue` are kept apart as runs.
 */

import { type BitReader, type BitWriter, bitReader, bitWriter, undecodable, unzigzag, zigzag } from "./bits.ts";

/** In place of a sample that is not there. */
export const noValue = -2147483648;

const blockLength = 256;
const predictorBits = 3;
const runOrder = 8;
/** Longest unary part; a larger rest goes as it is. Second differences of 32-bit values fit. */
const longestUnary = 24;
const escapeBits = 40;
/** Ten minutes at 10 kHz, five times the longest strip: a larger count is refused before memory is taken. */
const maxSamples = 6_000_000;

/** @param samples whole numbers of 32 bits; `noValue` = no sample. */
export function encodeSamples(samples: Int32Array): Uint8Array {
  const bits = bitWriter();
  bits.golomb(samples.length, runOrder);
  const values = writeRuns(bits, samples);
  const predictor = createPredictor();
  const rice = createRice();
  for (let start = 0; start < values.length; start += blockLength) {
    const block = values.subarray(start, start + blockLength);
    const rests = predictor.tryBlock(block);
    const costs = rests.map(sumOfSizes);
    const best = costs.indexOf(Math.min(...costs));
    bits.write(best, predictorBits);
    for (const rest of rests[best] ?? []) rice.write(bits, rest);
  }
  return bits.bytes();
}

/** @throws GatewayError `semantic.undecodable` */
export function decodeSamples(bytes: Uint8Array): Int32Array {
  const bits = bitReader(bytes);
  const length = bits.golomb(runOrder);
  if (length > maxSamples) throw undecodable("too many samples");
  const runs = readRuns(bits, length);
  const samples = new Int32Array(length).fill(noValue);
  const predictor = createPredictor();
  const rice = createRice();
  let left = 0;
  let chosen = 0;
  for (const { from, to } of runs) {
    for (let i = from; i < to; i++) {
      if (left === 0) {
        chosen = bits.read(predictorBits);
        if (chosen >= predictorCount) throw undecodable("an unknown predictor");
        left = blockLength;
      }
      left--;
      const value = predictor.predict(chosen) + rice.read(bits);
      if (value < -2147483648 || value > 2147483647) throw undecodable("a sample beyond 32 bits");
      predictor.learn(value);
      samples[i] = value;
    }
  }
  return samples;
}

/**
 * By what fractions are to be multiplied to be whole numbers: as many bits below the point as a 32-bit float has at the largest value; 1 for whole
 * numbers. NaN stands for no value.
 */
export function finenessOf(values: Iterable<number>): number {
  let largest = 0;
  let isWhole = true;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    largest = Math.max(largest, Math.abs(value));
    isWhole &&= Number.isInteger(value);
  }
  return isWhole || largest === 0 ? 1 : 2 ** (23 - Math.ceil(Math.log2(largest)));
}

/** Lengths of the stretches, beginning with one of samples (perhaps empty), until all are told; returns the samples that are there. */
function writeRuns(bits: BitWriter, samples: Int32Array): Int32Array {
  const values = new Int32Array(samples.length);
  let count = 0;
  let isValue = true;
  let run = 0;
  for (const sample of samples) {
    if ((sample !== noValue) !== isValue) {
      bits.golomb(run, runOrder);
      isValue = !isValue;
      run = 0;
    }
    run++;
    if (isValue) values[count++] = sample;
  }
  bits.golomb(run, runOrder);
  return values.subarray(0, count);
}

function readRuns(bits: BitReader, length: number): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = [];
  let at = 0;
  for (let isValue = true; ; isValue = !isValue) {
    const run = bits.golomb(runOrder);
    if (at + run > length) throw undecodable("more samples than there are");
    if (isValue) runs.push({ from: at, to: at + run });
    at += run;
    if (at === length) return runs;
    if (run === 0 && at > 0) throw undecodable("an empty stretch");
  }
}

const fixedPredictors = 4;
const predictorCount = fixedPredictors + 1;
const taps = 16;
/** Weights are in units of 2⁻¹². */
const weightUnit = 4096;
const stepSize = 8;
/** Differences are capped for the filter alone, which keeps its sums exact. */
const differenceCap = 32_767;

interface Predictor {
  /** What value comes next, by predictor 0–4. */
  predict(index: number): number;
  learn(value: number): void;
  /** Learns a whole block and tells each predictor's rests. */
  tryBlock(block: Int32Array): number[][];
}

function createPredictor(): Predictor {
  let [a, b, c] = [0, 0, 0];
  const history = new Int32Array(taps);
  const weights = new Int32Array(taps);

  const filtered = () => {
    let sum = 0;
    for (let i = 0; i < taps; i++) sum += (weights[i] ?? 0) * (history[i] ?? 0);
    return a + Math.round(sum / weightUnit);
  };

  const predict = (index: number): number => {
    switch (index) {
      case 0:
        return 0;
      case 1:
        return a;
      case 2:
        return 2 * a - b;
      case 3:
        return 3 * a - 3 * b + c;
      default:
        return filtered();
    }
  };

  const learn = (value: number) => {
    const error = value - filtered();
    if (error !== 0) {
      const step = error > 0 ? stepSize : -stepSize;
      for (let i = 0; i < taps; i++) {
        const past = history[i] ?? 0;
        if (past !== 0) weights[i] = (weights[i] ?? 0) + (past > 0 ? step : -step);
      }
    }
    history.copyWithin(1, 0, taps - 1);
    history[0] = Math.max(-differenceCap, Math.min(differenceCap, value - a));
    [a, b, c] = [value, a, b];
  };

  return {
    predict,
    learn,
    tryBlock(block) {
      const rests: number[][] = Array.from({ length: predictorCount }, () => []);
      for (const value of block) {
        rests.forEach((column, index) => void column.push(value - predict(index)));
        learn(value);
      }
      return rests;
    },
  };
}

/** About the bits that a block of rests takes. */
function sumOfSizes(rests: readonly number[]): number {
  let sum = 0;
  for (const rest of rests) sum += Math.abs(rest);
  return sum;
}

interface Rice {
  write(bits: BitWriter, rest: number): void;
  read(bits: BitReader): number;
}

/** The parameter k of the next code follows the mean of the last 16 or so. */
function createRice(): Rice {
  let mean16 = 16 * 16;
  const order = () => {
    let k = 0;
    while (k < 36 && 16 * 2 ** k * 1.5 < mean16) k++;
    return k;
  };
  const follow = (code: number) => {
    mean16 += code - Math.floor(mean16 / 16);
  };
  return {
    write(bits, rest) {
      const k = order();
      const code = zigzag(rest);
      const unary = Math.floor(code / 2 ** k);
      if (unary < longestUnary) {
        bits.write(2 ** (unary + 1) - 2, unary + 1);
        bits.write(code, k);
      } else {
        bits.write(2 ** longestUnary - 1, longestUnary);
        bits.write(code, escapeBits);
      }
      follow(code);
    },
    read(bits) {
      const k = order();
      let unary = 0;
      while (unary < longestUnary && bits.read(1) === 1) unary++;
      const code = unary === longestUnary ? bits.read(escapeBits) : unary * 2 ** k + bits.read(k);
      follow(code);
      return unzigzag(code);
    },
  };
}
