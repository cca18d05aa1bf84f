/** What the rest of the house reads off the rule families: settings, profiles, alert policy, texts and inhibition come from here. */

import { families } from "./families.ts";
import type { LimitSchema, RuleAbout } from "./family.ts";
import type { RuleProfile } from "./rule.ts";

/** Every rule, by id. A rule that two families raise is described by one value. Throws where they describe it apart. */
export function rulesOf(list = families): ReadonlyMap<string, RuleAbout> {
  return merged(Object.values(list).map(({ rules }) => rules));
}

/** Every limit, by its name in hearth.yaml. Throws where two families mean different things by one name. */
export function limitsOf(list = families): ReadonlyMap<string, LimitSchema> {
  return merged(Object.values(list).map(({ limits = {} }) => limits));
}

/** The limits that everybody has, at their defaults. */
export function defaultsOf(list = families): RuleProfile {
  return Object.fromEntries([...limitsOf(list)].flatMap(([name, { default: value }]) => (value === undefined ? [] : [[name, value]])));
}

function merged<T>(parts: readonly Readonly<Record<string, T>>[]): Map<string, T> {
  const all = new Map<string, T>();
  for (const [name, value] of parts.flatMap((part) => Object.entries(part))) {
    if (all.has(name) && all.get(name) !== value) throw new Error(`two rule families describe "${name}" differently`);
    all.set(name, value);
  }
  return all;
}
