/** A beat's window at 120 Hz, band-passed: the same for every rate from 100 to 500 Hz, and defined whatever is missing. It remembers nothing. */

import * as c from "./constants.ts";

interface FilteredWindow {
  /** mV, `window` values, R at `before`. */
  readonly samples: Float64Array;
  /** Share of the beat's segment that had samples, 0 … 1. */
  readonly validShare: number;
}

/** `samplesMv` at `rateHz` with R at `rIndex`; what is not a finite number counts as missing. */
export function filterWindow(samplesMv: Float32Array, rateHz: number, rIndex: number): FilteredWindow {
  const x = new Float64Array(c.window);
  let valid = 0;
  for (let j = 0; j < c.window; j++) {
    const value = resampleAt(samplesMv, (j - c.before) / c.rateHz, rateHz, rIndex);
    x[j] = value;
    if (j >= c.segmentStart && j < c.segmentStart + c.segmentLength && !Number.isNaN(value)) valid++;
  }
  fillGaps(x);
  c.biquads.forEach((section, k) => {
    runBiquad(x, section, k);
  });
  return { samples: x, validShare: valid / c.segmentLength };
}

/** Mean of the samples near `timeS` (0 = R) under a biweight kernel, half as wide as 1/120 s or one sample, whichever is longer; NaN without any. */
function resampleAt(samples: Float32Array, timeS: number, rateHz: number, rIndex: number): number {
  const halfS = Math.max(1 / c.rateHz, 1 / rateHz);
  const first = Math.max(0, Math.floor(rIndex + (timeS - halfS) * rateHz));
  const last = Math.min(samples.length - 1, Math.ceil(rIndex + (timeS + halfS) * rateHz));
  let sum = 0;
  let weights = 0;
  for (let i = first; i <= last; i++) {
    const u = (timeS - (i - rIndex) / rateHz) / halfS;
    const w = 1 - u * u;
    const value = samples[i] as number;
    if (w <= 0 || !Number.isFinite(value)) continue;
    sum += value * w * w;
    weights += w * w;
  }
  return weights > 1e-9 ? sum / weights : Number.NaN;
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
function runBiquad(x: Float64Array, section: (typeof c.biquads)[number], index: number): void {
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
