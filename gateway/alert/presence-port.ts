/** Where a person is, as people and programs of the home say it, and what of that is bounded. Types and figures only. */

import type { Actor } from "./verbs.ts";

export const presenceStates = ["home", "away", "paused"] as const;
export type PresenceState = (typeof presenceStates)[number];

const minuteS = 60;
const hourS = 60 * minuteS;
const dayS = 24 * hourS;

export const presenceLimits = {
  /** How long an absence may be, and how long it is where nobody says; seconds. A program's word holds for a day at most. */
  away: { most: 35 * dayS, mostOfPrograms: dayS, usual: 12 * hourS },
  /** At home without sensors: a shower, a charge (alerts.md §7). */
  paused: { most: hourS, mostOfPrograms: hourS, usual: hourS / 2 },
  /** Changes of one person's presence: so many at once, then one each so many microseconds. */
  changes: { depth: 20, everyUs: 30_000_000 },
} as const;

/** So long after the expected return the overdue alert speaks for the missing data as well; then each is watched for itself. */
export const overdueCoversS = hourS;

export interface Presence {
  readonly person: string;
  readonly state: PresenceState;
  /** Who said so; absent while nobody has said anything. */
  readonly by?: string;
  /** Gateway axis. */
  readonly sinceUs?: number;
  /** When the person is expected back, or to wear their sensors again; of an absence alone. */
  readonly untilUs?: number;
  /** Since when signal of the person has come again in the absence: from here on missing data is told as ever. */
  readonly seenAgainUs?: number;
  readonly isOverdue: boolean;
}

interface Saying {
  readonly state: PresenceState;
  /** Gateway axis; the usual time where nobody says. */
  readonly untilUs?: number;
}

export interface PresencePort {
  /** Throws `registry.unknown`. */
  of(person: string): Presence;
  /**
   * Holds from now on; answers when it is stored. `already` where it is so. While somebody is away or paused, silent sensors of theirs alarm nobody; what is
   * measured is judged as ever. Throws `presence.bad_until`, `presence.too_many_changes`, `registry.unknown`.
   */
  say(
    person: string,
    saying: Saying,
    by: Pick<Actor, "role" | "name">,
  ): Promise<{ readonly presence: Presence; readonly already: boolean }>;
}
