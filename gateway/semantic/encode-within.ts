/** Codes a window within its error bound; what can't be, or costs no less than its samples as they were, goes without loss. */

import { type Coded, rmseOf, type WaveformCodec } from "./codecs/codec.ts";
import { lossless } from "./codecs/lossless.ts";
import type { WaveformPayload } from "./payloads/waveform.ts";
import { noValue } from "./strip-codec.ts";

/** Root mean square error allowed, as a share of the window's own standard deviation. */
const errorShare = 0.088;
/** A count is a count: below half of one nothing is gained. */
const leastRmse = 0.5;

interface Window {
  /** Counts; `noValue` where nothing was measured. */
  readonly samples: Int32Array;
  readonly rateHz: number;
}

/** More than a bit a sample, and samples as they were may cost less. */
const dearBits = 1;

type Coding = Pick<WaveformPayload, "codec" | "rmse" | "code" | "samples">;

export function encodeWithin({ samples, rateHz }: Window, codec: WaveformCodec): Coding {
  const present = samples.filter((value) => value !== noValue);
  const stretch = { samples: present, rateHz };
  const coded = codec.encode(stretch, Math.max(leastRmse, errorShare * deviationOf(present)));
  if (coded !== undefined && coded.bytes.length * 8 <= dearBits * present.length) return within(samples, present, codec.number, coded);
  const whole = lossless.encode(stretch);
  return coded === undefined || whole.bytes.length <= coded.bytes.length
    ? { codec: lossless.number, rmse: 0, code: whole.bytes, samples }
    : within(samples, present, codec.number, coded);
}

function within(samples: Int32Array, present: Int32Array, codec: number, coded: Coded): Coding {
  let at = 0;
  const filled = samples.map((value) => (value === noValue ? noValue : (coded.samples[at++] ?? noValue)));
  return { codec, rmse: rmseOf(present, coded.samples), code: coded.bytes, samples: filled };
}

function deviationOf(values: Int32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of values) sum += value;
  const mean = sum / Math.max(1, values.length);
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / Math.max(1, values.length));
}
