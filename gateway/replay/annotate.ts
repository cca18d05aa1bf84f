/** Events as MIT annotations, at the record's own rate, sorted as the format wants them. */

import type { PersonEvent } from "../../device-drivers/contract/event.ts";
import { type Annotation, annotation } from "../recordings/annotations.ts";

interface AnnotateOptions {
  readonly rateHz: number;
  readonly baseUs: number;
  /** First sample, and one past the last; what lies outside is left out. */
  readonly from: number;
  readonly samples: number;
}

/** Quality is judged by the second and told at its end. */
const judgedUs = 1_000_000;

export function annotate(events: readonly PersonEvent[], { rateHz, baseUs, from, samples }: AnnotateOptions): Annotation[] {
  const out: Annotation[] = [];
  for (const event of events) {
    if (event.kind !== "beat" && event.kind !== "rhythm") continue;
    const isQuality = event.kind === "rhythm" && event.label.startsWith("~");
    const told = Math.round(((event.timeUs - baseUs) * rateHz) / 1e6);
    const sample = isQuality ? Math.round(told - (judgedUs * rateHz) / 1e6) : told;
    // A second that the recording's end cuts is not judged.
    if (sample < from || told > samples || sample >= samples) continue;
    if (event.kind === "beat") out.push(annotation(sample, event.label));
    else if (isQuality) out.push(annotation(sample, "~", { subtype: event.label === "~noise" ? 1 : 0 }));
    else if (event.label === "[" || event.label === "]") out.push(annotation(sample, event.label));
    else out.push(annotation(sample, "+", { aux: event.label }));
  }
  return out.sort((a, b) => a.sample - b.sample);
}
