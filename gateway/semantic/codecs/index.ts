/** The waveform codecs: one line each, the best first. Adding one is its file and its line. */

import type { WaveformCodec } from "./codec.ts";
import { learned } from "./learned.ts";
import { lossless } from "./lossless.ts";
import { movement } from "./movement.ts";
import { beatWavelet, wavelet } from "./wavelet.ts";

export const codecs: readonly WaveformCodec[] = [learned, beatWavelet, wavelet, movement, lossless];

/** Those that a twin can read, the best first. Every twin that knows waveforms reads `lossless`. */
export function readableCodecs(hashes: readonly string[]): readonly WaveformCodec[] {
  return codecs.filter((codec) => codec === lossless || hashes.includes(codec.hash));
}

export function codecOf(number: number): WaveformCodec | undefined {
  return codecs.find((codec) => codec.number === number);
}
