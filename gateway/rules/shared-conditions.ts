/** One condition that two families read from different sources (a heart rate from beats, and the device's own number): it begins with the first and ends with the last. */

import type { RuleDecision } from "./rule.ts";

interface SharedConditions {
  /** What of a family's decisions is news to those who know of the others'. */
  pass(family: string, decisions: readonly RuleDecision[]): RuleDecision[];
  state(): SharedState;
}

/** By rule and device, the families that hold it true. */
export type SharedState = readonly (readonly [key: string, families: readonly string[]])[];

/** @param rules those that more than one family may raise; all others pass as they are. */
export function createSharedConditions(rules: ReadonlySet<string>, saved?: SharedState): SharedConditions {
  const holders = new Map(saved?.map(([key, families]) => [key, new Set(families)]));

  const passes = (family: string, decision: RuleDecision): boolean => {
    if ((decision.kind !== "begin" && decision.kind !== "end") || !rules.has(decision.rule)) return true;
    const key = `${decision.rule}/${decision.device}`;
    const holding = holders.get(key) ?? new Set<string>();
    if (decision.kind === "begin") {
      holders.set(key, holding.add(family));
      return holding.size === 1;
    }
    holding.delete(family);
    if (holding.size === 0) holders.delete(key);
    return holding.size === 0;
  };

  return {
    pass: (family, decisions) => decisions.filter((decision) => passes(family, decision)),
    state: () => [...holders].map(([key, families]) => [key, [...families]]),
  };
}
