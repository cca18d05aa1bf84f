/** How tall this wearer's beats stand on this lead, from seconds that look like an ECG and like each other: what is a jolt for one is a heartbeat for another. */

import { median, remember } from "../../../models/signal/statistics.ts";

export interface HeightState {
  /** Peak to peak of the last seconds in mV; 0 where a second did not look like an ECG. */
  readonly recentMv: readonly number[];
  readonly heldMv: number;
}

interface QrsHeight {
  /** Takes the peak to peak of a second, 0 where nothing is to be learnt from it. */
  push(swingMv: number): void;
  /** 0 before the first that is known. Held while nothing new is learnt: a ventricular rhythm looks like no second before it. */
  mv(): number;
  state(): HeightState;
}

/** The noise of a quiet lead without a heart has the shape of spikes too. */
const leastMv = 0.3;
const recentS = 15;
const neededS = 10;
/** Ten of fifteen seconds within this factor of their median. Electrode motion twice as tall as the ECG was never that even in ten records of MIT-BIH. */
const spread = 1.6;

export function createQrsHeight(saved?: HeightState): QrsHeight {
  const recent = [...(saved?.recentMv ?? [])];
  let held = saved?.heldMv ?? 0;
  return {
    push(swingMv) {
      remember(recent, swingMv > leastMv ? swingMv : 0, recentS);
      const tall = recent.filter((each) => each > 0);
      if (tall.length < neededS) return;
      const middle = median(tall);
      if (tall.filter((each) => each < middle * spread && each > middle / spread).length >= neededS) held = middle;
    },
    mv: () => held,
    state: () => ({ recentMv: [...recent], heldMv: held }),
  };
}

/** A QRS is a spike: most of an ECG's second lies in less than half of its height (10th to 90th percentile), most of a swaying baseline does not. */
export function isSpiky(samplesMv: Float32Array, swingMv: number): boolean {
  const sorted = Float32Array.from(samplesMv).sort();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return at(0.9) - at(0.1) < 0.45 * swingMv;
}
