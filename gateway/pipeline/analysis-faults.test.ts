import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { createAnalysisFaults } from "./analysis-faults.ts";

function open() {
  const clock = virtualClock();
  const logged: object[] = [];
  const faults = createAnalysisFaults({ clock, log: { error: (fields) => void logged.push(fields) } });
  const fail = (part: string) => faults.note(new GatewayError("analysis.fault", "bug", "failed", { fields: { part } }));
  return { clock, logged, faults, fail };
}

test("a model is failing after three windows within five minutes, and named with the rules that are blind without it", () => {
  const { clock, faults, fail } = open();
  for (let i = 0; i < 2; i++) fail("model/ecg-beat");
  expect(faults.cause()).toBeUndefined();
  fail("model/ecg-beat");
  expect(faults.cause()).toEqual({ code: "analysis.fault", field: "model/ecg-beat", needs: "rhythm.vt, rhythm.vt-run" });
  clock.advance(300_000);
  expect(faults.cause()).toBeDefined();
  clock.advance(1);
  expect(faults.cause()).toBeUndefined();
  expect(faults.counts()).toEqual({ "model/ecg-beat": 3 });
});

test("three windows that fail in a day are no failing model; one throw of a rule is a failing family", () => {
  const { clock, faults, fail } = open();
  for (let i = 0; i < 5; i++) {
    fail("model/ecg-beat");
    clock.advance(200_000);
  }
  expect(faults.cause()).toBeUndefined();
  fail("rules/rhythm-pause");
  expect(faults.cause()).toMatchObject({ field: "rules/rhythm-pause", needs: "rhythm.pause" });
});

test("the log has each part once a minute, with the count", () => {
  const { clock, logged, fail } = open();
  for (let i = 0; i < 130; i++) {
    fail("stream/stage");
    clock.advance(1000);
  }
  expect(logged).toMatchObject([
    { part: "stream/stage", count: 1 },
    { part: "stream/stage", count: 61 },
    { part: "stream/stage", count: 121 },
  ]);
});

test("an error that is no part's is left to others", () => {
  expect(open().faults.note(new GatewayError("river.fault", "bug", "x"))).toBe(false);
});
