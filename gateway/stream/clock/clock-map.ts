/** Puts a device's own time on the gateway's axis. Raw ticks stay in the journal; a stamp is never moved back in order. */

import type { GatewayStamps } from "../../../device-drivers/contract/sample-block.ts";

export interface ClockMapState {
  bootId: string;
  /** The run of the gateway in which a block was last in time. */
  runUs: number;
  offsetUs: number;
  bucketStartUs: number;
  bucketMinUs: number;
  previousMinUs: number;
  lastDeviceUs: number;
  behind?: Behind;
}

/** Blocks that all come later than the map says, in another run of the gateway: backlog as long as they catch up, else its axis has gone on without the device. */
interface Behind {
  sinceUs: number;
  minUs: number;
  previousMinUs?: number;
}

export interface ClockMap {
  /**
   * Axis time of the first sample of a block. `endUs` is the device time just after its last sample, `arrival` when the bytes came.
   * Sampling ends before arrival, so the smallest (arrival − end) seen lately is the best offset; network delay only adds (R18).
   */
  startUs(bootId: string, deviceUs: number, endUs: number, arrival: Arrival): number;
  /** A boot begins with an offset that is known to be good. */
  begin(bootId: string, deviceUs: number, offsetUs: number, arrival: Arrival): void;
  state(): ClockMapState | undefined;
}

type Arrival = Pick<GatewayStamps, "timeUs" | "monotonicUs">;

/** The axis runs with monotonic time, so their difference is the same for a whole run, and another one in the next. */
const runOf = ({ timeUs, monotonicUs }: Arrival): number => timeUs - monotonicUs;

const bucketUs = 60_000_000;
/** The offset moves at most this share of elapsed device time: above any drift that counting the pace leaves, below what would disorder samples. */
const maxSlew = 0.006;
/** A first block can be backlog; an arrival this much earlier than mapped is a wrong start, not jitter. */
const stepUs = 500_000;
/** Placed further back than this, samples come too late for the order of a person's streams; what is less is left to the slewing. */
const tooLateUs = 2_000_000;
/** Twice this long in arrival time must pass at the pace of the device before the map believes that it is behind. */
const behindUs = 10_000_000;
/** Backlog that is being worked off comes nearer by more than this in that time, one that trickles in falls further behind. */
const samePaceUs = 200_000;

export function createClockMap(saved?: ClockMapState): ClockMap {
  let state = structuredClone(saved);
  const begin = (bootId: string, deviceUs: number, offsetUs: number, arrival: Arrival) => {
    const runUs = runOf(arrival);
    state = { bootId, runUs, offsetUs, bucketStartUs: deviceUs, bucketMinUs: offsetUs, previousMinUs: offsetUs, lastDeviceUs: deviceUs };
  };
  return {
    begin,
    startUs(bootId, deviceUs, endUs, arrival) {
      const candidateUs = arrival.timeUs - endUs;
      if (state === undefined || state.bootId !== bootId) {
        begin(bootId, deviceUs, candidateUs, arrival);
        return Math.round(deviceUs + candidateUs);
      }
      // Backlog says nothing about the offset: an hour of it would move the map by seconds.
      if (deviceUs - state.bucketStartUs >= bucketUs && candidateUs - state.offsetUs <= tooLateUs) {
        state.previousMinUs = state.bucketMinUs;
        state.bucketMinUs = candidateUs;
        state.bucketStartUs = deviceUs;
      }
      state.bucketMinUs = Math.min(state.bucketMinUs, candidateUs);
      const targetUs = Math.min(state.bucketMinUs, state.previousMinUs);
      const elapsedUs = Math.max(0, deviceUs - state.lastDeviceUs);
      const steadyUs = steadilyBehind(state, candidateUs, arrival);
      if (targetUs < state.offsetUs - stepUs) state.offsetUs = targetUs;
      else if (steadyUs !== undefined)
        Object.assign(state, { offsetUs: steadyUs, bucketMinUs: steadyUs, previousMinUs: steadyUs, bucketStartUs: deviceUs });
      else state.offsetUs += Math.max(-maxSlew * elapsedUs, Math.min(maxSlew * elapsedUs, targetUs - state.offsetUs));
      state.lastDeviceUs = Math.max(state.lastDeviceUs, deviceUs);
      return Math.round(deviceUs + state.offsetUs);
    },
    state: () => (state === undefined ? undefined : structuredClone(state)),
  };
}

/** The offset to step up to: after a restart whose wall clock had been put right, with a device that has not restarted, nothing is backlog and all is late. */
function steadilyBehind(state: ClockMapState, candidateUs: number, arrival: Arrival): number | undefined {
  const { behind } = state;
  const { timeUs: arrivalUs } = arrival;
  if (candidateUs - state.offsetUs <= tooLateUs) state.runUs = runOf(arrival);
  // Within a run the axis does not jump: whatever comes late is old.
  if (state.runUs === runOf(arrival)) delete state.behind;
  else if (behind === undefined) state.behind = { sinceUs: arrivalUs, minUs: candidateUs };
  else if (arrivalUs - behind.sinceUs < behindUs) behind.minUs = Math.min(behind.minUs, candidateUs);
  else if (behind.previousMinUs === undefined || Math.abs(behind.minUs - behind.previousMinUs) > samePaceUs)
    state.behind = { sinceUs: arrivalUs, minUs: candidateUs, previousMinUs: behind.minUs };
  else {
    delete state.behind;
    return behind.minUs;
  }
  return undefined;
}
