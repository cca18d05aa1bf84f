/** Where the sweep's line stands: a little behind the newest samples, moving with real time and never backwards. Pure; time is an argument. */

export interface Playhead {
  /** A block of `lengthMs` that ends at `endUs` (gateway axis) arrived at `nowMs` (the page's monotonic time). */
  heard(stream: string, endUs: number, lengthMs: number, nowMs: number): void;
  /** The line's place at `nowMs`, undefined before the first samples. It moves on without data, so that silence is seen. */
  at(nowMs: number): number | undefined;
}

const marginMs = 120;
/** A stream further behind than this does not hold the others up. */
const maxLagMs = 3000;
/** A correction is spread over this time instead of jumping. */
const settleMs = 2000;
/** How fast an early arrival is believed again, per block. */
const regainMs = 4;

interface StreamLag {
  /** Axis time minus page time just before the next block is due, in ms. */
  offsetMs: number;
  lateSinceMs: number | undefined;
}

export function createPlayhead(): Playhead {
  const streams = new Map<string, StreamLag>();
  let headUs: number | undefined;
  let lastMs = 0;

  function targetUs(nowMs: number): number {
    const offsets = [...streams.values()].map((lag) => lag.offsetMs);
    const newest = Math.max(...offsets);
    return (nowMs + Math.min(...offsets.filter((offset) => newest - offset < maxLagMs)) - marginMs) * 1000;
  }

  return {
    heard(stream, endUs, lengthMs, nowMs) {
      const offsetMs = endUs / 1000 - nowMs - lengthMs;
      const lag = streams.get(stream);
      if (lag === undefined || offsetMs - lag.offsetMs > maxLagMs) {
        streams.set(stream, { offsetMs, lateSinceMs: undefined });
      } else if (lag.offsetMs - offsetMs > maxLagMs) {
        // What a sensor sends again after a break is old; only when it stays late is that its new pace.
        lag.lateSinceMs ??= nowMs;
        if (nowMs - lag.lateSinceMs > maxLagMs) streams.set(stream, { offsetMs, lateSinceMs: undefined });
      } else {
        lag.lateSinceMs = undefined;
        lag.offsetMs = Math.min(lag.offsetMs + regainMs, offsetMs);
      }
    },
    at(nowMs) {
      if (streams.size === 0) return undefined;
      const target = targetUs(nowMs);
      if (headUs === undefined || Math.abs(target - headUs) > maxLagMs * 1000) headUs = target;
      else {
        const passedMs = Math.max(0, nowMs - lastMs);
        const pullUs = (target - (headUs + passedMs * 1000)) * Math.min(1, passedMs / settleMs);
        headUs += Math.max(0, passedMs * 1000 + pullUs);
      }
      lastMs = nowMs;
      return headUs;
    },
  };
}
