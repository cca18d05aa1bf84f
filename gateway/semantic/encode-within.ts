/** Codes a window within its error bound; what can't be, or costs no less than its samples as they were, goes without loss. */

import { type Coded, rmseOf, type Stretch, type WaveformCodec } from "./codecs/codec.ts";
import { lossless } from "./codecs/lossless.ts";
import { noValue } from "./strip-codec.ts";
import { presentPeaks, runsOf, type WaveformPayload } from "./waveform-code.ts";

/**
 * Root mean square error allowed. Of a voltage the geometric mean of what is spent best and what is fair: one error for everybody costs fewest bytes
 * and hides small hearts, a share of the window's own standard deviation treats all alike. In microvolts: the square root of 3.4 µV times that deviation,
 * 8.8 % of it gross over DS1, and never more than 15 % of one window. Of anything else the share alone.
 */
const fairUv = 3.4;
const errorShare = 0.088;
const largestShare = 0.15;
/** A count is a count: below half of one nothing is gained. */
const leastRmse = 0.5;

/** Its samples with `noValue` where nothing was measured. */
type Window = Stretch;

/** More than a bit a sample, and samples as they were may cost less. */
const dearBits = 1;

type Coding = Pick<WaveformPayload, "codec" | "rmse" | "peaks" | "code" | "samples">;

export function encodeWithin({ samples, peaks: known, ...of }: Window, codec: WaveformCodec): Coding {
  const present = samples.filter((value) => value !== noValue);
  const peaks = codec.usesPeaks ? known : [];
  const stretch = { ...of, samples: present, peaks: presentPeaks(peaks, runsOf(samples)) };
  const coded = codec.encode(stretch, Math.max(leastRmse, boundOf(deviationOf(present), of.mvPerCount)));
  if (coded !== undefined && coded.bytes.length * 8 <= dearBits * present.length)
    return { peaks, ...within(samples, present, codec.number, coded) };
  const whole = lossless.encode(stretch);
  return coded === undefined || whole.bytes.length <= coded.bytes.length
    ? { codec: lossless.number, rmse: 0, peaks: [], code: whole.bytes, samples }
    : { peaks, ...within(samples, present, codec.number, coded) };
}

function within(samples: Int32Array, present: Int32Array, codec: number, coded: Coded): Omit<Coding, "peaks"> {
  let at = 0;
  const filled = samples.map((value) => (value === noValue ? noValue : (coded.samples[at++] ?? noValue)));
  return { codec, rmse: rmseOf(present, coded.samples), code: coded.bytes, samples: filled };
}

/** In counts, as the deviation is. */
function boundOf(deviation: number, mvPerCount: number): number {
  const uvPerCount = Math.abs(mvPerCount) * 1000;
  return uvPerCount === 0
    ? errorShare * deviation
    : Math.min(largestShare * deviation, Math.sqrt(fairUv * deviation * uvPerCount) / uvPerCount);
}

function deviationOf(values: Int32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of values) sum += value;
  const mean = sum / Math.max(1, values.length);
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / Math.max(1, values.length));
}
