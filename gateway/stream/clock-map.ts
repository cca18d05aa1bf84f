/** Puts a device's own time on the gateway's axis. Raw ticks stay in the journal; a stamp is never moved back in order. */

export interface ClockMapState {
  bootId: string;
  offsetUs: number;
  bucketStartUs: number;
  bucketMinUs: number;
  previousMinUs: number;
  lastDeviceUs: number;
}

export interface ClockMap {
  /**
   * Axis time of the first sample of a block. `endUs` is the device time just after its last sample, `arrivalUs` the axis time at which the bytes came.
   * Sampling ends before arrival, so the smallest (arrival − end) seen lately is the best offset; network delay only adds (R18).
   */
  startUs(bootId: string, deviceUs: number, endUs: number, arrivalUs: number): number;
  state(): ClockMapState | undefined;
}

const bucketUs = 60_000_000;
/** The offset moves at most this share of elapsed device time: above any crystal's drift, below what would disorder samples. */
const maxSlew = 0.002;
/** A first block can be backlog; an arrival this much earlier than mapped is a wrong start, not jitter. */
const stepUs = 500_000;

export function createClockMap(saved?: ClockMapState): ClockMap {
  let state = saved === undefined ? undefined : { ...saved };
  return {
    startUs(bootId, deviceUs, endUs, arrivalUs) {
      const candidateUs = arrivalUs - endUs;
      if (state === undefined || state.bootId !== bootId) {
        state = {
          bootId,
          offsetUs: candidateUs,
          bucketStartUs: deviceUs,
          bucketMinUs: candidateUs,
          previousMinUs: candidateUs,
          lastDeviceUs: deviceUs,
        };
        return Math.round(deviceUs + candidateUs);
      }
      if (deviceUs - state.bucketStartUs >= bucketUs) {
        state.previousMinUs = state.bucketMinUs;
        state.bucketMinUs = candidateUs;
        state.bucketStartUs = deviceUs;
      }
      state.bucketMinUs = Math.min(state.bucketMinUs, candidateUs);
      const targetUs = Math.min(state.bucketMinUs, state.previousMinUs);
      const elapsedUs = Math.max(0, deviceUs - state.lastDeviceUs);
      if (targetUs < state.offsetUs - stepUs) state.offsetUs = targetUs;
      else state.offsetUs += Math.max(-maxSlew * elapsedUs, Math.min(maxSlew * elapsedUs, targetUs - state.offsetUs));
      state.lastDeviceUs = Math.max(state.lastDeviceUs, deviceUs);
      return Math.round(deviceUs + state.offsetUs);
    },
    state: () => (state === undefined ? undefined : { ...state }),
  };
}
