/** Conditions of the gateway itself: a part says "true" or "false", this file adds delay and escalation and decides begin and end. It measures nothing. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { AlertCause, Priority } from "../../device-drivers/contract/event.ts";
import type { RuleDecision } from "../rules/rule.ts";

interface TechnicalRule {
  readonly priority: Priority;
  /** How long it must be true before it is told. */
  readonly delayS: number;
  /** How long it must be false before it has ended. */
  readonly endS: number;
  readonly escalate?: { readonly afterS: number; readonly priority: Priority };
}

/** THE table (alerts.md §3): one line a condition. */
export const technicalRules = {
  "device.cable": { priority: "medium", delayS: 0, endS: 0 },
  // Its 5 s are counted in arriving bytes (reception.ts).
  "device.decoding": { priority: "medium", delayS: 0, endS: 0 },
  // Its five minutes are counted in beats (personal/wrong-person.ts); the delay bridges a change of the wearer.
  "device.wrong-person": { priority: "low", delayS: 10, endS: 0 },
  "device.identity": { priority: "medium", delayS: 0, endS: 60 },
  "device.too-much": { priority: "low", delayS: 0, endS: 0 },
  "analysis.off": { priority: "medium", delayS: 60, endS: 0 },
  "uplink.down": { priority: "low", delayS: 900, endS: 0, escalate: { afterS: 1800, priority: "medium" } },
  "storage.reserve": { priority: "low", delayS: 0, endS: 10 },
  "storage.dropped-early": { priority: "low", delayS: 0, endS: 0 },
  "storage.disk-full": { priority: "medium", delayS: 0, endS: 10 },
  "storage.not-stored": { priority: "medium", delayS: 0, endS: 0 },
  "storage.damaged": { priority: "low", delayS: 0, endS: 0 },
  "record.lost": { priority: "medium", delayS: 0, endS: 0 },
  // One of the three at a time: each nearer one is told anew (R58).
  "certificate.30-days": { priority: "low", delayS: 0, endS: 0 },
  "certificate.14-days": { priority: "low", delayS: 0, endS: 0 },
  "certificate.3-days": { priority: "medium", delayS: 0, endS: 0 },
  "gateway.clock": { priority: "low", delayS: 0, endS: 0 },
  "gateway.lag": { priority: "low", delayS: 60, endS: 0 },
  // At the time that was told for the return (presence.ts).
  "presence.overdue": { priority: "medium", delayS: 0, endS: 0 },
  "delivery.failed": { priority: "high", delayS: 0, endS: 0 },
} as const satisfies Readonly<Record<string, TechnicalRule>>;

export type TechnicalRuleId = keyof typeof technicalRules;

export interface Technical {
  /** `device` is "gateway" for the gateway itself. Saying the same again changes nothing. `priority` overrides the table's; `cause` goes into the alert. */
  set(
    rule: TechnicalRuleId,
    isTrue: boolean,
    of: { readonly person: string; readonly device: string; readonly priority?: Priority; readonly cause?: AlertCause },
  ): void;
  /** The device is no longer this person's: what is true of it ends for everyone else. */
  leave(rule: TechnicalRuleId, of: { readonly person: string; readonly device: string }): void;
  /** An alert of the last run is still open: it ends when its part says false. A rule that is not in the table is left alone. */
  adopt(rule: string, of: { readonly person: string; readonly device: string }): void;
  close(): void;
}

interface TechnicalOptions {
  readonly clock: Clock;
  readonly axisUs: () => number;
  readonly decide: (person: string, decision: RuleDecision) => void;
}

interface Condition {
  readonly rule: TechnicalRuleId;
  readonly person: string;
  readonly device: string;
  isTrue: boolean;
  /** Gateway axis: since when it has been as it is. */
  sinceUs: number;
  told: boolean;
  cancel: (() => void)[];
}

export function createTechnical({ clock, axisUs, decide }: TechnicalOptions): Technical {
  const conditionByKey = new Map<string, Condition>();

  const conditionOf = (rule: TechnicalRuleId, { person, device }: { person: string; device: string }): Condition => {
    const key = `${person}/${rule}/${device}`;
    const condition = conditionByKey.get(key) ?? { rule, person, device, isTrue: false, sinceUs: axisUs(), told: false, cancel: [] };
    conditionByKey.set(key, condition);
    return condition;
  };

  const after = (condition: Condition, delayS: number, fn: () => void) => {
    if (delayS === 0) fn();
    else condition.cancel.push(clock.after(delayS * 1000, fn));
  };

  const begin = (condition: Condition, priority: Priority, cause: AlertCause | undefined) => {
    if (condition.told) return;
    condition.told = true;
    const { rule, person, device, sinceUs: onsetUs } = condition;
    decide(person, {
      kind: "begin",
      rule,
      device,
      stream: "",
      priority,
      alertKind: "technical",
      onsetUs,
      timeUs: axisUs(),
      quality: "unknown",
      ...(cause === undefined ? {} : { cause }),
    });
  };

  const end = (condition: Condition) => {
    if (!condition.told) return;
    condition.told = false;
    const { rule, person, device, sinceUs: endUs } = condition;
    decide(person, { kind: "end", rule, device, endUs, timeUs: axisUs() });
  };

  const set: Technical["set"] = (rule, isTrue, of) => {
    const condition = conditionOf(rule, of);
    if (condition.isTrue === isTrue) return;
    const table: TechnicalRule = technicalRules[rule];
    for (const cancel of condition.cancel.splice(0)) cancel();
    condition.isTrue = isTrue;
    condition.sinceUs = axisUs();
    if (!isTrue) return after(condition, table.endS, () => end(condition));
    after(condition, table.delayS, () => begin(condition, of.priority ?? table.priority, of.cause));
    const { escalate } = table;
    if (escalate === undefined) return;
    const raise = () =>
      decide(condition.person, { kind: "update", rule, device: condition.device, timeUs: axisUs(), priority: escalate.priority });
    after(condition, escalate.afterS, raise);
  };

  return {
    set,
    leave(rule, { person, device }) {
      for (const condition of [...conditionByKey.values()])
        if (condition.rule === rule && condition.device === device && condition.person !== person) set(rule, false, condition);
    },
    adopt(rule, of) {
      if (isTechnical(rule)) Object.assign(conditionOf(rule, of), { isTrue: true, told: true });
    },
    close() {
      for (const condition of conditionByKey.values()) for (const cancel of condition.cancel.splice(0)) cancel();
    },
  };
}

/** Of the gateway's own conditions: no rule over signal decides it. */
export function isTechnical(rule: string): rule is TechnicalRuleId {
  return rule in technicalRules;
}
