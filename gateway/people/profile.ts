/** What rules know about a person: the home's limits, with the person's own before them. */

import { limitsOf } from "../rules/described.ts";
import type { RuleProfile } from "../rules/rule.ts";
import type { Person } from "../store/store-port.ts";

export function profileOf(person: Pick<Person, "profile"> | undefined, limits: RuleProfile): RuleProfile {
  const own = (person?.profile ?? {}) as RuleProfile;
  return Object.fromEntries([...limitsOf().keys()].map((name) => [name, own[name] ?? limits[name]]));
}
