/** What judges a run of facts, the present's or a past's: quality is joined first, then the rules decide. */

import type { Guard } from "../facts/guarded.ts";
import { createRules, type Rules } from "../rules/index.ts";
import type { RuleProfile } from "../rules/rule.ts";
import { createJoinedQuality, type JoinedQuality, type JoinedQualityState } from "./joined-quality.ts";

export interface JudgesState {
  readonly rules: unknown;
  /** Absent in snapshots of earlier versions. */
  readonly quality?: JoinedQualityState;
}

export interface Judges {
  readonly rules: Rules;
  readonly quality: JoinedQuality;
  state(): JudgesState;
}

export function createJudges(profile: RuleProfile, guard: Guard, saved?: JudgesState): Judges {
  const rules = createRules(profile, saved?.rules, { guard });
  const quality = createJoinedQuality(saved?.quality);
  return { rules, quality, state: () => ({ rules: rules.state(), quality: quality.state() }) };
}
