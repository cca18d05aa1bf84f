/**
 * Conditions of a past that a device brought late. Each becomes one closed record once it can't come back as the same one: it is in the history, and no open
 * alert is begun, counted, ended or told by it. Pure; its time is that of the signal.
 */

import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { ConditionBegin, RuleDecision } from "../rules/rule.ts";
import { type AlertChange, change } from "./change.ts";
import { again, isOver, newEntry } from "./lifecycle.ts";
import * as policy from "./policy.ts";

interface Episodes {
  /** The record of one that begins. */
  decide(decision: RuleDecision): AlertRecord | undefined;
  /** Those that are over for good at this time of the signal. */
  tick(timeUs: number, nowUs: number): AlertChange[];
  /** The past ends here: what still holds goes on in the present, under a record of its own. */
  end(timeUs: number, nowUs: number): AlertChange[];
  state(): AlertRecord[];
}

const reasons = { over: "It was over before its data came.", goesOn: "It still held where the live signal begins." };

/** `recordOf` makes the record that a live alert would have. */
export function createEpisodes(recordOf: (begin: ConditionBegin) => AlertRecord, saved: readonly AlertRecord[] = []): Episodes {
  const keyOf = ({ rule, device }: { rule: string; device: string }) => `${rule}/${device}`;
  const held = new Map<string, AlertRecord>(saved.map((alert) => [keyOf(alert), alert]));
  const over: AlertRecord[] = [];

  const begin = (decision: ConditionBegin) => {
    if (decision.inhibitedBy !== undefined) return undefined;
    const known = held.get(keyOf(decision));
    const isSame = known !== undefined && !isOver(newEntry(known, decision.timeUs), decision.timeUs);
    if (known !== undefined && !isSame) over.push(known);
    const priority = known !== undefined && policy.isHigher(known.priority, decision.priority) ? known.priority : decision.priority;
    const record = isSame ? { ...again(known, decision, decision.timeUs), priority } : recordOf(decision);
    held.set(keyOf(decision), record);
    return record;
  };

  const update = (decision: RuleDecision & { kind: "update" }) => {
    const known = held.get(keyOf(decision));
    if (known === undefined || known.endedUs !== undefined) return;
    const value = policy.worstOf(known.rule, known.value, decision.value);
    const priority =
      decision.priority !== undefined && policy.isHigher(decision.priority, known.priority) ? decision.priority : known.priority;
    held.set(keyOf(decision), { ...known, lastSeenUs: decision.timeUs, priority, ...(value === undefined ? {} : { value }) });
  };

  const close = (alerts: readonly AlertRecord[], timeUs: number, nowUs: number): AlertChange[] =>
    alerts.map((alert) => {
      const closeReason = alert.endedUs === undefined ? reasons.goesOn : reasons.over;
      const closed: AlertRecord = { ...alert, state: "closed", closeReason, endedUs: alert.endedUs ?? Math.max(timeUs, alert.onsetUs) };
      return change(newEntry(closed, nowUs), "closed", nowUs, { detail: { past: true } });
    });

  return {
    decide(decision) {
      if (decision.kind === "begin") return begin(decision);
      if (decision.kind === "update") update(decision);
      const known = decision.kind === "end" ? held.get(keyOf(decision)) : undefined;
      if (decision.kind !== "end" || known === undefined || known.endedUs !== undefined) return undefined;
      held.set(keyOf(decision), { ...known, endedUs: decision.endUs, lastSeenUs: Math.max(known.lastSeenUs, decision.endUs) });
      return undefined;
    },
    tick(timeUs, nowUs) {
      const done = over.splice(0);
      for (const [key, alert] of held) {
        if (alert.endedUs === undefined || !isOver(newEntry(alert, timeUs), timeUs)) continue;
        held.delete(key);
        done.push(alert);
      }
      return close(done, timeUs, nowUs);
    },
    end(timeUs, nowUs) {
      const done = [...over.splice(0), ...held.values()];
      held.clear();
      return close(done, timeUs, nowUs);
    },
    state: () => [...over, ...held.values()],
  };
}
