/** What the alert core says: a record as it is now, why it changed, whether somebody is to be told, and the row for the audit. Data only. */

import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { AuditRow } from "../store/store-port.ts";

export type Why =
  | "raised"
  | "retriggered"
  | "worse"
  | "updated"
  | "escalated"
  | "ended"
  | "closed"
  | "delivered"
  | "acknowledged"
  | "patient-pressed"
  | "snoozed"
  | "rejected"
  | "speaks-again"
  | "repeated"
  | "expired"
  | "still-open-after-restart";

export interface AlertChange {
  readonly alert: AlertRecord;
  readonly why: Why;
  /** A person is to get a message about it. */
  readonly notify: boolean;
  readonly audit: AuditRow;
}

/** One alert as the core holds it: the record, and what only lives with the process. */
export interface Entry {
  alert: AlertRecord;
  /** Start of the present ladder and how many of its steps have been told. */
  ladderUs: number;
  steps: number;
  /** Since when an answer is waited for; without one it expires. */
  waitedUs: number;
  /** Value when it was acknowledged: only clearly worse breaks the quiet. */
  acknowledgedValue: number | undefined;
  /** The patient has pressed on a high alert; the ladder goes on. */
  patientPressed: boolean;
  /** Who has said "I cannot" since somebody last took it or it grew worse: a second press of the same person tells nobody again. */
  rejectedBy: readonly string[];
  /** From data older than a live alarm: shown, never told. */
  isLate: boolean;
}

export function change(
  entry: Entry,
  why: Why,
  atUs: number,
  more: { notify?: boolean; by?: string; detail?: Record<string, unknown> } = {},
): AlertChange {
  const { alert } = entry;
  const detail = {
    person: alert.person,
    rule: alert.rule,
    device: alert.device,
    priority: alert.priority,
    state: alert.state,
    count: alert.count,
    ...more.detail,
  };
  return {
    alert,
    why,
    notify: more.notify ?? false,
    audit: { atUs, what: `alert.${why}`, by: more.by ?? "gateway", subject: alert.id, detail },
  };
}

export function keyOf(of: { readonly person: string; readonly rule: string; readonly device: string }): string {
  return `${of.person}/${of.rule}/${of.device}`;
}
