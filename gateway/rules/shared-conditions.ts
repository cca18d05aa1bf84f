/**
 * One condition that two families read from different sensors (a heart rate from beats or pulses, and the device's own number): it is one a person, begins with
 * the first of them and ends with the last, under the device that it was told of.
 */

import type { RuleDecision } from "./rule.ts";

interface SharedConditions {
  /** What of a family's decisions is news to those who know of the others'. */
  pass(family: string, decisions: readonly RuleDecision[]): RuleDecision[];
  state(): SharedState;
}

interface Shared {
  /** Devices for which a family holds it true. */
  held: { readonly family: string; readonly device: string }[];
  /** Devices under which it was told. */
  told: string[];
}

/** By rule. In states of earlier versions: by rule and device, the families that hold it true. */
export type SharedState = readonly (readonly [key: string, shared: Shared | readonly string[]])[];

/** @param rules those that more than one family may raise; all others pass as they are. */
export function createSharedConditions(rules: ReadonlySet<string>, saved: SharedState = []): SharedConditions {
  const byRule = restored(saved);

  const begin = (family: string, decision: RuleDecision & { kind: "begin" }): RuleDecision[] => {
    const shared = byRule.get(decision.rule) ?? { held: [], told: [] };
    byRule.set(decision.rule, shared);
    const isTold = shared.held.some((each) => each.family !== family);
    shared.held.push({ family, device: decision.device });
    if (isTold) return [];
    shared.told.push(decision.device);
    return [decision];
  };

  const end = (family: string, decision: RuleDecision & { kind: "end" }): RuleDecision[] => {
    const shared = byRule.get(decision.rule);
    if (shared === undefined) return [decision];
    shared.held = shared.held.filter((each) => each.family !== family || each.device !== decision.device);
    const isHeldByOthers = shared.held.some((each) => each.family !== family);
    if (isHeldByOthers) return [];
    const isOver = shared.held.length === 0;
    const ended = isOver ? shared.told : shared.told.filter((device) => device === decision.device);
    shared.told = shared.told.filter((device) => !ended.includes(device));
    if (isOver) byRule.delete(decision.rule);
    return ended.map((device) => ({ ...decision, device }));
  };

  const update = (decision: RuleDecision & { kind: "update" }): RuleDecision => {
    const { told = [] } = byRule.get(decision.rule) ?? {};
    return told.includes(decision.device) ? decision : { ...decision, device: told[0] ?? decision.device };
  };

  return {
    pass: (family, decisions) =>
      decisions.flatMap((decision) => {
        if (!("rule" in decision) || !rules.has(decision.rule)) return [decision];
        if (decision.kind === "begin") return begin(family, decision);
        if (decision.kind === "end") return end(family, decision);
        return [decision.kind === "update" ? update(decision) : decision];
      }),
    state: () => structuredClone([...byRule]),
  };
}

function restored(saved: SharedState): Map<string, Shared> {
  const byRule = new Map<string, Shared>();
  for (const [key, of] of saved) {
    if ("held" in of) byRule.set(key, structuredClone(of));
    else {
      const [rule = key, ...rest] = key.split("/");
      const device = rest.join("/");
      const { held, told } = byRule.get(rule) ?? { held: [], told: [] };
      byRule.set(rule, { held: [...held, ...of.map((family) => ({ family, device }))], told: [...told, device] });
    }
  }
  return byRule;
}
