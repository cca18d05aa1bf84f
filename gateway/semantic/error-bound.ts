/** How far a decoded signal may be off the measured one; in the channel's unit first, then in counts. */

import type { WaveformCodec } from "./codecs/codec.ts";

export type ErrorBound =
  /** A heart's voltage; millivolts in one of the unit, 0 where that is not known. */
  | { readonly millivolts: number }
  /** Root mean square error as a share of the window's own standard deviation. */
  | { readonly share: number }
  /** Of every sample, in the channel's unit. */
  | { readonly largest: number };

/** An error bound as a codec's window has it; without `share` and `largest` it is a heart's. */
export interface CountBound {
  /** Millivolts in one count; 0 where the unit is no voltage. */
  readonly mvPerCount: number;
  readonly share?: number;
  /** Counts. */
  readonly largest?: number;
}

/** @param scale of the channel: units in one count */
export function inCounts(bound: ErrorBound, scale: number): CountBound {
  if ("millivolts" in bound) return { mvPerCount: scale * bound.millivolts };
  return "share" in bound ? { mvPerCount: 0, share: bound.share } : { mvPerCount: 0, largest: bound.largest / Math.abs(scale) };
}

/** Whether a codec is made for signals of this kind: those that look for beats for hearts alone, those that keep each sample's bound for where it is asked. */
export function isMadeFor({ usesPeaks, keepsEach }: WaveformCodec, { share, largest }: CountBound): boolean {
  return (keepsEach ?? false) === (largest !== undefined) && !(usesPeaks && share !== undefined);
}
