/** The shape of a longer time of a person, minute by minute. What was not told is a hole, never a line across it. Pure. */

import type { MinuteAtTwin } from "./wire.ts";

export interface RateMinute {
  /** Minutes since the span's begin. */
  readonly at: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

/** [from, to) in minutes since the span's begin. */
export interface Stretch {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

/** Runs of minutes that follow each other. What the home derived of all sensors goes before what one of them says. */
export function rateRuns(minutes: readonly MinuteAtTwin[], fromUs: number): RateMinute[][] {
  const byMinute = new Map<number, MinuteAtTwin>();
  for (const minute of minutes) {
    const at = Math.round((minute.timeUs - fromUs) / 60e6);
    if (minute.mean !== undefined && (minute.device === "" || byMinute.get(at)?.device !== "")) byMinute.set(at, minute);
  }
  const runs: RateMinute[][] = [];
  for (const [at, { mean = 0, least = mean, most = mean }] of [...byMinute].sort(([a], [b]) => a - b)) {
    const last = runs.at(-1);
    const minute = { at, mean, least, most };
    if (last !== undefined && last.at(-1)?.at === at - 1) last.push(minute);
    else runs.push([minute]);
  }
  return runs;
}

/**
 * Which rhythm each minute had that has a heart rate: a rhythm is told when it changes, and says nothing of time in which nobody listened.
 *
 * @param changes in order of their times, from before the span on where there are such
 */
export function rhythmStretches(
  changes: readonly { readonly timeUs: number; readonly label: string }[],
  runs: readonly (readonly RateMinute[])[],
  fromUs: number,
): Stretch[] {
  const told = changes.filter(({ label }) => label.startsWith("("));
  const stretches: Stretch[] = [];
  for (const { at } of runs.flat()) {
    // The one that stood at the minute's end: a minute in which it changed is the new one's.
    const label = told.findLast(({ timeUs }) => timeUs < fromUs + (at + 1) * 60e6)?.label;
    if (label === undefined) continue;
    const last = stretches.at(-1);
    if (last !== undefined && last.label === label && last.to === at) stretches[stretches.length - 1] = { ...last, to: at + 1 };
    else stretches.push({ label, from: at, to: at + 1 });
  }
  return stretches;
}

/** How much of a part's time a heartbeat was watched, 0 to 1: the longest that any rule of the rhythm or the rate watched in it. */
export function watchedShare(watchedS: Readonly<Record<string, number>>, lengthS: number): number {
  const seconds = Object.entries(watchedS).flatMap(([rule, s]) => (/^(rhythm|hr|pulse)\./.test(rule) ? [s] : []));
  return lengthS <= 0 ? 0 : Math.min(1, Math.max(0, ...seconds) / lengthS);
}
