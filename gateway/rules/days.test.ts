import { expect, test } from "vitest";
import { rulesOf } from "./described.ts";
import { createRules, defaultProfile } from "./index.ts";
import type { RuleDecision } from "./rule.ts";
import { days, profile } from "./testdata/days.ts";
import { scenario } from "./testdata/scenario.ts";

/** One decision a line, its fields by name, so that a change of the record is read as what it is. */
const line = (decision: RuleDecision) => JSON.stringify(Object.fromEntries(Object.entries(decision).sort(([a], [b]) => (a < b ? -1 : 1))));

/** `vitest -u` writes the record anew: read the difference, each line is something that a person would be told otherwise. */
test("the days lead to the decisions of the record, field by field", async () => {
  const told = Object.entries(days).map(([name, { untilS, make }]) => [`# ${name}`, ...make(scenario()).run(untilS, profile).map(line)]);
  await expect(`${told.flat().join("\n")}\n`).toMatchFileSnapshot("golden/days.txt");
});

test("each condition begins with the priority and kind that its family declares", () => {
  const begun = Object.values(days).flatMap(({ untilS, make }) =>
    make(scenario())
      .run(untilS, profile)
      .filter((each) => each.kind === "begin"),
  );
  expect(new Set(begun.map(({ rule }) => rule)).size).toBeGreaterThan(12);
  for (const { rule, priority, alertKind } of begun) expect(rulesOf().get(rule)).toMatchObject({ priority, alertKind });
});

test("the rules name what they may raise, and the person's own limits each switch theirs on", () => {
  const always = [
    "device.lead-off",
    "device.disagree",
    "device.placement",
    "device.clock",
    "device.index",
    "device.rate",
    "signal.quality",
    "rhythm.vt",
    "rhythm.vt-run",
  ];
  const ofBeats = [
    "rhythm.asystole",
    "rhythm.no-signal",
    "rhythm.pause",
    "hr.high",
    "hr.low",
    "pulse.irregular",
    "pulse.pause",
    "anomaly.morphology",
    "device.seat",
  ];
  const plain = [...createRules(defaultProfile).ids];
  expect(plain.filter((id) => ![...always, ...ofBeats].includes(id))).toEqual([]);
  expect(ofBeats.filter((id) => !plain.includes(id))).toEqual([]);
  const own = { hrLimitHighBpm: ["hr.limit-high"], hrLimitLowBpm: ["hr.limit-low"], spo2LimitLowPct: ["spo2.low"] };
  const others = {
    ...{ tempLimitHighCel: ["temp.limit-high"], tempLimitLowCel: ["temp.limit-low"] },
    ...{ respLimitHighPerMin: ["resp.limit-high"], respLimitLowPerMin: ["resp.limit-low"] },
  };
  for (const [limit, rules] of Object.entries({ ...own, ...others })) {
    const { ids } = createRules({ ...defaultProfile, [limit]: 50 });
    expect(ids.filter((id) => !plain.includes(id))).toEqual(rules);
  }
});

test("who watches now, and since when, is known before it is told", () => {
  const rules = createRules(profile);
  for (const input of scenario().signal(0, 40).beats(0.5, 40, 0.8).inputs(40)) rules.push(input);
  expect(rules.watching.get("rhythm.asystole")).toEqual({ fromUs: 10_250_000, toUs: 40_000_000 });
  expect(rules.watching.has("spo2.low")).toBe(false);
});
