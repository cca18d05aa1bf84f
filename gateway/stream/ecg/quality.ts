/** Judges each second of an ECG channel: enough to know when a rule may not speak. It never repairs a signal. */

import { Flag } from "../../../device-drivers/contract/sample-block.ts";
import { createHum } from "./hum.ts";
import { createQrsHeight, type HeightState, isSpiky } from "./qrs-height.ts";

export interface SecondQuality {
  readonly level: "good" | "poor" | "bad";
  readonly leadOffShare: number;
  readonly saturated: boolean;
  readonly flat: boolean;
  readonly noisy: boolean;
  readonly removal: boolean;
}

export interface QualityState {
  samples: number[];
  flags: number[];
  lastMeanMv: number | undefined;
  height?: HeightState;
}

export interface QualityMeter {
  /** Takes one sample (mV, NaN = none) and its Flag bits; gives a judgement when a second is full. */
  push(sampleMv: number, flags: number): SecondQuality | undefined;
  state(): QualityState;
}

/** All limits in mV, those of movement (`swing`, `step`, `removal`) for beats of usual height; chosen on the DS1 half of MIT-BIH so that clean records are ≥ 97 % good. */
const limits = { flatMv: 0.05, noiseFloorMv: 0.12, noiseRatio: 0.18, swingMv: 5, stepMv: 1.5, removalMv: 2.5 };
/** Where the wearer's own beats are taller than this, the limits of movement grow with them. A step is none of the beats' doing: it grows late, for a wrong gain. */
const tallMv = { swing: 2.5, step: 5 };
/** More mains hum than this (peak) is an electrode that hardly touches; below it beats and their classes are read as well as without. */
const humMv = 0.2;

export function createQualityMeter(rateHz: number, range: readonly [number, number] | undefined, saved?: QualityState): QualityMeter {
  const second = Math.max(1, Math.round(rateHz));
  const step = Math.max(1, Math.round(rateHz * 0.008));
  const samples = new Float32Array(second);
  const flags = new Uint8Array(second);
  const curvature = new Float32Array(second);
  const hum = createHum(rateHz);
  const height = createQrsHeight(saved?.height);
  let filled = saved?.samples.length ?? 0;
  samples.set(saved?.samples ?? []);
  flags.set(saved?.flags ?? []);
  let lastMeanMv = saved?.lastMeanMv;

  /** Rough all through, not only at the QRS: muscle, motion. */
  const isNoisy = (values: Float32Array): boolean => {
    let curves = 0;
    for (let i = 2 * step; i < second; i++) {
      const bend = Math.abs((values[i] ?? 0) - 2 * (values[i - step] ?? 0) + (values[i - 2 * step] ?? 0));
      if (!Number.isNaN(bend)) curvature[curves++] = bend;
    }
    const bends = curvature.subarray(0, curves).sort();
    const floorMv = bends[curves >> 1] ?? 0;
    const peakMv = bends[Math.floor(curves * 0.99)] ?? 0;
    return floorMv > limits.noiseFloorMv && floorMv > limits.noiseRatio * peakMv;
  };

  const isNoisyWithoutHum = (): boolean => {
    const { without, amplitudeMv } = hum.remove(samples);
    return amplitudeMv > humMv || isNoisy(without);
  };

  const judge = (): SecondQuality => {
    let missing = 0;
    let leadOff = 0;
    let saturated = 0;
    let sum = 0;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < second; i++) {
      const bits = flags[i] ?? 0;
      const value = samples[i] ?? Number.NaN;
      if ((bits & (Flag.leadOff | Flag.notWorn)) !== 0) leadOff++;
      if (Number.isNaN(value)) {
        missing++;
        continue;
      }
      if ((bits & Flag.saturated) !== 0 || (range !== undefined && (value <= range[0] || value >= range[1]))) saturated++;
      sum += value;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const present = second - missing;
    const meanMv = present > 0 ? sum / present : undefined;
    const swingMv = present > 0 ? high - low : 0;
    const noisy = isNoisy(samples) && isNoisyWithoutHum();
    const stepMv = meanMv === undefined || lastMeanMv === undefined ? 0 : Math.abs(meanMv - lastMeanMv);
    lastMeanMv = meanMv;
    const isSaturated = saturated > 0.1 * second;
    const swings = swingMv / Math.max(1, height.mv() / tallMv.swing);
    const steps = stepMv / Math.max(1, height.mv() / tallMv.step);
    const moved = swings > limits.swingMv || steps > limits.stepMv;
    const canLearn = missing + leadOff === 0 && !isSaturated && !noisy && isSpiky(samples, swingMv);
    height.push(canLearn ? swingMv : 0);
    const bad = missing > second / 2 || leadOff > second / 2 || saturated > second / 2;
    const poor = missing > second / 10 || leadOff > 0 || isSaturated || noisy || moved;
    return {
      level: bad ? "bad" : poor ? "poor" : "good",
      leadOffShare: leadOff / second,
      saturated: isSaturated,
      flat: present > second / 2 && swingMv < limits.flatMv,
      noisy,
      removal: steps > limits.removalMv || (moved && noisy) || swings > 2 * limits.swingMv,
    };
  };

  return {
    push(sampleMv, bits) {
      samples[filled] = sampleMv;
      flags[filled] = bits;
      if (++filled < second) return undefined;
      filled = 0;
      return judge();
    },
    state: () => ({
      samples: [...samples.subarray(0, filled)],
      flags: [...flags.subarray(0, filled)],
      lastMeanMv,
      height: height.state(),
    }),
  };
}
