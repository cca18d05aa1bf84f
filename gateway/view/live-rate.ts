/** The heart rate beside the trace: the mean of the newest intervals between beats, renewed with each. Rules count for themselves and never read it. */

/** Long enough to be steady over single early beats, short enough to follow a run. */
const windowMs = 8000;
const fewest = 3;

export interface LiveRate {
  /** An R peak, with the interval that it ends where that is known. */
  beat(timeUs: number, rrMs: number | undefined): void;
  /** The signal cannot be trusted: what came before is no rate of now. */
  forget(): void;
  now(): { readonly heartRateBpm: number; readonly heartRateAtUs: number } | undefined;
}

export function createLiveRate(): LiveRate {
  let rrMs: number[] = [];
  let newestUs = 0;
  const sumMs = () => rrMs.reduce((sum, each) => sum + each, 0);
  return {
    beat(timeUs, interval) {
      if (interval === undefined) rrMs = [];
      else {
        rrMs.push(interval);
        while (rrMs.length > fewest && sumMs() > windowMs) rrMs.shift();
      }
      newestUs = timeUs;
    },
    forget() {
      rrMs = [];
    },
    now() {
      if (rrMs.length < fewest) return undefined;
      return { heartRateBpm: Math.round((60_000 * rrMs.length) / sumMs()), heartRateAtUs: newestUs };
    },
  };
}
