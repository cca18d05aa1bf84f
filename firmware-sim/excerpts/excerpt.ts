/** The committed excerpts of real recordings that virtual wearables play. Read-only; each carries its licence in the NOTICE beside it. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readRecord } from "../../gateway/recordings/wfdb.ts";
import { noValue } from "../signal/signal-source.ts";

export type ExcerptName = "mitdb-205" | "mitdb-230" | "bidmc-23";

export interface ExcerptChannel {
  /** As the recording names it; for an ECG also its lead. */
  readonly lead: string;
  /** ADC counts; −32768 = no value. */
  readonly samples: Int16Array;
  /** physical = count · scale + offset, in `unit`. */
  readonly scale: number;
  readonly offset: number;
  readonly unit: string;
}

export interface Excerpt {
  readonly name: ExcerptName;
  readonly rateHz: number;
  readonly channels: readonly ExcerptChannel[];
  /** One line that says where it is from, for a page. */
  readonly origin: string;
  /** Data set, record, range, licence, citation, changes. */
  readonly notice: string;
}

const originByName: Readonly<Record<ExcerptName, string>> = {
  "mitdb-205": "MIT-BIH Arrhythmia Database, record 205, lead MLII, 281.7–320.2 s, played in a loop (ODC-By 1.0)",
  "mitdb-230": "MIT-BIH Arrhythmia Database, record 230, lead MLII, 1347.2–1423.2 s, played in a loop (ODC-By 1.0)",
  "bidmc-23": "BIDMC PPG and Respiration Dataset, record bidmc23, II and PLETH, 376.3–436.1 s, played in a loop (ODC-By 1.0)",
};

/** Path of an excerpt's WFDB record, without extension. */
export function excerptPath(name: ExcerptName): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url));
}

export async function loadExcerpt(name: ExcerptName): Promise<Excerpt> {
  const path = excerptPath(name);
  const [{ header, signals }, notice] = await Promise.all([readRecord(path), readFile(`${path}.NOTICE`, "utf8")]);
  const channels = header.signals.map(
    (spec, at): ExcerptChannel => ({
      lead: spec.name,
      samples: Int16Array.from(signals[at] ?? [], (value) => (value < -32767 || value > 32767 ? noValue : value)),
      scale: 1 / spec.gain,
      offset: -spec.baseline / spec.gain,
      unit: spec.unit,
    }),
  );
  return { name, rateHz: header.rateHz, channels, origin: originByName[name], notice };
}
