import { expect, test } from "vitest";
import type { RuleDecision } from "./rule.ts";
import { createSharedConditions } from "./shared-conditions.ts";

const begin = (rule: string, device = "strap") => ({ kind: "begin", rule, device }) as RuleDecision;
const end = (rule: string, device = "strap") => ({ kind: "end", rule, device }) as RuleDecision;
const shared = new Set(["hr.high"]);

test("a shared condition begins with the first family and ends with the last", () => {
  const conditions = createSharedConditions(shared);
  const passed = (family: string, decision: RuleDecision) => conditions.pass(family, [decision]).length;
  expect([passed("beats", begin("hr.high")), passed("numbers", begin("hr.high")), passed("beats", end("hr.high"))]).toEqual([1, 0, 0]);
  expect([passed("beats", begin("hr.high")), passed("numbers", end("hr.high")), passed("beats", end("hr.high"))]).toEqual([0, 0, 1]);
  expect(conditions.state()).toEqual([]);
  expect(passed("numbers", begin("hr.high"))).toBe(1);
});

test("another device's is another one, and what no second family raises, or is neither begin nor end, passes as it is", () => {
  const conditions = createSharedConditions(shared);
  const others = [begin("hr.low"), begin("hr.low"), end("hr.low"), end("hr.low"), { kind: "update", rule: "hr.high" } as RuleDecision];
  expect(conditions.pass("beats", others)).toEqual(others);
  expect(conditions.pass("beats", [begin("hr.high"), begin("hr.high", "clip")])).toHaveLength(2);
  expect(conditions.state()).toEqual([
    ["hr.high/strap", ["beats"]],
    ["hr.high/clip", ["beats"]],
  ]);
});

test("who holds it is known after a restart", () => {
  const before = createSharedConditions(shared);
  before.pass("beats", [begin("hr.high")]);
  before.pass("numbers", [begin("hr.high")]);
  const after = createSharedConditions(shared, structuredClone(before.state()));
  expect(after.pass("beats", [end("hr.high")])).toEqual([]);
  expect(before.state()).toEqual([["hr.high/strap", ["beats", "numbers"]]]);
  expect(after.pass("numbers", [end("hr.high")])).toHaveLength(1);
});
