/** The heart's own beats of a record with a pleth, where nobody has marked them (models/signal/pulse-reference.ts). */

import { type PulseReference, pulseReference } from "../../models/signal/pulse-reference.ts";
import { NO_VALUE } from "../recordings/signal-formats.ts";
import type { WfdbRecord } from "../recordings/wfdb.ts";

/** Undefined for a record without lead II or without a pleth. */
export function referenceOf({ header, signals }: WfdbRecord): PulseReference | undefined {
  if (!header.signals.some(({ name }) => /pleth|ppg/i.test(name))) return undefined;
  const at = header.signals.findIndex(({ name }) => /^(ml)?ii$/i.test(name.replace(/,$/, "").trim()));
  const [spec, counts] = [header.signals[at], signals[at]];
  if (spec === undefined || counts === undefined) return undefined;
  const rateHz = header.rateHz * spec.samplesPerFrame;
  const mv = Float32Array.from(counts, (count) => (count === NO_VALUE ? Number.NaN : (count - spec.baseline) / spec.gain));
  return pulseReference(mv, rateHz);
}
