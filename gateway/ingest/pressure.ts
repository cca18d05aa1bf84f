/** Two reasons to stop reading a socket: the journal has no room, or the client sends faster than it may. Both pause; neither drops. */

import type { Clock } from "../../device-drivers/contract/clock.ts";

/** One gate for all connections: closed while the journal's `room()` waits. */
export interface Gate {
  /** Asked before bytes are taken; false = wait for `whenOpen`. */
  isOpen(): boolean;
  whenOpen(fn: () => void): void;
}

/** Asks `room` once a turn at most: it costs one promise per batch of reads, not one per packet. */
export function createGate(room: () => Promise<void>): Gate {
  let isAsking = false;
  const waiting: (() => void)[] = [];
  const open = () => {
    isAsking = false;
    for (const fn of waiting.splice(0)) fn();
  };
  return {
    isOpen() {
      if (isAsking) return false;
      isAsking = true;
      // A journal that fails answers each packet with its error; holding the socket as well would hide that.
      room().then(open, open);
      return true;
    },
    whenOpen: (fn) => void waiting.push(fn),
  };
}

export interface RateLimits {
  readonly packetsPerS: number;
  readonly bytesPerS: number;
  /** How many seconds' worth may come at once, for example after an outage. */
  readonly burstS: number;
}

/** A wearable sends 1–10 packets a second; what it kept during an outage comes as one burst. */
export const defaultRates: RateLimits = { packetsPerS: 2000, bytesPerS: 2 * 1024 * 1024, burstS: 5 };

/** Token bucket of one connection; `spend` answers how long to stop reading, in ms (0 = go on). */
export function createRate(clock: Clock, limits: RateLimits): { spend(packets: number, sizeBytes: number): number } {
  let packets = limits.packetsPerS * limits.burstS;
  let bytes = limits.bytesPerS * limits.burstS;
  let lastUs = clock.monotonicUs();
  return {
    spend(packetCount, sizeBytes) {
      const nowUs = clock.monotonicUs();
      const passedS = (nowUs - lastUs) / 1e6;
      lastUs = nowUs;
      packets = Math.min(packets + passedS * limits.packetsPerS, limits.packetsPerS * limits.burstS) - packetCount;
      bytes = Math.min(bytes + passedS * limits.bytesPerS, limits.bytesPerS * limits.burstS) - sizeBytes;
      return Math.ceil(Math.max(0, -packets / limits.packetsPerS, -bytes / limits.bytesPerS) * 1000);
    },
  };
}
