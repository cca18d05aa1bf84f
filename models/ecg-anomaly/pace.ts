/**
 * A beat of a faster heart as it would be drawn at rest, so that pace alone makes no beat unusual; the twin of train/features.py. P and QRS keep their lengths, ST and T are
 * drawn out by Fridericia's cube root of the pace, and what the neighbouring beats draw into the window gives way to the level between T and P.
 */

import { segmentLength, segmentStart } from "../signal/beat-window.ts";
import { median } from "../signal/statistics.ts";

/** Of the window that `signal/beat-window.ts` makes. */
const windowHz = 120;
const newestRr = 8;
/** Slower hearts are left as they are. */
const restRrS = 1;
const leastFactor = 0.7;
/** From R: the QRS has ended. */
const qrsEnd = 0.08 * windowHz;
/** From R to behind the end of T of nearly everybody, at one beat a second. */
const endOfTS = 0.44;
/** From the beginning of P to R. */
const pBeforeRS = 0.2;
/** Of this beat's own, whatever the pace. */
const ownFrom = -0.2 * windowHz;
const ownTo = 0.26 * windowHz;
/** Samples of the level between T and P. */
const levelOver = 3;

/** `y` at 120 Hz with R at `r`; intervals in seconds, newest first, NaN over a gap. */
export function drawnAtRest(y: Float64Array, r: number, rrBeforeS: readonly number[]): Float64Array {
  const known = rrBeforeS.slice(0, newestRr).filter((rrS) => !Number.isNaN(rrS));
  if (known.length === 0) return y.subarray(segmentStart, segmentStart + segmentLength);
  const rrS = median(known);
  const root = Math.cbrt(rrS);
  const factor = Math.max(Math.min(1, root / Math.cbrt(restRrS)), leastFactor);
  const from = Math.min(ownFrom, (endOfTS * root - rrS) * windowHz);
  const to = Math.max(ownTo, (rrS - pBeforeRS) * windowHz);
  let level = 0;
  for (let i = 0; i < levelOver; i++) level += valueAt(y, r + from + i) / levelOver;
  const out = new Float64Array(segmentLength);
  for (let i = 0; i < segmentLength; i++) {
    const at = i + segmentStart - r;
    const drawnFrom = at > qrsEnd ? qrsEnd + (at - qrsEnd) * factor : at;
    out[i] = drawnFrom < from || drawnFrom > to ? level : valueAt(y, r + drawnFrom);
  }
  return out;
}

function valueAt(y: Float64Array, at: number): number {
  const within = Math.min(Math.max(at, 0), y.length - 1);
  const low = Math.min(Math.floor(within), y.length - 2);
  const [a, b] = [y[low] as number, y[low + 1] as number];
  return a + (b - a) * (within - low);
}
