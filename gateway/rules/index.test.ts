import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../test/runs.ts";
import type { Fact } from "../facts/fact.ts";
import { createRules, defaultProfile } from "./index.ts";
import { scenario, told } from "./testdata/scenario.ts";

const profile = { ...defaultProfile, hrLimitHighBpm: 120 };

/** A hard day in two minutes: every kind of piece, in any order, on two sources. */
const pieces = ["sinus", "fast", "run", "vt", "pause", "arrest", "poor", "off", "gap", "silence", "unmeasured", "removal"] as const;
const day = fc.array(fc.constantFrom(...pieces), { minLength: 3, maxLength: 10 });

function inputsOf(kinds: readonly (typeof pieces)[number][]): Fact[] {
  const strap = scenario();
  let s = 12;
  strap.signal(0, s).beats(0.5, s, 0.8);
  for (const kind of kinds) {
    const quality = {
      poor: { level: "poor", noisy: true },
      off: { level: "bad", contact: "off" },
      unmeasured: { contact: "unknown", contactMeasured: "none" },
      removal: { contact: "unknown", contactMeasured: "none", removal: true },
    }[kind as string] as object | undefined;
    if (kind === "gap") strap.gap(s, s + 11);
    else if (kind !== "silence") strap.signal(s, s + 11, quality ?? {});
    if (["sinus", "poor", "off"].includes(kind)) strap.beats(s + 0.3, s + 11, 0.8);
    if (kind === "fast") strap.beats(s + 0.3, s + 11, 0.38);
    if (kind === "run") strap.row(s + 0.3, 0.6, "NNVVVNNVVFVNNN");
    if (kind === "vt") strap.row(s + 0.3, 0.4, "NVVVVVVFVVN?VVVVVNNNN");
    if (kind === "pause") strap.row(s + 0.3, 0.8, "NNN").beats(s + 5.5, s + 11, 0.8);
    if (kind === "removal")
      strap
        .life(s + 2, "movement")
        .life(s + 3, "pulse")
        .life(s + 3.5, "pulse");
    s += 11;
  }
  return strap.with(scenario("patch", "ecg").signal(20, 50).beats(20.2, 50, 1.5)).inputs(s + 20);
}

function decideAll(inputs: readonly Fact[]) {
  const rules = createRules(profile);
  return inputs.map((input) => rules.push(input));
}

test("a restart at any point changes no decision", () => {
  fc.assert(
    fc.property(day, fc.double({ min: 0, max: 1, noNaN: true }), (kinds, share) => {
      const inputs = inputsOf(kinds);
      const cut = Math.floor(share * inputs.length);
      const before = createRules(profile);
      const head = inputs.slice(0, cut).map((input) => before.push(input));
      const after = createRules(profile, structuredClone(before.state()));
      const tail = inputs.slice(cut).map((input) => after.push(input));
      expect([...head, ...tail]).toEqual(decideAll(inputs));
    }),
    runs(60, 1),
  );
});

test("whatever the order of events: ends follow their begins, delays are never negative, watched spans do not overlap, and nothing is told without data", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(day, (kinds) => {
      const inputs = inputsOf(kinds);
      const decisions = decideAll(inputs);
      const open = new Map<string, boolean>();
      const watchedTo = new Map<string, number>();
      let judgedUs = 0;
      inputs.forEach((input, i) => {
        if (input.kind === "quality") judgedUs = input.timeUs;
        for (const decision of decisions[i] ?? []) {
          if (decision.kind === "begin") {
            seen.add(decision.rule);
            const key = `${decision.rule}/${decision.device}`;
            // A second begin only lifts an inhibition.
            expect(open.get(key) ?? true).toBe(true);
            open.set(key, decision.inhibitedBy !== undefined);
            expect(decision.timeUs).toBeGreaterThanOrEqual(decision.onsetUs);
            expect(decision.timeUs - judgedUs).toBeLessThanOrEqual(1_000_000);
          }
          if (decision.kind === "end") {
            expect(open.delete(`${decision.rule}/${decision.device}`)).toBe(true);
            expect(decision.timeUs).toBeGreaterThanOrEqual(decision.endUs);
          }
          if (decision.kind === "watched") {
            expect(decision.toUs).toBeGreaterThan(decision.fromUs);
            expect(decision.toUs - decision.fromUs).toBeLessThanOrEqual(60_250_000);
            expect(decision.fromUs).toBeGreaterThanOrEqual(watchedTo.get(decision.rule) ?? 0);
            watchedTo.set(decision.rule, decision.toUs);
          }
        }
      });
    }),
    runs(60, 2),
  );
  expect([...seen].sort()).toEqual([
    "device.lead-off",
    "hr.limit-high",
    "rhythm.asystole",
    "rhythm.no-signal",
    "rhythm.pause",
    "rhythm.vt",
    "rhythm.vt-run",
  ]);
});

test("a high rate during VT is covered by it and told when VT is over", () => {
  const strap = scenario().signal(0, 400).beats(0.5, 30, 0.8).beats(30, 160, 0.36, "V").beats(160, 400, 0.36);
  const lines = told(strap.run(400), "rhythm.vt", "hr.high");
  expect(lines[0]).toMatch(/^rhythm.vt high from 30 told 31.9/);
  expect(lines[1]).toMatch(/^hr.high .*\(by rhythm.vt\)$/);
  expect(lines[2]).toMatch(/^rhythm.vt ended 159.\d+ told 170$/);
  expect(lines[3]).toMatch(/^hr.high medium from \d+ told 170 = 167$/);
});

test("the other person's rules are other rules: no state is shared", () => {
  const a = createRules(profile);
  const b = createRules(profile);
  for (const input of scenario().signal(0, 40).beats(0.5, 20, 0.8).inputs(40)) a.push(input);
  expect(b.state()).toEqual(createRules(profile).state());
});
