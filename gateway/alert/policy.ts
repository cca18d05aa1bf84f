/** The figures of alerting (alerts.md §2, §4–6), in one place: proposals to be tuned with clinicians. */

import type { Priority } from "../../device-drivers/contract/event.ts";
import { rulesOf } from "../rules/described.ts";

const rules = rulesOf();

const minuteUs = 60_000_000;
const hourUs = 60 * minuteUs;

/** A condition that comes back within this time of its end is the same alert. */
export const retriggerUs = minuteUs;
/** Rules of which one alert an hour counts whatever follows. */
export const hourlyRules: ReadonlySet<string> = new Set([...rules].flatMap(([id, { isCountedHourly }]) => (isCountedHourly ? [id] : [])));
export const hourlyUs = hourUs;
export const expiryUs = 24 * hourUs;
/** Data older than this comes from a backlog: it raises no live alarm. */
export const lateUs = 10 * minuteUs;
/** A backlog is drained in much less; what it has not ended by then is going on. */
export const lateGraceUs = 30_000_000;
export const notificationsPerHour = 20;
export const keptDeliveries = 20;

/** One dead sensor is one alert: each of these says already why nothing usable comes from its device (alerts.md §3, inhibition). */
export const silenceCauses: ReadonlySet<string> = new Set([
  ...["device.cable", "device.decoding"],
  ...[...rules].flatMap(([id, { explainsSilence }]) => (explainsSilence ? [id] : [])),
]);

/** A call for help is over when a named person has taken it; nothing else can end it. */
export const endsWithAcknowledgement: ReadonlySet<string> = new Set(["manual.help"]);

/** Minutes after the first message at which a high alert speaks again; then every 5 min (§6). */
const highLadderMin = [2, 5, 10, 20];
const mediumRepeatMin = 30;

/** How many repeats are due `sinceUs` after the first message. */
export function stepsDue(priority: Priority, sinceUs: number): number {
  const minutes = sinceUs / minuteUs;
  if (priority === "medium") return Math.floor(minutes / mediumRepeatMin);
  if (priority !== "high") return 0;
  const last = highLadderMin[highLadderMin.length - 1] ?? 0;
  return highLadderMin.filter((atMin) => minutes >= atMin).length + Math.max(0, Math.floor((minutes - last) / 5));
}

/** Lengths a person may choose for an acknowledgement or a snooze. */
export const quietMinutes: Readonly<
  Record<"acknowledge" | "snooze", (priority: Priority) => { readonly choices: readonly number[]; readonly usual: number }>
> = {
  acknowledge: (priority) => ({ choices: priority === "high" ? [15, 30] : [15, 30, 60, 120], usual: 30 }),
  snooze: (priority) => ({ choices: priority === "high" ? [15, 30] : [15, 30, 60, 120, 240, 480, 720], usual: 15 }),
};

export function isWorse(rule: string, than: number | undefined, value: number | undefined): boolean {
  const step = rules.get(rule)?.worseBy;
  if (step === undefined || than === undefined || value === undefined) return false;
  return step > 0 ? value - than >= step : value - than <= step;
}

export function worstOf(rule: string, a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return (rules.get(rule)?.worseBy ?? 1) < 0 ? Math.min(a, b) : Math.max(a, b);
}

const rank: Readonly<Record<Priority, number>> = { info: 0, low: 1, medium: 2, high: 3 };

export function isHigher(a: Priority, b: Priority): boolean {
  return rank[a] > rank[b];
}

/** Low waits for the digest and info for nobody: only these go out by themselves. */
export function isTold(priority: Priority): boolean {
  return priority === "high" || priority === "medium";
}
