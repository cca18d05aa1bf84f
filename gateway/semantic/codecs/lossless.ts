/** Every sample as it was: what goes where a stretch can't be coded within its bound, or costs no less. */

import { undecodable } from "../bits.ts";
import { decodeSamples, encodeSamples } from "../strip-codec.ts";
import { type Coded, decoderHash, type Stretch, type WaveformCodec } from "./codec.ts";

export const lossless = {
  name: "lossless",
  number: 0,
  hash: decoderHash("lossless 0"),
  usesPeaks: false,
  encode: ({ samples }: Pick<Stretch, "samples">): Coded => ({ bytes: encodeSamples(samples), samples }),
  decode(bytes: Uint8Array, count: number): Int32Array {
    const samples = decodeSamples(bytes);
    if (samples.length !== count) throw undecodable("another number of samples");
    return samples;
  },
} satisfies WaveformCodec;
