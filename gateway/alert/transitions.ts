/** What a rule's decision makes of an alert that is held: told anew, worse, higher, over. */

import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { ConditionBegin, RuleDecision } from "../rules/rule.ts";
import { type AlertChange, change, type Entry } from "./change.ts";
import { again } from "./lifecycle.ts";
import * as policy from "./policy.ts";
import { speakAgain } from "./verbs.ts";

/** The steps of telling begin anew, and with them the time to expiry. */
export function restartLadder(entry: Entry, nowUs: number): void {
  Object.assign(entry, { ladderUs: nowUs, waitedUs: nowUs, steps: 0 });
  entry.rejectedBy = [];
}

/** `mayTell` counts: asked once for each message. */
export function createTransitions(mayTell: (entry: Entry, nowUs: number) => boolean) {
  /**
   * Back within the time in which it counts as the same: counted, not told again; a running acknowledgement goes on.
   * One of which nobody was told because it came with a backlog is told as soon as it is true now, and one that had expired is told anew.
   */
  const retrigger = (entry: Entry, begin: ConditionBegin, nowUs: number): AlertChange[] => {
    const { priority } = entry.alert;
    const isExpired = entry.alert.state === "expired";
    const isNews = (entry.isLate || isExpired) && nowUs - begin.timeUs <= policy.lateUs;
    entry.alert = again(entry.alert, begin, nowUs);
    if (isExpired) Object.assign(entry, { patientPressed: false, isLate: true });
    if (isExpired || isNews) restartLadder(entry, nowUs);
    if (isNews) entry.isLate = false;
    const isHigher = policy.isHigher(begin.priority, priority);
    const changes = [change(entry, "retriggered", nowUs, { notify: isNews && !isHigher && mayTell(entry, nowUs) })];
    return isHigher ? [...changes, ...escalate(entry, begin.priority, nowUs)] : changes;
  };

  const escalate = (entry: Entry, priority: AlertRecord["priority"], nowUs: number): AlertChange[] => {
    entry.alert = { ...speakAgain(entry.alert, "higher"), priority, state: "active", snoozes: [] };
    restartLadder(entry, nowUs);
    return [change(entry, "escalated", nowUs, { notify: mayTell(entry, nowUs) })];
  };

  const update = (entry: Entry, decision: RuleDecision & { kind: "update" }, nowUs: number): AlertChange[] => {
    const { alert } = entry;
    const { said } = decision;
    const value = said === undefined ? policy.worstOf(alert.rule, alert.value, decision.value) : decision.value;
    const news = { ...(value === undefined ? {} : { value }), ...(said === undefined ? {} : { said }) };
    entry.alert = { ...alert, lastSeenUs: decision.timeUs, ...news };
    if (decision.priority !== undefined && policy.isHigher(decision.priority, alert.priority))
      return escalate(entry, decision.priority, nowUs);
    const breaksQuiet = alert.state === "acknowledged" && policy.isWorse(alert.rule, entry.acknowledgedValue, value);
    if (breaksQuiet) {
      entry.alert = { ...speakAgain(entry.alert, "worse"), state: "active", snoozes: [] };
      restartLadder(entry, nowUs);
    }
    if (said !== undefined) return [change(entry, "updated", nowUs, { by: said.by })];
    return [change(entry, "worse", nowUs, { notify: breaksQuiet && mayTell(entry, nowUs) })];
  };

  const end = (entry: Entry, decision: RuleDecision & { kind: "end" }, nowUs: number): AlertChange[] => {
    const { alert } = entry;
    const isLatched = alert.priority === "high" && alert.acknowledgedBy === undefined;
    const lastSeenUs = Math.max(alert.lastSeenUs, decision.endUs);
    entry.alert = { ...alert, endedUs: decision.endUs, lastSeenUs, state: isLatched ? alert.state : "resolved" };
    const notify = !isLatched && alert.deliveries.length > 0 && policy.isTold(alert.priority);
    return [change(entry, "ended", nowUs, { notify, ...(decision.by === undefined ? {} : { by: decision.by }) })];
  };

  /** It has lost its object, or what it was about is explained. */
  const close = (entry: Entry, reason: string, nowUs: number): AlertChange[] => {
    const { alert } = entry;
    if (alert.state === "closed") return [];
    entry.alert = { ...alert, state: "closed", closeReason: reason, endedUs: alert.endedUs ?? nowUs };
    const notify = alert.endedUs === undefined && alert.deliveries.length > 0 && policy.isTold(alert.priority);
    return [change(entry, "closed", nowUs, { notify, detail: { reason } })];
  };

  return { retrigger, update, end, close };
}
