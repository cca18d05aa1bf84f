/** What a waveform codec is: samples into few bytes with a stated error, and back. Each stands in a file of its own beside this one and has its line in `index.ts`. */

import { createHash } from "node:crypto";

/** What writer and reader know of a stretch beside its samples. */
export interface Known {
  readonly rateHz: number;
  /** Samples at which R peaks are known, in rising order. They come with the frame; a codec that does not ask for them gets none. */
  readonly peaks: readonly number[];
}

/** A stretch of one channel, every sample there. */
export interface Stretch extends Known {
  /** Whole numbers of at most 24 bits. */
  readonly samples: Int32Array;
  /** Millivolts in one count; 0 where the unit is no voltage. */
  readonly mvPerCount: number;
}

export interface Coded {
  readonly bytes: Uint8Array;
  /** What a reader makes of the bytes. */
  readonly samples: Int32Array;
}

/** Pure: the same stretch gives the same bytes on every machine, and the same bytes the same samples. */
export interface WaveformCodec {
  readonly name: string;
  /** Names it in a frame. A number is never given to another codec, nor to one that writes other bytes. */
  readonly number: number;
  /** Of everything that decides what a reader makes of its bytes, 16 hex digits: a twin says by it which codecs it can read. */
  readonly hash: string;
  /** It codes beat by beat. */
  readonly usesPeaks: boolean;
  /** What lies above is not kept; without it up to half the rate. */
  readonly highestHz?: number;
  /** It keeps every sample within the bound, and not only their root mean square. */
  readonly keepsEach?: true;
  /**
   * @param maxRmse root mean square error allowed, in counts
   * @returns undefined where it can't keep that
   */
  encode(stretch: Stretch, maxRmse: number): Coded | undefined;
  /**
   * @param count samples that the bytes must stand for
   * @throws GatewayError `semantic.undecodable`
   */
  decode(bytes: Uint8Array, count: number, known: Known): Int32Array;
}

/** @param tables what its bytes are read by */
export function decoderHash(name: string, tables: unknown = []): string {
  return createHash("sha256")
    .update(JSON.stringify([name, tables]))
    .digest("hex")
    .slice(0, 16);
}

/** Root mean square of the difference, in counts. */
export function rmseOf(a: Int32Array, b: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return a.length === 0 ? 0 : Math.sqrt(sum / a.length);
}
