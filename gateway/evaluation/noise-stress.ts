/** Adds recorded noise to a clean record as the noise stress protocol wants it (models.md §1.9): 5 min clean, then 2 min noisy and 2 min clean in turn. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Annotation } from "../recordings/annotations.ts";
import { NO_VALUE } from "../recordings/signal-formats.ts";
import type { WfdbRecord } from "../recordings/wfdb.ts";

const cleanFirstS = 300;
const turnS = 120;
/** Training may use the first half of the noise records, evaluation only the second. */
const noiseFromS = 30;
const trimmed = 0.05;
/** Bundle branch block counts as normal: 118, the first record of the protocol, has no other. */
const normalQrs = new Set("NLRB");

export function addNoise(
  record: WfdbRecord,
  reference: readonly Annotation[],
  { noise, snrDb }: { noise: WfdbRecord; snrDb: number },
): WfdbRecord {
  const { rateHz } = record.header;
  const signals = record.signals.map((samples, channel) => {
    const source = noise.signals[channel % noise.signals.length];
    const noiseSpec = noise.header.signals[channel % noise.signals.length];
    const spec = record.header.signals[channel];
    if (source === undefined || spec === undefined || noiseSpec === undefined) return samples;
    const cut = source.subarray(Math.round(noiseFromS * noise.header.rateHz));
    // The noise records are nominally 200 counts per mV; the mixture is made in the record's own counts.
    const toCounts = spec.gain / noiseSpec.gain;
    const power = qrsPower(samples, reference, rateHz);
    const noisePower = piecePower(cut, noise.header.rateHz) * toCounts * toCounts;
    const gain = Math.sqrt(power / (noisePower * 10 ** (snrDb / 10))) * toCounts;
    return mix(samples, cut, { gain, rateHz });
  });
  return { ...record, signals };
}

/** (mean peak-to-peak of the first 300 normal QRS within ± 50 ms, largest and smallest 5 % dropped)² / 8 */
function qrsPower(samples: Int32Array, reference: readonly Annotation[], rateHz: number): number {
  const half = Math.round(0.05 * rateHz);
  const heights: number[] = [];
  for (const { sample, symbol } of reference) {
    if (!normalQrs.has(symbol) || heights.length === 300) continue;
    const around = samples.subarray(Math.max(0, sample - half), sample + half + 1);
    heights.push(Math.max(...around) - Math.min(...around));
  }
  if (heights.length === 0)
    throw new GatewayError("recording.no_normal_beat", "world", "no normal beat is annotated, so the noise has no measure");
  return trimmedMean(heights) ** 2 / 8;
}

/** (mean over 1-s pieces of the RMS about the piece's own mean, the same 5 % trimmed)² */
function piecePower(noise: Int32Array, rateHz: number): number {
  const piece = Math.round(rateHz);
  const rms: number[] = [];
  for (let from = 0; from + piece <= noise.length && rms.length < 300; from += piece) {
    const values = noise.subarray(from, from + piece);
    const mean = values.reduce((sum, value) => sum + value, 0) / piece;
    rms.push(Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / piece));
  }
  return trimmedMean(rms) ** 2;
}

function trimmedMean(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const cut = Math.floor(sorted.length * trimmed);
  const kept = sorted.slice(cut, sorted.length - cut);
  return kept.reduce((sum, value) => sum + value, 0) / Math.max(1, kept.length);
}

/** The offset moves with each change of gain so that the signal has no step there. */
function mix(samples: Int32Array, noise: Int32Array, { gain, rateHz }: { gain: number; rateHz: number }): Int32Array {
  const out = new Int32Array(samples.length);
  let current = 0;
  let offset = 0;
  for (let i = 0; i < samples.length; i++) {
    const value = noise[i % noise.length] ?? 0;
    const afterS = i / rateHz - cleanFirstS;
    const wanted = afterS >= 0 && Math.floor(afterS / turnS) % 2 === 0 ? gain : 0;
    if (wanted !== current) {
      offset += (current - wanted) * value;
      current = wanted;
    }
    const clean = samples[i] ?? NO_VALUE;
    out[i] = clean === NO_VALUE ? NO_VALUE : Math.round(clean + current * value + offset);
  }
  return out;
}
