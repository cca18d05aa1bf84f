import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../test/runs.ts";
import type { Fact } from "../facts/fact.ts";
import { createRules } from "./index.ts";
import type { RuleDecision } from "./rule.ts";
import { days, piece, pieces, profile, pulses } from "./testdata/days.ts";
import { scenario } from "./testdata/scenario.ts";

/** What each fact led to, with its place in the day. */
type Led = [place: number, RuleDecision[]][];

function decideAll(inputs: readonly Fact[]): Led {
  const rules = createRules(profile);
  return ledTo([...inputs.map((input) => rules.push(input)), rules.flush()]);
}

function ledTo(decided: readonly RuleDecision[][]): Led {
  return decided.flatMap((decisions, place): Led => (decisions.length === 0 ? [] : [[place, decisions]]));
}

/** The same with a restart before every `everyth` input: what a state leaves out is forgotten at once. */
function decideWithRestarts(inputs: readonly Fact[], everyth: number): Led {
  let rules = createRules(profile);
  const decided = inputs.map((input, i) => {
    if (i % everyth === 0) rules = createRules(profile, structuredClone(rules.state()));
    return rules.push(input);
  });
  return ledTo([...decided, rules.flush()]);
}

test.each(Object.entries(days))("a restart before every fact changes nothing of %s", (_, { untilS, tells, make, everyth = 1 }) => {
  const inputs = make(scenario()).inputs(untilS);
  const whole = decideAll(inputs);
  const begun = new Set(
    whole.flatMap(([, decisions]) => decisions).flatMap((decision) => (decision.kind === "begin" ? [decision.rule] : [])),
  );
  for (const rule of tells) expect([...begun]).toContain(rule);
  expect(decideWithRestarts(inputs, everyth)).toEqual(whole);
});

test("nor does it of any other day", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { minLength: 3, maxLength: 9 }), fc.integer({ min: 2, max: 50 }), (kinds, everyth) => {
      const strap = scenario();
      pulses(strap.signal(0, 13).beats(0.5, 13, 0.8), 0.75, 13, 0.8);
      kinds.forEach((kind, i) => {
        piece(strap, kind, 13 * (i + 1));
      });
      const inputs = strap.inputs(13 * (kinds.length + 1) + 30);
      expect(decideWithRestarts(inputs, everyth)).toEqual(decideAll(inputs));
    }),
    runs(10, 3),
  );
});
