/** The waveform codecs: one line each, the best first. Adding one is its file and its line. */

import type { WaveformCodec } from "./codec.ts";
import { lossless } from "./lossless.ts";
import { beatWavelet, wavelet } from "./wavelet.ts";

export const codecs: readonly WaveformCodec[] = [beatWavelet, wavelet, lossless];

/** The best codec that a twin can read. Every twin that knows waveforms reads `lossless`. */
export function chooseCodec(hashes: readonly string[]): WaveformCodec {
  return codecs.find(({ hash }) => hashes.includes(hash)) ?? lossless;
}

export function codecOf(number: number): WaveformCodec | undefined {
  return codecs.find((codec) => codec.number === number);
}
