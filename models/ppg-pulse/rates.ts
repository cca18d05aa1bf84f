/** The axis of rates: bins at even distances of the logarithm, from 30 beats a minute on. What lies beyond 210 is there for harmonics alone. */

export const BINS = 174;
export const SHOWN = 128;
const lowBpm = 30;
const step = Math.log(210 / lowBpm) / (SHOWN - 1);

/** Of a bin, or a place between two. */
export function bpmAt(bin: number): number {
  return lowBpm * Math.exp(step * bin);
}

export function binOf(bpm: number): number {
  return Math.log(bpm / lowBpm) / step;
}
