/** Finds pulses in a pleth by their upslope. A sign that blood moves, in time order; not a pulse rate for a chart. */

export interface PulseState {
  count: number;
  fast: number;
  previousFast: number;
  slopePeak: number;
  lastPulse: number;
}

export interface PulseDetector {
  /** Any unit; NaN = no sample. Returns sample indices (from the start of this detector) at which an upslope has been recognised. */
  push(samples: Float32Array): number[];
  state(): PulseState;
}

const refractoryS = 0.3;
/** The remembered slope halves in this time, so that a weakening pulse is still found. */
const memoryS = 2;

export function createPulseDetector({ rateHz, state: saved }: { rateHz: number; state?: PulseState }): PulseDetector {
  const at: PulseState =
    saved === undefined
      ? { count: 0, fast: Number.NaN, previousFast: Number.NaN, slopePeak: 0, lastPulse: Number.NEGATIVE_INFINITY }
      : { ...saved };
  const fastGain = 1 - Math.exp((-2 * Math.PI * 6) / rateHz);
  const fade = 2 ** (-1 / (memoryS * rateHz));
  const settleSamples = 2 * rateHz;

  return {
    push(samples) {
      const pulses: number[] = [];
      for (const sample of samples) {
        const index = at.count++;
        if (Number.isNaN(sample)) continue;
        at.fast = Number.isNaN(at.fast) ? sample : at.fast + fastGain * (sample - at.fast);
        const slope = Number.isNaN(at.previousFast) ? 0 : at.fast - at.previousFast;
        at.previousFast = at.fast;
        at.slopePeak = Math.max(at.slopePeak * fade, slope);
        const steep = slope > 0 && slope > 0.5 * at.slopePeak;
        if (!steep || index < settleSamples || index - at.lastPulse < refractoryS * rateHz) continue;
        at.lastPulse = index;
        pulses.push(index);
      }
      return pulses;
    },
    state: () => ({ ...at }),
  };
}
