import { expect, test } from "vitest";
import { defaultsOf, limitsOf } from "../rules/described.ts";
import { applyLimits, quietedHigh, viewLimits } from "./limits.ts";

test("every limit of the house says its unit, its range, its rules and which way is quieter", () => {
  for (const limit of viewLimits(defaultsOf(), {})) {
    expect(limit, limit.name).toMatchObject({
      unit: expect.any(String),
      minimum: expect.any(Number),
      maximum: expect.any(Number),
      priority: expect.any(String),
    });
    expect(limit.rules.length, limit.name).toBeGreaterThan(0);
  }
  expect([...limitsOf().values()].every(({ quieter }) => quieter === "higher" || quieter === "lower")).toBe(true);
});

test("a person's own limit stands beside everybody's, and null takes it away", () => {
  const own = applyLimits({ hrHighBpm: 130, spo2LimitLowPct: 88 }, { hrHighBpm: null, hrLimitLowBpm: 45 });
  expect(own).toEqual({ spo2LimitLowPct: 88, hrLimitLowBpm: 45 });
  const shown = viewLimits(defaultsOf(), own);
  expect(shown.find(({ name }) => name === "hrHighBpm")).toMatchObject({ everybodys: 150, unit: "beats/min" });
  expect(shown.find(({ name }) => name === "hrHighBpm")).not.toHaveProperty("own");
  expect(shown.find(({ name }) => name === "spo2LimitLowPct")).toMatchObject({ own: 88 });
  expect(shown.find(({ name }) => name === "spo2LimitLowPct")).not.toHaveProperty("everybodys");
});

test("a number out of its range, or a name that is none, is refused with the field", () => {
  expect(() => applyLimits({}, { hrHighBpm: 20 })).toThrow(
    expect.objectContaining({ code: "setup.bad_field", fields: { field: "limits.hrHighBpm" } }),
  );
  expect(() => applyLimits({}, { nonsense: 20 })).toThrow("is no limit");
});

test("only what quiets a rule of high priority asks: later, or off; not louder, and not a medium one", () => {
  expect(quietedHigh({ asystoleS: 4 }, { asystoleS: 8 })).toEqual(["rhythm.asystole", "rhythm.no-signal"]);
  expect(quietedHigh({ asystoleS: 8 }, { asystoleS: 4 })).toEqual([]);
  expect(quietedHigh({ asystoleS: 8 }, {})).toEqual(["rhythm.asystole", "rhythm.no-signal"]);
  expect(quietedHigh({ hrHighBpm: 150 }, { hrHighBpm: 200 })).toEqual([]);
  const low = new Map([["floor", { ...limitsOf().get("hrLowBpm")!, rules: ["rhythm.asystole"] }]]);
  expect(quietedHigh({ floor: 40 }, { floor: 30 }, low)).toEqual(["rhythm.asystole"]);
  expect(quietedHigh({ floor: 40 }, { floor: 50 }, low)).toEqual([]);
});
