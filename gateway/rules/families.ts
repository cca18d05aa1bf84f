/** THE list of rule families. */

import { deviceLeadOff } from "./device-lead-off.ts";
import { devicePlacement } from "./device-placement.ts";
import { deviceTiming } from "./device-timing.ts";
import type { Family } from "./family.ts";
import { heartRate } from "./heart-rate.ts";
import { heartSources } from "./heart-sources.ts";
import { pulseRhythm } from "./pulse-rhythm.ts";
import { rhythmAsystole } from "./rhythm-asystole.ts";
import { rhythmPause } from "./rhythm-pause.ts";
import { rhythmRuns } from "./rhythm-runs.ts";
import { signalQuality } from "./signal-quality.ts";
import { unusualBeats } from "./unusual-beats.ts";
import { vitalLimits } from "./vital-limits.ts";

/** One line a family. Its keys name the states, so a key is never used again for something else; they are asked in this order. */
export const families: Readonly<Record<string, Family>> = {
  "device-lead-off": deviceLeadOff,
  "device-timing": deviceTiming,
  "signal-quality": signalQuality,
  "rhythm-runs": rhythmRuns,
  "rhythm-asystole": rhythmAsystole,
  "rhythm-pause": rhythmPause,
  "heart-rate": heartRate,
  "heart-sources": heartSources,
  "pulse-rhythm": pulseRhythm,
  "vital-limits": vitalLimits,
  "unusual-beats": unusualBeats,
  "device-placement": devicePlacement,
};
