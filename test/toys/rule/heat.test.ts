/** One more rule with a limit takes its own file and the line that stands here in the mock. */

import { expect, test, vi } from "vitest";
import type { AlertRecord } from "../../../device-drivers/contract/event.ts";
import { isWorse } from "../../../gateway/alert/policy.ts";
import { renderAlert, renderClear } from "../../../gateway/alert/texts.ts";
import { parseConfig } from "../../../gateway/config/load.ts";
import { sampleConfig } from "../../../gateway/config/sample.ts";
import type { Fact } from "../../../gateway/facts/fact.ts";
import { profileOf } from "../../../gateway/people/profile.ts";
import { createRules } from "../../../gateway/rules/index.ts";
import type { RuleDecision } from "../../../gateway/rules/rule.ts";

vi.mock(import("../../../gateway/rules/families.ts"), async (shipped) => {
  const { heat } = await import("./heat.ts");
  return { families: { ...(await shipped()).families, heat } };
});

const read = (text: string) => parseConfig(text, { file: "hearth.yaml", env: {} });
const home = (limits: string, profile: string) =>
  read(`version: 1\nalerts: { limits: ${limits} }\npeople:\n  - { id: p1, name: Person A, profile: ${profile} }`);
const rulesFor = (limits: string, profile: string, saved?: unknown) => {
  const config = home(limits, profile);
  return createRules(profileOf(config.people[0], config.alerts.limits), saved);
};
const temperature = (timeS: number, value: number): Fact => {
  const timeUs = timeS * 1e6;
  return { kind: "vital", device: "patch", stream: "temp", code: "temp", unit: "Cel", timeUs, value, freshUs: timeUs + 100e6 };
};
const told = (decisions: readonly RuleDecision[]) =>
  decisions.flatMap((each) => ("rule" in each && each.kind !== "watched" ? [`${each.kind} ${each.rule}`] : []));

test("its limit is a documented setting with a default and bounds, for everybody and for one person", () => {
  expect(sampleConfig()).toContain("# Temperature from which heat.stroke tells, °C – a number from 30 to 60\n    heatCel: 41\n");
  expect(home("{}", "{}").alerts.limits.heatCel).toBe(41);
  expect(() => home("{ heatCel: 99 }", "{}")).toThrow("alerts.limits.heatCel is 99; accepted: a number from 30 to 60");
  expect(() => home("{}", "{ heatCel: 99 }")).toThrow("from 30 to 60");
  expect(() => home("{}", "{ heatKel: 300 }")).toThrow("heatCel");
});

test("it decides by the home's limit, and by the person's own before that, also after a restart", () => {
  expect(told(rulesFor("{}", "{}").push(temperature(1, 40)))).toEqual([]);
  expect(told(rulesFor("{}", "{}").push(temperature(1, 41)))).toEqual(["begin heat.stroke"]);
  expect(told(rulesFor("{ heatCel: 39 }", "{}").push(temperature(1, 40)))).toEqual(["begin heat.stroke"]);
  const before = rulesFor("{ heatCel: 39 }", "{ heatCel: 40.5 }");
  expect(told(before.push(temperature(1, 40)))).toEqual([]);
  expect(told(before.push(temperature(2, 40.5)))).toEqual(["begin heat.stroke"]);
  const after = rulesFor("{ heatCel: 39 }", "{ heatCel: 40.5 }", structuredClone(before.state()));
  expect(told(after.push(temperature(3, 40)))).toEqual(["end heat.stroke"]);
});

test("what it covers is logged and not told while it lasts", () => {
  const rules = rulesFor("{}", "{ tempLimitHighCel: 38 }");
  const decisions = [1, 31, 61, 91].flatMap((timeS) => rules.push(temperature(timeS, 42)));
  expect(told(decisions)).toEqual(["begin heat.stroke", "begin temp.limit-high"]);
  expect(decisions.at(-1)).toMatchObject({ rule: "temp.limit-high", inhibitedBy: "heat.stroke" });
});

test("its alert is told in its own words, and breaks the quiet when it is worse by its step", () => {
  const alert: AlertRecord = {
    ...{ id: "a1", person: "p1", rule: "heat.stroke", device: "patch", priority: "high", kind: "physiological", state: "active" },
    ...{ mode: "real", count: 1, quality: "good", onsetUs: 1e6, raisedUs: 1e6, lastSeenUs: 1e6, value: 42, unit: "Cel", limit: 41 },
    ...{ snoozes: [], deliveries: [] },
  };
  const slots = { person: "Person A", device: "Patch", clock: String, nowUs: 2e6 };
  expect(renderAlert(alert, slots).title).toBe("Person A: body temperature 42 °C, limit 41 °C");
  expect(renderClear(alert, slots).title).toContain("below the limit again");
  expect([isWorse("heat.stroke", 41, 41.9), isWorse("heat.stroke", 41, 42)]).toEqual([false, true]);
});
