/** A rule that throws: its family begins anew and is not counted as watching, the others go on, and a restart or a replay does the same. */

import { expect, test } from "vitest";
import type { Fact } from "../facts/fact.ts";
import { createGuard } from "../facts/guarded.ts";
import { rulesOf } from "./described.ts";
import type { Family, RuleAbout } from "./family.ts";
import { blindWithout, createRules, defaultProfile } from "./index.ts";
import type { Rule, RuleDecision } from "./rule.ts";
import { createGate } from "./stream-gate.ts";
import { scenario, told, watchedS } from "./testdata/scenario.ts";

/** Begins its condition with the third second of signal after its beginning, and throws where it is told to. */
function family(id: string, priority: "high" | "medium", throwsAtS: readonly number[]): Family {
  return {
    rules: { [id]: rulesOf().get(id) as RuleAbout },
    create(_profile, saved): Rule {
      const state = { seconds: 0, ...(saved as object | undefined) };
      return {
        ids: [id],
        push(input) {
          if (input.kind !== "quality") return [];
          state.seconds++;
          const { device, stream, timeUs } = input;
          if (throwsAtS.includes(timeUs / 1e6)) throw new RangeError("a second that nobody thought of");
          const told = { device, stream, onsetUs: timeUs, timeUs, quality: "good" } as const;
          return state.seconds === 3 ? [{ kind: "begin", rule: id, priority, alertKind: "physiological", ...told }] : [];
        },
        watching: () => [id],
        state: () => ({ ...state }),
      };
    },
  };
}

function run(families: Readonly<Record<string, Family>>, inputs: readonly Fact[], restartAt?: number) {
  const faults: string[] = [];
  const options = { guard: createGuard((part) => void faults.push(part)), families };
  let rules = createRules(defaultProfile, undefined, options);
  const decisions: RuleDecision[] = inputs.flatMap((input, at) => {
    if (at === restartAt) rules = createRules(defaultProfile, structuredClone(rules.state()), options);
    return rules.push(input);
  });
  return { decisions: [...decisions, ...rules.flush()], faults };
}

const families = { faulty: family("rhythm.vt", "high", [20]), sound: family("hr.high", "medium", []) };
const inputs = scenario().signal(0, 400).inputs(400);

test("a family that throws begins anew, is told, and is not counted as watching for five minutes; the others go on", () => {
  const { decisions, faults } = run(families, inputs);
  expect(faults).toEqual(["rules/faulty"]);
  expect(told(decisions, "rhythm.vt")).toEqual(["rhythm.vt high from 3 told 3", "rhythm.vt high from 23 told 23"]);
  expect(watchedS(decisions, "rhythm.vt")).toBeCloseTo(100, 0);
  expect(watchedS(decisions, "hr.high")).toBe(400);
});

test("what a failed family had begun covers nothing any more: what it covered is told at once", () => {
  const { decisions } = run(families, inputs);
  expect(told(decisions, "hr.high")).toEqual(["hr.high medium from 3 told 3 (by rhythm.vt)", "hr.high medium from 3 told 20"]);
});

test("conditions of a failed family that are not high end with it, and begin again only if they are still true", () => {
  const { decisions } = run({ faulty: family("hr.low", "medium", [20]) }, inputs);
  expect(told(decisions)).toEqual(["hr.low medium from 3 told 3", "hr.low ended 20 told 20", "hr.low medium from 23 told 23"]);
});

test("a restart anywhere round the fault changes nothing", () => {
  const expected = run(families, inputs).decisions;
  for (const at of [10, 99, 100, 101, 130, 1200]) expect(run(families, inputs, at).decisions).toEqual(expected);
});

test("a family that cannot begin at all, or not from what was kept of it, harms nobody", () => {
  const never: Family = {
    rules: {},
    create() {
      throw new TypeError("a limit that is none");
    },
  };
  expect(told(run({ never, sound: families.sound }, inputs).decisions)).toEqual(["hr.high medium from 3 told 3"]);
  const faults: string[] = [];
  const guard = createGuard((part) => void faults.push(part));
  const kept = { families: { "heart-rate": { lanes: 7 } }, spans: [], active: [] };
  expect(createRules(defaultProfile, kept, { guard }).ids).toEqual(createRules(defaultProfile).ids);
  expect(faults).toEqual(["rules/heart-rate"]);
});

test("it is known which rules are blind while a part fails", () => {
  expect(blindWithout("model/ecg-beat")).toEqual(["rhythm.vt", "rhythm.vt-run"]);
  expect(blindWithout("rules/rhythm-pause")).toEqual(["rhythm.pause"]);
  expect(blindWithout("model/sleep-stage")).toEqual([]);
  expect(blindWithout("stream/stage")).toContain("rhythm.asystole");
});

test("a fact of a kind that the gate does not know makes no stream an ECG", () => {
  const gate = createGate();
  const of = { device: "band", stream: "acc", timeUs: 1, knownUs: 1 };
  const result = {
    kind: "result",
    pass: "first",
    about: [{ device: "band", stream: "acc" }],
    ...{ timeUs: 1, knownUs: 1 },
    model: { id: "gait", version: "1" },
    outcome: { kind: "unknown", reason: "down" },
  } as const;
  for (const fact of [result, { kind: "of-tomorrow", ...of } as unknown as Fact]) expect(gate.push(fact)).toBeUndefined();
  expect(gate.all()).toEqual([]);
});
