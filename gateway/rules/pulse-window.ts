/** The last minute of a pulse by light: whether enough of it is good to say that it has a rhythm, and which of its gaps are pauses. */

import { spread } from "../../models/signal/statistics.ts";
import { goodPulse } from "../facts/pulse.ts";

export interface SeenPulse {
  readonly timeUs: number;
  /** Since the pulse before; absent at a start and after a hole. */
  readonly ppMs: number | undefined;
  readonly isGood: boolean;
  /** Likeness to the wearer's last pulses, 0–1. */
  readonly quality: number;
}

export const pulseWindowUs = 60_000_000;
/** Share of the window that good intervals cover, and of its pulses that are good. */
const coverage = 0.75;
const goodShare = 0.9;
/** Pulses without a newer one are nobody's present. */
const freshUs = 6_000_000;

export function seenPulse({
  timeUs,
  ppMs,
  quality,
}: {
  readonly timeUs: number;
  readonly ppMs?: number;
  readonly quality: number;
}): SeenPulse {
  return { timeUs, ppMs, isGood: quality >= goodPulse, quality };
}

/** Intervals in ms between good pulses of the minute up to `nowUs`, as they came; undefined where too little of it is good. */
export function goodIntervals(pulses: readonly SeenPulse[], nowUs: number): number[] | undefined {
  const own = pulses.filter(({ timeUs }) => timeUs > nowUs - pulseWindowUs && timeUs <= nowUs);
  const isOfNow = nowUs - (own.at(-1)?.timeUs ?? Number.NEGATIVE_INFINITY) <= freshUs;
  if (!isOfNow || own.filter(({ isGood }) => isGood).length < goodShare * own.length) return undefined;
  const intervals = own.flatMap(({ isGood, ppMs }, at) => (isGood && own[at - 1]?.isGood !== false && ppMs !== undefined ? [ppMs] : []));
  const coveredMs = intervals.reduce((sum, each) => sum + each, 0);
  return coveredMs * 1000 >= coverage * pulseWindowUs ? intervals : undefined;
}

export function isFreshPulse(pulses: readonly SeenPulse[], nowUs: number): boolean {
  return nowUs - (pulses.at(-1)?.timeUs ?? Number.NEGATIVE_INFINITY) <= freshUs;
}

/** So many pulses on either side have to be known to tell a pause from strokes that were lost in a movement. */
export const pulsesAfterPause = 2;
const pulsesBefore = 4;
const steadyQuality = 0.9;
const steadySpread = 1.25;

/** The interval that ends at pulse `at`, in ms, where it is at least `pauseMs` long and lies between steady pulses; else undefined. */
export function pauseAt(pulses: readonly SeenPulse[], at: number, pauseMs: number): number | undefined {
  const ppMs = pulses[at]?.ppMs;
  if (ppMs === undefined || ppMs < pauseMs) return undefined;
  const before = pulses.slice(Math.max(0, at - pulsesBefore), at);
  const after = pulses.slice(at, at + 1 + pulsesAfterPause);
  const beside = [...before, ...after.slice(1)];
  const isWhole = before.length === pulsesBefore && after.length === 1 + pulsesAfterPause;
  const isSteady = [...before, ...after].every(({ quality }) => quality >= steadyQuality);
  const intervals = beside.flatMap((each) => each.ppMs ?? []);
  return isWhole && isSteady && intervals.length === beside.length && spread(intervals) <= steadySpread ? ppMs : undefined;
}
