/** Vital signs that a device gives as numbers. */

import type { Analyser } from "../analyser.ts";
import { numericVitals } from "./numeric-vital.ts";
import { createVitalStream } from "./vital-stream.ts";

export const vital: Analyser = {
  name: "vital",
  version: 1,
  wants(descriptor) {
    const vitals = numericVitals(descriptor);
    return vitals.length === 0 ? undefined : vitals.map(({ channel }) => channel);
  },
  create({ descriptor, judges }, saved) {
    // In a snapshot of an older version this is the state of a sign-of-life stage, which is of no use here.
    const isOwn = typeof saved === "object" && saved !== null && "window" in saved;
    return createVitalStream({ descriptor, vitals: numericVitals(descriptor), judges }, isOwn ? saved : undefined);
  },
};
