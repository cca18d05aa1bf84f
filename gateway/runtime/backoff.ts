/** How long to wait before the next try: full jitter, exponential, 1 s → 5 min (devices.md §4). Pure; randomness is an argument. */

const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 300_000;
/** So long a run must be good before the next failure counts as a first one. */
export const STEADY_MS = 60_000;

interface Backoff {
  /** A time between 0 and the present ceiling, which doubles. */
  nextMs(): number;
  reset(): void;
}

/** `random` gives numbers from 0 to below 1; `longestMs` bounds every pause. */
export function createBackoff(random: () => number, longestMs = LONGEST_BACKOFF_MS): Backoff {
  let failureCount = 0;
  return {
    nextMs() {
      const ceilingMs = Math.min(longestMs, FIRST_BACKOFF_MS * 2 ** failureCount);
      failureCount++;
      return random() * ceilingMs;
    },
    reset() {
      failureCount = 0;
    },
  };
}
