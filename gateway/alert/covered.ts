/** What a planned absence covers: that a sensor is silent or off the skin raises nothing while its wearer is away, and is told at the end if it is still so. Pure. */

import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { ConditionBegin, RuleDecision } from "../rules/rule.ts";
import { keyOf } from "./change.ts";
import { isHigher, silenceCauses } from "./policy.ts";

interface Covered {
  /** True where the decision is kept back. What is open already goes its own way. */
  takes(person: string, decision: RuleDecision, isOpen: (of: { readonly rule: string; readonly device: string }) => boolean): boolean;
  /** It was told, and is true: it waits from now on. */
  keep(person: string, begin: ConditionBegin): void;
  /** What has waited for the end of the person's absence and is still true. */
  release(person: string): ConditionBegin[];
}

/** Of `data.missing` its own watch knows. */
export function createCovered(): Covered {
  const waiting = new Map<string, { readonly person: string; readonly begin: ConditionBegin }>();
  return {
    takes(person, decision, isOpen) {
      if (decision.kind !== "begin" && decision.kind !== "update" && decision.kind !== "end") return false;
      if (!silenceCauses.has(decision.rule)) return false;
      const key = keyOf({ person, ...decision });
      if (decision.kind === "begin" && !isOpen(decision)) waiting.set(key, { person, begin: decision });
      const before = waiting.get(key)?.begin;
      if (before === undefined) return false;
      if (decision.kind === "end") waiting.delete(key);
      if (decision.kind === "update" && decision.priority !== undefined && isHigher(decision.priority, before.priority))
        waiting.set(key, { person, begin: { ...before, priority: decision.priority } });
      return true;
    },
    keep(person, begin) {
      if (silenceCauses.has(begin.rule)) waiting.set(keyOf({ person, ...begin }), { person, begin });
    },
    release(person) {
      const own = [...waiting].filter(([, each]) => each.person === person);
      for (const [key] of own) waiting.delete(key);
      return own.map(([, { begin }]) => begin);
    },
  };
}

/** Alerts that an absence explains. */
export function isCoverable({ rule, endedUs }: AlertRecord): boolean {
  return endedUs === undefined && (rule === "data.missing" || silenceCauses.has(rule));
}

/** The condition as it would begin again. */
export function beginOf({ rule, device, priority, kind, about, onsetUs, quality, value, unit, limit, cause }: AlertRecord): ConditionBegin {
  return {
    ...{ kind: "begin", rule, device, stream: about?.stream ?? "", priority, alertKind: kind, onsetUs, timeUs: onsetUs },
    quality: quality === "good" || quality === "poor" || quality === "bad" ? quality : "unknown",
    ...(about?.channel === undefined ? {} : { channel: about.channel }),
    ...(value === undefined ? {} : { value }),
    ...(unit === undefined ? {} : { unit }),
    ...(limit === undefined ? {} : { limit }),
    ...(cause === undefined ? {} : { cause }),
  };
}
