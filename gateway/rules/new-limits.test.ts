import { expect, test } from "vitest";
import type { Fact } from "../facts/fact.ts";
import { createRules, defaultProfile } from "./index.ts";
import type { RuleDecision } from "./rule.ts";
import { scenario, told, us } from "./testdata/scenario.ts";

/** Beats at 120 a minute; limits as they are said, each from its second on. */
function run(
  changes: readonly (readonly [atS: number, profile: object])[],
  untilS = 200,
  restartS?: number,
): { decisions: RuleDecision[]; ids: readonly string[] } {
  let rules = createRules(defaultProfile);
  const facts = changes.map(([atS, profile]): Fact => ({ kind: "limits", timeUs: us(atS), profile: { ...defaultProfile, ...profile } }));
  const inputs = [...scenario().signal(0, untilS).beats(0.4, untilS, 0.5).inputs(untilS), ...facts].sort((a, b) => a.timeUs - b.timeUs);
  const decisions: RuleDecision[] = [];
  let profile = defaultProfile;
  for (const input of inputs) {
    decisions.push(...rules.push(input));
    if (input.kind === "limits") profile = input.profile;
    if (input.kind === "tick" && input.timeUs === us(restartS ?? -1)) rules = createRules(profile, structuredClone(rules.state()));
  }
  return { decisions, ids: rules.ids };
}

test("a limit that is set while it runs tells from then on; what was seen before counts for the mean, not for the delay", () => {
  const { decisions, ids } = run([[60, { hrLimitHighBpm: 110 }]]);
  expect(told(decisions, "hr.limit-high")).toEqual(["hr.limit-high medium from 61 told 71 = 120"]);
  expect(ids).toContain("hr.limit-high");
});

test("a condition whose limit is taken away is over at that moment, and begins anew when it is set again", () => {
  const { decisions, ids } = run([
    [20, { hrLimitHighBpm: 110 }],
    [60, {}],
    [100, { hrLimitHighBpm: 110 }],
    [150, { hrLimitHighBpm: 130 }],
  ]);
  expect(told(decisions, "hr.limit-high")).toEqual([
    "hr.limit-high medium from 21 told 31 = 120",
    "hr.limit-high ended 60 told 60",
    "hr.limit-high medium from 101 told 111 = 120",
    "hr.limit-high ended 151 told 161",
  ]);
  expect(ids).toContain("hr.limit-high");
});

test("a restart after a change decides what a run without one does", () => {
  const changes = [
    [20, { hrLimitHighBpm: 110 }],
    [90, { hrHighBpm: 115 }],
  ] as const;
  const plain = run(changes).decisions;
  expect(told(plain).length).toBeGreaterThan(2);
  for (const restartS of [15, 25, 60, 100, 120]) expect(run(changes, 200, restartS).decisions).toEqual(plain);
});
