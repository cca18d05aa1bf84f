/**
 * Alerts that are over while the quiet time of their acknowledgement still runs. An acknowledgement is for one course of a condition: what begins anew is told,
 * and says why it speaks although somebody was promised quiet.
 */

import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { keyOf } from "./change.ts";

interface Quieted {
  remember(alert: AlertRecord, nowUs: number): void;
  /** What the record of a new alert of this key says of the one before. */
  spokeAgain(key: string, nowUs: number): Pick<AlertRecord, "spokeAgain">;
}

export function createQuieted(): Quieted {
  const byKey = new Map<string, AlertRecord>();
  const isQuiet = ({ acknowledgedUntilUs = 0 }: AlertRecord, nowUs: number) => acknowledgedUntilUs > nowUs;
  return {
    remember(alert, nowUs) {
      for (const [key, old] of byKey) if (!isQuiet(old, nowUs)) byKey.delete(key);
      if (isQuiet(alert, nowUs)) byKey.set(keyOf(alert), alert);
    },
    spokeAgain(key, nowUs) {
      const before = byKey.get(key);
      if (before?.acknowledgedBy === undefined || !isQuiet(before, nowUs)) return {};
      const { acknowledgedBy, acknowledgedAtUs = before.raisedUs, endedUs } = before;
      return { spokeAgain: { why: "new", acknowledgedBy, acknowledgedAtUs, ...(endedUs === undefined ? {} : { endedUs }) } };
    },
  };
}
