/** A beat's window at 120 Hz, band-passed: the same for every rate from 100 to 500 Hz, and defined whatever is missing. It remembers nothing. */

import { resampleInto } from "./resampling.ts";

/** Samples before R; the filters settle in them. */
export const before = 240;
const length = 300;
/** The beat itself: R − 0.33 s … R + 0.5 s. */
export const segmentStart = 200;
export const segmentLength = 100;
/** The part of the segment in which the QRS lies. */
export const qrsFrom = 28;
export const qrsTo = 57;
/** Butterworth of order 2 at 120 Hz: high-pass 0.7 Hz, low-pass 35 Hz. */
export const biquads = [
  { b: [0.974416087123, -1.948832174246, 0.974416087123], a: [1, -1.948177530509, 0.949486817984] },
  { b: [0.373977880169, 0.747955760338, 0.373977880169], a: [1, 0.307566359792, 0.188345160884] },
] as const;

interface FilteredWindow {
  /** mV, 300 values, R at `before`. */
  readonly samples: Float64Array;
  /** Share of the beat's segment that had samples, 0 … 1. */
  readonly validShare: number;
}

/** Of windows that are still somebody's: several models look at the same beat, and nobody writes to its samples. */
const filtered = new WeakMap<Float32Array, FilteredWindow & { readonly rateHz: number; readonly rIndex: number }>();

/** `samplesMv` at `rateHz` with R at `rIndex`; what is not a finite number counts as missing. */
export function filterWindow(samplesMv: Float32Array, rateHz: number, rIndex: number): FilteredWindow {
  const known = filtered.get(samplesMv);
  if (known?.rateHz === rateHz && known.rIndex === rIndex) return known;
  const made = { ...filter(samplesMv, rateHz, rIndex), rateHz, rIndex };
  filtered.set(samplesMv, made);
  return made;
}

function filter(samplesMv: Float32Array, rateHz: number, rIndex: number): FilteredWindow {
  const x = new Float64Array(length);
  let valid = 0;
  resampleInto(x, samplesMv, { rateHz, zeroIndex: rIndex, from: -before });
  for (let j = segmentStart; j < segmentStart + segmentLength; j++) if (!Number.isNaN(x[j])) valid++;
  fillGaps(x);
  biquads.forEach((section, k) => {
    runBiquad(x, section, k);
  });
  return { samples: x, validShare: valid / segmentLength };
}

/** Gaps hold the last value, and the first value before there is one. */
function fillGaps(x: Float64Array): void {
  let last = x.find((value) => !Number.isNaN(value)) ?? 0;
  for (let i = 0; i < x.length; i++) {
    const value = x[i] as number;
    if (Number.isNaN(value)) x[i] = last;
    else last = value;
  }
}

/** In place, started as if the first value had stood for ever: the high-pass (section 0) rests at 0, the low-pass at its input. */
function runBiquad(x: Float64Array, section: (typeof biquads)[number], index: number): void {
  const [b0, b1, b2] = section.b;
  const [, a1, a2] = section.a;
  let x1 = x[0] as number;
  let x2 = x1;
  let y1 = index === 0 ? 0 : x1;
  let y2 = y1;
  for (let i = 0; i < x.length; i++) {
    const now = x[i] as number;
    const y = b0 * now + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    x2 = x1;
    x1 = now;
    y2 = y1;
    y1 = y;
    x[i] = y;
  }
}

/** Height of the QRS part of a beat's segment, in the unit of its values. */
export function qrsHeight(segment: Float64Array): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = qrsFrom; i < qrsTo; i++) {
    const v = segment[i] as number;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return high - low;
}
