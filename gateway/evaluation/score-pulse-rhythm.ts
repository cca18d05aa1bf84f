/**
 * Whether a pulse by light is judged as the ECG beside it: minutes in which both are good, every 10 s, by the very rule that the gateway goes by (models.md
 * §1.10). There are no rhythm labels where both were recorded, so the ECG's decision, from beats of the same pipeline, is the reference.
 */

import { isIrregular } from "../../models/signal/irregularity.ts";
import { goodIntervals, pauseAt, pulseWindowUs, seenPulse } from "../rules/pulse-window.ts";
import { percentOf } from "./score-qrs.ts";

interface RecordedRhythm {
  readonly pulses: readonly { readonly timeUs: number; readonly ppMs?: number; readonly quality: number }[];
  /** Beats of the ECG. */
  readonly qrs: readonly { readonly timeUs: number; readonly rrMs?: number }[];
  /** Ends of the seconds in which the ECG was not good. */
  readonly poorUs: readonly number[];
  readonly fromUs: number;
  readonly toUs: number;
}

export interface RhythmCounts {
  /** Minutes that the ECG calls irregular, and those of them that the pulse does too; then those that it does not. */
  readonly irregular: number;
  readonly irregularAgreed: number;
  readonly regular: number;
  readonly regularAgreed: number;
  /** Minutes in which both say the same of all three: irregular, a pause of 3 s, faster than 150. */
  readonly allAgreed: number;
}

const everyUs = 10_000_000;
const pauseMs = 3000;
const fastBpm = 150;

interface Decision {
  readonly isIrregular: boolean;
  readonly hasPause: boolean;
  readonly isFast: boolean;
}

function decide(intervals: readonly number[], hasPause: boolean): Decision | undefined {
  const irregular = isIrregular(intervals);
  if (irregular === undefined) return undefined;
  const meanMs = intervals.reduce((sum, each) => sum + each, 0) / intervals.length;
  return { isIrregular: irregular, hasPause, isFast: 60_000 / meanMs > fastBpm };
}

export function scorePulseRhythm({ pulses, qrs, poorUs, fromUs, toUs }: RecordedRhythm): RhythmCounts {
  const seen = pulses.map(seenPulse);
  const counts = { irregular: 0, irregularAgreed: 0, regular: 0, regularAgreed: 0, allAgreed: 0 };
  for (let endUs = fromUs + pulseWindowUs; endUs <= toUs; endUs += everyUs) {
    const startUs = endUs - pulseWindowUs;
    if (poorUs.some((each) => each > startUs && each <= endUs)) continue;
    const beats = qrs.flatMap(({ timeUs, rrMs }) =>
      timeUs <= endUs && rrMs !== undefined && timeUs - rrMs * 1000 >= startUs ? [rrMs] : [],
    );
    const ecg = decide(
      beats,
      beats.some((each) => each >= pauseMs),
    );
    const isPause = (timeUs: number, at: number) => timeUs > startUs && timeUs <= endUs && pauseAt(seen, at, pauseMs) !== undefined;
    const pulse = decide(
      goodIntervals(seen, endUs) ?? [],
      seen.some(({ timeUs }, at) => isPause(timeUs, at)),
    );
    if (ecg === undefined || pulse === undefined) continue;
    const isSame = ecg.isIrregular === pulse.isIrregular;
    counts[ecg.isIrregular ? "irregular" : "regular"]++;
    if (isSame) counts[ecg.isIrregular ? "irregularAgreed" : "regularAgreed"]++;
    if (isSame && ecg.hasPause === pulse.hasPause && ecg.isFast === pulse.isFast) counts.allAgreed++;
  }
  return counts;
}

/** Percent; null where there is no such minute. */
export function pulseRhythmFigures(records: readonly RhythmCounts[]): Readonly<Record<string, number | null>> {
  const sum = (key: keyof RhythmCounts) => records.reduce((total, each) => total + each[key], 0);
  const [irregular, regular] = [sum("irregular"), sum("regular")];
  return {
    af_agree_pct: percentOf(sum("irregularAgreed"), irregular),
    nonaf_agree_pct: percentOf(sum("regularAgreed"), regular),
    af_windows: irregular,
    rhythm_windows: irregular + regular,
    rhythm_agree_pct: percentOf(sum("allAgreed"), irregular + regular),
  };
}
