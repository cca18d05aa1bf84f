/** The heart's own beats of a record with a pleth, where nobody has marked them (models/signal/pulse-reference.ts). */

import { readFile } from "node:fs/promises";
import { type PulseReference, pulseReference } from "../../models/signal/pulse-reference.ts";
import { parseHeader, type RecordHeader } from "../recordings/header.ts";
import { NO_VALUE } from "../recordings/signal-formats.ts";
import type { WfdbRecord } from "../recordings/wfdb.ts";
import type { DataRecord } from "./data-folder.ts";

/** Those with lead II and a pleth by their header; one whose header can't be read stays, to be named by who reads it. */
export async function withPulse(records: readonly DataRecord[]): Promise<DataRecord[]> {
  const isOne = await Promise.all(
    records.map(async ({ path, name }) => {
      try {
        const header = parseHeader(await readFile(`${path}.hea`, "latin1"), name);
        return hasPleth(header) && leadOf(header) >= 0;
      } catch {
        return true;
      }
    }),
  );
  return records.filter((_, i) => isOne[i]);
}

const hasPleth = ({ signals }: RecordHeader) => signals.some(({ name }) => /pleth|ppg/i.test(name));
const leadOf = ({ signals }: RecordHeader) => signals.findIndex(({ name }) => /^(ml)?ii$/i.test(name.replace(/,$/, "").trim()));

/** Undefined for a record without lead II or without a pleth. */
export function referenceOf({ header, signals }: WfdbRecord): PulseReference | undefined {
  const at = hasPleth(header) ? leadOf(header) : -1;
  const [spec, counts] = [header.signals[at], signals[at]];
  if (spec === undefined || counts === undefined) return undefined;
  const rateHz = header.rateHz * spec.samplesPerFrame;
  const mv = Float32Array.from(counts, (count) => (count === NO_VALUE ? Number.NaN : (count - spec.baseline) / spec.gain));
  return pulseReference(mv, rateHz);
}
