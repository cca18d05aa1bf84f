/**
 * Whether the house's own detector finds the beats of a signal in what a reader makes of its code. It goes through one window after another as the reader's
 * would, so that what it has learnt of the heart is what the reader's has. Pure; what it has seen is a state.
 */

import { createQrsDetector, type QrsState } from "../../models/signal/qrs.ts";
import { noValue } from "./strip-codec.ts";

/** A beat is the same one if it is found so near. */
const sameUs = 50_000;
/** The newest beats are judged with the next window: the detector is certain of them that much later at most. */
const certainUs = 1_500_000;
/** A detector that begins knows the heart after so long. */
const learntUs = 3_000_000;
/** Windows that lie further apart are two signals. */
const apartUs = 20_000;

/** Structured-cloneable. */
export interface Followed {
  readonly endUs: number;
  readonly detector: QrsState;
  /** Sample 0 of the detector. */
  readonly originUs: number;
  /** Beats that are not judged yet. */
  readonly known: readonly number[];
  readonly found: readonly number[];
}

interface DecodedWindow {
  readonly startUs: number;
  readonly rateHz: number;
  /** Of a count. */
  readonly toMv: (count: number) => number;
  /** Times of the beats that the house has found in the signal itself. */
  readonly peaksUs: readonly number[];
}

/** @returns times of beats that are in one of the two alone, in rising order, and what the next window goes on from */
export function followBeats(
  before: Followed | undefined,
  { startUs, rateHz, toMv, peaksUs }: DecodedWindow,
  samples: Int32Array,
): { readonly otherUs: readonly number[]; readonly after: Followed } {
  const goesOn = before !== undefined && before.detector.rateHz === rateHz && Math.abs(before.endUs - startUs) <= apartUs;
  const detector = createQrsDetector({ rateHz, ...(goesOn ? { state: before.detector } : {}) });
  const originUs = goesOn ? before.originUs + (startUs - before.endUs) : startUs;
  const mv = Float32Array.from(samples, (sample) => (sample === noValue ? Number.NaN : toMv(sample)));
  const found = detector.push(mv).map(({ index }) => originUs + Math.round((index * 1e6) / rateHz));
  const endUs = startUs + Math.round((samples.length * 1e6) / rateHz);
  const own = peaksUs.filter((timeUs) => timeUs >= startUs && timeUs < endUs);
  const all = { known: [...(goesOn ? before.known : []), ...own], found: [...(goesOn ? before.found : []), ...found] };
  const [fromUs, judgedUs] = [goesOn ? Number.NEGATIVE_INFINITY : startUs + learntUs, endUs - certainUs];
  const otherUs = [...alone(all.known, all.found), ...alone(all.found, all.known)].filter(
    (timeUs) => timeUs >= fromUs && timeUs < judgedUs,
  );
  const late = (timeUs: number) => timeUs >= judgedUs - sameUs;
  return {
    otherUs: otherUs.sort((a, b) => a - b),
    after: { endUs, detector: detector.state(), originUs, known: all.known.filter(late), found: all.found.filter(late) },
  };
}

function alone(timesUs: readonly number[], others: readonly number[]): number[] {
  return timesUs.filter((timeUs) => !others.some((other) => Math.abs(other - timeUs) <= sameUs));
}
