/** What a model's word "noise" does to every rule, over days in which each of them has something to tell. */

import { expect, test } from "vitest";
import type { Fact } from "../facts/fact.ts";
import { rulesOf } from "./described.ts";
import { createRules } from "./index.ts";
import type { RuleDecision } from "./rule.ts";
import { type Day, days, profile } from "./testdata/days.ts";
import { scenario, told, us, watchedS } from "./testdata/scenario.ts";

/** A heart of these looks like noise to a network: no word of it may keep them silent or late. */
const lethal = ["rhythm.asystole", "rhythm.no-signal", "rhythm.vt", "rhythm.vt-run"];
/** A device's own numbers: they are no ECG. */
const ofNumbers = ["spo2.low", "temp.limit-high", "temp.limit-low", "resp.limit-high", "resp.limit-low", "hr.limit-high", "hr.limit-low"];

/** Of a pulse by light, which is no ECG. */
const isOfLight = (rule: string) => rule.startsWith("pulse.");
const ofRates = ["hr.high", "hr.low"];
const isLight = (fact: Fact) => "stream" in fact && fact.stream === "ppg";

const asNoise = (fact: Fact): Fact =>
  fact.kind === "quality" && fact.level === "good" ? { ...fact, level: "poor", signalLevel: "good" } : fact;

const isNumber = (fact: Fact) => fact.kind === "vital";

function decided(facts: readonly Fact[]): RuleDecision[] {
  const rules = createRules(profile);
  return [...facts.flatMap((fact) => rules.push(fact)), ...rules.flush()];
}

const begins = (decisions: readonly RuleDecision[], of: (rule: string) => boolean) =>
  decisions.filter((each): each is RuleDecision & { kind: "begin" } => each.kind === "begin" && of(each.rule));

const physiological = new Set([...rulesOf()].flatMap(([id, { alertKind }]) => (alertKind === "physiological" ? [id] : [])));

const slow: Day = { untilS: 200, tells: ["hr.low"], make: (strap) => strap.signal(0, 200).beats(0.5, 200, 1.8) };
const all: Readonly<Record<string, Day>> = { ...days, "a slow heart": slow };

test.each(Object.entries(all))("in noise only arrest and ventricular rhythm are told: %s", (_name, { untilS, make }) => {
  const facts = make(scenario()).inputs(untilS);
  const clear = decided(facts);
  const noisy = decided(facts.map(asNoise));
  const allowed = [...lethal, ...(facts.some(isNumber) ? ofNumbers : []), ...(facts.some(isLight) ? [...ofNumbers, ...ofRates] : [])];
  expect(begins(noisy, (rule) => physiological.has(rule) && !isOfLight(rule) && !allowed.includes(rule))).toEqual([]);
  const sameOf = (decisions: readonly RuleDecision[]) =>
    begins(decisions, (rule) => lethal.includes(rule)).map(({ rule, priority, onsetUs, timeUs, value }) => [
      rule,
      priority,
      onsetUs,
      timeUs,
      value,
    ]);
  expect(sameOf(noisy)).toEqual(sameOf(clear));
});

test("the days have something to tell that noise forbids, of each physiological rule that reads an ECG", () => {
  const seen = new Set(Object.values(all).flatMap(({ tells }) => tells));
  const gated = [...physiological].filter((id) => !isOfLight(id) && !lethal.includes(id) && !ofNumbers.includes(id));
  expect(gated.filter((id) => !seen.has(id))).toEqual([]);
});

test("whenever a model hears noise, arrest and ventricular rhythm begin, end and are watched as without it", () => {
  const beating = () =>
    scenario()
      .signal(0, 200)
      .beats(0.5, 60, 0.8)
      .row(60.3, 0.4, "VVVVVVVV")
      .beats(64, 90, 0.8)
      .row(90.3, 0.4, "NVVVNNN")
      .beats(94, 100, 0.8)
      .beats(130, 200, 0.8);
  const facts = beating().inputs(200);
  const clear = decided(facts);
  for (let fromS = 0; fromS < 200; fromS += 7)
    for (const lastsS of [1, 8, 40]) {
      const isIn = ({ timeUs }: Fact) => timeUs > us(fromS) && timeUs <= us(fromS + lastsS);
      const noisy = decided(facts.map((fact) => (isIn(fact) ? asNoise(fact) : fact)));
      expect(told(noisy, ...lethal)).toEqual(told(clear, ...lethal));
      for (const rule of lethal) expect(watchedS(noisy, rule)).toBe(watchedS(clear, rule));
    }
  expect(told(clear, ...lethal).length).toBe(6);
});

test("a heart rate is unknown in noise", () => {
  const facts = scenario().signal(0, 120).beats(0.5, 120, 0.8).inputs(120);
  const between = (from: number, to: number) =>
    decided(facts.map((fact) => (fact.timeUs > us(from) && fact.timeUs <= us(to) ? asNoise(fact) : fact)));
  const rates = (decisions: readonly RuleDecision[]) => decisions.flatMap((each) => (each.kind === "vital" ? [each.timeUs / 1e6] : []));
  expect(rates(between(0, 0))).toEqual([30, 45, 60, 75, 90, 105, 120]);
  expect(rates(between(28, 100))).toEqual([120]);
});

test("five minutes of what a model calls noise are told as poor signal, as those of bad measures are", () => {
  const facts = scenario().signal(0, 400).beats(0.5, 400, 0.8).inputs(400);
  expect(told(decided(facts), "signal.quality")).toEqual([]);
  expect(told(decided(facts.map(asNoise)), "signal.quality")).toEqual([expect.stringContaining("signal.quality low from 0 told")]);
});
