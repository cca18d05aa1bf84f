/** Which of an alert's records is the newest, the same in whatever order their frames come. */

import type { AlertRecord } from "../../../device-drivers/contract/event.ts";

const stateRank: readonly AlertRecord["state"][] = ["active", "notified", "acknowledged", "rejected", "resolved", "closed", "expired"];

/** The alert as one epoch has it: of its frames the one with the highest number. */
export interface EpochAlert {
  readonly e: Uint8Array;
  readonly t: number;
  readonly record: string;
}

/** Over epochs the time tells, at one time the state that is further on, and then any order that is always the same. */
export function newestOf(epochs: readonly EpochAlert[]): EpochAlert {
  return epochs.reduce((newest, other) => (isNewer(other, newest) ? other : newest));
}

function isNewer(next: EpochAlert, known: EpochAlert): boolean {
  if (next.t !== known.t) return next.t > known.t;
  const [nextRank, knownRank] = [rankOf(next), rankOf(known)];
  return nextRank === knownRank ? Buffer.compare(next.e, known.e) > 0 : nextRank > knownRank;
}

function rankOf({ record }: EpochAlert): number {
  return stateRank.indexOf((JSON.parse(record) as AlertRecord).state);
}
