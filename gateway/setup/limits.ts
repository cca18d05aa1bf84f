/** A person's own limits: shown with what their rule family says of them, and checked before they are changed. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { limitsOf, rulesOf } from "../rules/described.ts";
import type { LimitSchema } from "../rules/family.ts";
import type { RuleProfile } from "../rules/rule.ts";
import type { LimitChanges, LimitView } from "./setup-port.ts";

const order = ["high", "medium", "low", "info"] as const;

/** `everybodys`: alerts.limits of hearth.yaml; `own`: the person's profile. */
export function viewLimits(everybodys: RuleProfile, own: RuleProfile): LimitView[] {
  const rules = rulesOf();
  return [...limitsOf()].map(([name, schema]) => {
    const {
      description = "",
      minimum,
      maximum,
      unit,
      rules: ids = [],
    } = schema as LimitSchema & { description?: string; minimum?: number; maximum?: number };
    const priority = order.find((each) => ids.some((id) => rules.get(id)?.priority === each));
    return {
      ...{ name, describes: description, rules: ids },
      ...optional({ unit, minimum, maximum, priority, everybodys: everybodys[name], own: own[name] }),
    };
  });
}

/** The person's own after the changes. Throws `setup.bad_field` with the name. */
export function applyLimits(own: RuleProfile, changes: LimitChanges): RuleProfile {
  const schemas = limitsOf();
  for (const [name, value] of Object.entries(changes)) {
    const schema = schemas.get(name) as { minimum?: number; maximum?: number } | undefined;
    if (schema === undefined) throw refused(name, `"${name}" is no limit; there are ${[...schemas.keys()].join(", ")}.`);
    const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
    if (value !== null && !(value >= minimum && value <= maximum))
      throw refused(name, `${name} is ${value}; accepted: a number from ${minimum} to ${maximum}, or null for everybody's.`);
  }
  const after = { ...own, ...changes };
  return Object.fromEntries(Object.entries(after).flatMap(([name, value]) => (typeof value === "number" ? [[name, value]] : [])));
}

/** Rules of high priority that tell less, or nothing any more, after a change of what is in force. */
export function quietedHigh(before: RuleProfile, after: RuleProfile, schemas = limitsOf(), rules = rulesOf()): string[] {
  const quieted = [...schemas].flatMap(([name, { rules: ids = [], quieter }]) => {
    const [was, is] = [before[name], after[name]];
    if (was === undefined || was === is) return [];
    const isQuieter = is === undefined || (quieter === "higher" ? is > was : is < was);
    return isQuieter ? ids.filter((id) => rules.get(id)?.priority === "high") : [];
  });
  return [...new Set(quieted)];
}

function optional<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function refused(name: string, says: string): GatewayError {
  return new GatewayError("setup.bad_field", "operator", says, { fields: { field: `limits.${name}` } });
}
