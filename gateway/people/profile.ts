/** What rules know about a person: the home's limits, with the person's own before them. */

import type { Config } from "../config/schema.ts";
import type { RuleProfile } from "../rules/rule.ts";
import type { Person } from "../store/store-port.ts";

/** Off until set. */
const ownLimits = [
  "hrLimitHighBpm",
  "hrLimitLowBpm",
  "spo2LimitLowPct",
  "tempLimitHighCel",
  "tempLimitLowCel",
  "respLimitHighPerMin",
  "respLimitLowPerMin",
] as const satisfies readonly (keyof RuleProfile)[];

export function profileOf(person: Pick<Person, "profile"> | undefined, limits: Config["alerts"]["limits"]): RuleProfile {
  const own = (person?.profile ?? {}) as Partial<RuleProfile>;
  return {
    hrHighBpm: own.hrHighBpm ?? limits.hrHighBpm,
    hrLowBpm: own.hrLowBpm ?? limits.hrLowBpm,
    asystoleS: own.asystoleS ?? limits.asystoleS,
    pauseS: own.pauseS ?? limits.pauseS,
    ...Object.fromEntries(ownLimits.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]))),
  };
}
