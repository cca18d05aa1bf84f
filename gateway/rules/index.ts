/** The door of the rules: all families over one person's total order. Pure; it owns no timer and no clock. */

import { deviceLeadOff } from "./device-lead-off.ts";
import { deviceTiming } from "./device-timing.ts";
import { heartRate } from "./heart-rate.ts";
import { createInhibition } from "./inhibition.ts";
import { rhythmAsystole } from "./rhythm-asystole.ts";
import { rhythmPause } from "./rhythm-pause.ts";
import { rhythmRuns } from "./rhythm-runs.ts";
import type { ConditionBegin, RuleDecision, RuleFactory, RuleInput, RuleProfile } from "./rule.ts";
import { createSharedConditions, type SharedState } from "./shared-conditions.ts";
import { signalQuality } from "./signal-quality.ts";
import { vitalLimits } from "./vital-limits.ts";
import { createWatchedSpans, type OpenSpans } from "./watched-spans.ts";

/** THE list: one line a family. Its keys name the states, so a key is never used again for something else. */
const families: Readonly<Record<string, RuleFactory>> = {
  "device-lead-off": deviceLeadOff,
  "device-timing": deviceTiming,
  "signal-quality": signalQuality,
  "rhythm-runs": rhythmRuns,
  "rhythm-asystole": rhythmAsystole,
  "rhythm-pause": rhythmPause,
  "heart-rate": heartRate,
  "vital-limits": vitalLimits,
};

export interface Rules {
  /** Ids of every rule that may raise an alert for this profile. */
  readonly ids: readonly string[];
  push(input: RuleInput): RuleDecision[];
  /** The recording ends: conditions that are over are ended, and open watched spans told. */
  flush(): RuleDecision[];
  /** Who watches now and since when, as far as it is not told yet. */
  readonly watching: OpenSpans;
  /** Structured-cloneable; given back to `createRules` on restart. */
  state(): unknown;
}

interface State {
  readonly families: Readonly<Record<string, unknown>>;
  readonly spans: [string, { fromUs: number; toUs: number }][];
  readonly active: ConditionBegin[];
  /** Absent in states of earlier versions. */
  readonly shared?: SharedState;
}

/** Limits of alerts.md §3; a person's profile overrides them. */
export const defaultProfile: RuleProfile = { hrHighBpm: 150, hrLowBpm: 40, asystoleS: 4, pauseS: 3 };

export function createRules(profile: RuleProfile, saved?: unknown): Rules {
  const was = saved as State | undefined;
  const rules = Object.entries(families).map(([name, create]) => ({ name, rule: create(profile, was?.families[name]) }));
  const spans = createWatchedSpans(was?.spans);
  const inhibition = createInhibition(was?.active);
  const ids = rules.flatMap(({ rule }) => rule.ids);
  const shared = createSharedConditions(new Set(ids.filter((id, at) => ids.indexOf(id) !== at)), was?.shared);
  return {
    ids: [...new Set(ids)],
    push(input) {
      const decided = inhibition.pass(rules.flatMap(({ name, rule }) => shared.pass(name, rule.push(input))));
      if (input.kind !== "tick") return decided;
      const awake = [...new Set(rules.flatMap(({ rule }) => rule.watching(input.timeUs)))];
      return [...decided, ...spans.tick(input.timeUs, awake)];
    },
    flush: () => [...inhibition.pass(rules.flatMap(({ name, rule }) => shared.pass(name, rule.finish?.() ?? []))), ...spans.flush()],
    watching: spans.open,
    state: (): State => ({
      families: Object.fromEntries(rules.map(({ name, rule }) => [name, rule.state()])),
      spans: spans.state(),
      active: inhibition.state(),
      shared: shared.state(),
    }),
  };
}
