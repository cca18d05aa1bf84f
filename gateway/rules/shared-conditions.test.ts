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

test("two sensors of two families are one condition, under the device that it was told of", () => {
  const conditions = createSharedConditions(shared);
  expect(conditions.pass("numbers", [begin("hr.high", "clip")])).toHaveLength(1);
  expect(conditions.pass("beats", [begin("hr.high", "strap")])).toEqual([]);
  const worse = { kind: "update", rule: "hr.high", device: "strap", value: 170 } as RuleDecision;
  expect(conditions.pass("beats", [worse])).toEqual([{ ...worse, device: "clip" }]);
  expect(conditions.pass("numbers", [end("hr.high", "clip")])).toEqual([]);
  expect(conditions.pass("beats", [end("hr.high", "strap")])).toEqual([end("hr.high", "clip")]);
  expect(conditions.state()).toEqual([]);
});

test("of one family another device's is another one, and what no second family raises passes as it is", () => {
  const conditions = createSharedConditions(shared);
  const others = [begin("hr.low"), begin("hr.low"), end("hr.low"), end("hr.low"), { kind: "update", rule: "hr.high" } as RuleDecision];
  expect(conditions.pass("beats", others)).toEqual(others);
  expect(conditions.pass("beats", [begin("hr.high"), begin("hr.high", "clip")])).toHaveLength(2);
  expect(conditions.pass("beats", [end("hr.high"), end("hr.high", "clip")])).toEqual([end("hr.high"), end("hr.high", "clip")]);
});

test("who holds it is known after a restart, and from a state that counted each device apart", () => {
  const before = createSharedConditions(shared);
  before.pass("beats", [begin("hr.high")]);
  before.pass("numbers", [begin("hr.high")]);
  const after = createSharedConditions(shared, structuredClone(before.state()));
  expect(after.pass("beats", [end("hr.high")])).toEqual([]);
  expect(after.pass("numbers", [end("hr.high")])).toHaveLength(1);
  const older = createSharedConditions(shared, [["hr.high/strap", ["beats", "numbers"]]]);
  expect(older.pass("beats", [end("hr.high")])).toEqual([]);
  expect(older.pass("numbers", [end("hr.high")])).toEqual([end("hr.high")]);
});
