/** Codes a window within its error bound; what can't be, or costs no less than its samples as they were, goes without loss. */

import { type Coded, rmseOf, type Stretch, type WaveformCodec } from "./codecs/codec.ts";
import { lossless } from "./codecs/lossless.ts";
import { type CountBound, isMadeFor } from "./error-bound.ts";
import { noValue } from "./strip-codec.ts";
import { presentPeaks, runsOf, type WaveformPayload } from "./waveform-code.ts";

/**
 * Root mean square error allowed. Of a voltage the geometric mean of what is spent best and what is fair: one error for everybody costs fewest bytes
 * and hides small hearts, a share of the window's own standard deviation treats all alike. In microvolts: the square root of 3 µV times that deviation,
 * about 8 % of it gross over a set of records, and never more than 12 % of one window. Of anything else the share alone, or what is asked for.
 */
const fairUv = 3;
const errorShare = 0.083;
const largestShare = 0.12;
/** A count is a count: below half of one nothing is gained. */
const leastRmse = 0.5;

/** Its samples with `noValue` where nothing was measured. */
type Window = Stretch & CountBound;

/** Above this, in bits a sample, the next codec is tried too: what one is made for another may not be. Above the second samples as they were may cost less. */
const fairBits = 0.5;
const dearBits = 1;

type Coding = Pick<WaveformPayload, "codec" | "rmse" | "peaks" | "code" | "samples">;

interface Attempt {
  readonly codec: WaveformCodec;
  readonly peaks: readonly number[];
  readonly coded: Coded;
}

/** @param codecs that may be used, the best first */
export function encodeWithin({ samples, peaks, ...of }: Window, codecs: readonly WaveformCodec[]): Coding {
  const present = samples.filter((value) => value !== noValue);
  const stretch = { ...of, samples: present, peaks: presentPeaks(peaks, runsOf(samples)) };
  const bits = ({ coded }: Attempt) => (coded.bytes.length * 8) / Math.max(1, present.length);
  const limit = of.largest ?? Math.max(leastRmse, boundOf(deviationOf(present), of));
  const best = bestOf(stretch, limit, { codecs: codecs.filter((codec) => isMadeFor(codec, of)), peaks, bits });
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
  { codecs, peaks, bits }: { codecs: readonly WaveformCodec[]; peaks: readonly number[]; bits: (attempt: Attempt) => number },
): Attempt | undefined {
  let first: Attempt | undefined;
  for (const codec of codecs) {
    if (codec.number === lossless.number) continue;
    const coded = codec.encode(codec.usesPeaks ? stretch : { ...stretch, peaks: [] }, limit);
    if (coded === undefined) continue;
    const attempt = { codec, coded, peaks: codec.usesPeaks ? peaks : [] };
    if (first !== undefined) return bits(attempt) < bits(first) ? attempt : first;
    if (bits(attempt) <= fairBits) return attempt;
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
