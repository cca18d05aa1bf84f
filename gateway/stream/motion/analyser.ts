/** Signs of life, and whether there is signal at all where nobody else can say. */

import type { Analyser } from "../analyser.ts";
import { numericVitals } from "../vital/numeric-vital.ts";
import { createLifeStream } from "./life-stream.ts";

export const life: Analyser = {
  name: "life",
  version: 1,
  // A movement of the strap itself would speak for a heart that its own ECG does not show: `rhythm.asystole` would be decided otherwise.
  notBeside: ["ecg"],
  wants(descriptor) {
    const signals = descriptor.channels.filter(({ kind }) => kind === "ppg" || kind === "acc");
    if (signals.length > 0) return signals;
    return numericVitals(descriptor).length > 0 ? undefined : descriptor.channels;
  },
  create: ({ descriptor }, saved) => createLifeStream(descriptor, saved),
};
