/**
 * Which limits a person's rules go by, as time goes on. A change is dated before its moment comes and takes effect on the line of the 250 ms grid at or after
 * it, so that a restart which goes over the same records changes them between the same two facts.
 */

import type { Fact } from "../facts/fact.ts";
import type { RuleProfile } from "../rules/rule.ts";
import { tickUs } from "../stream/order.ts";

export interface DatedProfile {
  /** Rises by one with every change; a clock that is put right may date a later change earlier. */
  readonly number: number;
  /** Gateway axis. */
  readonly fromUs: number;
  readonly profile: RuleProfile;
}

interface LimitsLine {
  /** Those in force. */
  readonly profile: RuleProfile;
  /** Of the change that they came with. */
  readonly number: number;
  /** The changes that are due by this line of the grid, in order; they are in force from then on. */
  due(lineUs: number): (Fact & { readonly kind: "limits" })[];
}

interface SavedLimits {
  /** Absent in snapshots of earlier versions. */
  readonly limits?: number;
  readonly advancedUs: number;
}

const lineOf = (timeUs: number) => Math.ceil(timeUs / tickUs) * tickUs;

/**
 * @param all every change that may still matter, oldest first, and at least one; asked again on every line.
 * @param saved where a snapshot stands among them; without one the first is in force.
 */
export function createLimitsLine(all: () => readonly DatedProfile[], saved?: SavedLimits): LimitsLine {
  const isPast = ({ number, fromUs }: DatedProfile) =>
    saved !== undefined && (saved.limits === undefined ? lineOf(fromUs) <= saved.advancedUs : number <= saved.limits);
  const [first] = all();
  if (first === undefined) throw new RangeError("a person without limits");
  let current = all().findLast(isPast) ?? first;
  return {
    get profile() {
      return current.profile;
    },
    get number() {
      return current.number;
    },
    due(lineUs) {
      const facts: (Fact & { readonly kind: "limits" })[] = [];
      const history = all();
      if (history.at(-1)?.number === current.number) return facts;
      for (const next of history) {
        if (next.number <= current.number) continue;
        if (lineOf(next.fromUs) > lineUs) break;
        current = next;
        facts.push({ kind: "limits", timeUs: lineOf(next.fromUs), profile: next.profile });
      }
      return facts;
    },
  };
}
