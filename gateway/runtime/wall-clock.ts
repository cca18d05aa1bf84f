/** What this machine says of its own wall clock. It asks the system's time service and claims nothing beyond that. */

import { existsSync } from "node:fs";
import type { WallClockQuality } from "../../device-drivers/contract/clock.ts";

/** systemd-timesyncd leaves this once it is in step with a time server. */
const synchronizedMark = "/run/systemd/timesync/synchronized";
/** This program is younger than that: an earlier date is a clock without a battery. */
const firstDayMs = Date.UTC(2026, 0, 1);
const lookEveryMs = 60_000;

export function createWallQuality(nowMs: () => number = Date.now): () => WallClockQuality {
  let lookedMs = Number.NEGATIVE_INFINITY;
  let found: WallClockQuality = "unsynced";
  return () => {
    const ms = nowMs();
    if (Math.abs(ms - lookedMs) < lookEveryMs) return found;
    lookedMs = ms;
    found = ms < firstDayMs ? "fake" : existsSync(synchronizedMark) ? "ntp" : "unsynced";
    return found;
  };
}
