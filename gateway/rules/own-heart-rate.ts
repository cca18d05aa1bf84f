/** The person's own limits of the heart rate. Two families read them: from beats, and from a number that a device measures itself. */

import Type from "typebox";
import { back, seen } from "./alert-words.ts";
import type { RuleAbout } from "./family.ts";

export const ownHeartRateLimits = {
  hrLimitHighBpm: Type.Optional(
    Type.Number({
      minimum: 60,
      maximum: 300,
      description: "The person's own upper limit (hr.limit-high)",
      unit: "beats/min",
      rules: ["hr.limit-high"],
      quieter: "higher",
    }),
  ),
  hrLimitLowBpm: Type.Optional(
    Type.Number({
      minimum: 10,
      maximum: 100,
      description: "The person's own lower limit (hr.limit-low)",
      unit: "beats/min",
      rules: ["hr.limit-low"],
      quieter: "lower",
    }),
  ),
};

/** A heart rate beyond a limit, told from either source. */
export const rateRule = (side: "over" | "under", ends: string, worseBy: number): RuleAbout => ({
  priority: "medium",
  alertKind: "physiological",
  text: {
    title: (w) => `${w.person}: heart rate ${w.value}, ${side} ${w.limit}`,
    body: (w) => `${seen(w)} ${ends}`,
    clear: back("the heart rate is back within its limits"),
  },
  worseBy,
});

export const ownHeartRateRules = {
  "hr.limit-high": rateRule("over", "This is the person's own limit.", 20),
  "hr.limit-low": rateRule("under", "This is the person's own limit.", -10),
};
