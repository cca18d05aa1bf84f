import { expect, test } from "vitest";
import * as policy from "./policy.ts";

const min = (minutes: number) => minutes * 60_000_000;

test("a high speaks again after 2, 5, 10 and 20 min and then every 5; a medium every 30; low and info never", () => {
  const due = (priority: Parameters<typeof policy.stepsDue>[0], minutes: readonly number[]) =>
    minutes.map((each) => policy.stepsDue(priority, min(each)));
  expect(due("high", [0, 1.99, 2, 4.99, 5, 9.99, 10, 19.99, 20, 24.99, 25, 30, 60])).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 12]);
  expect(due("medium", [0, 29.99, 30, 59.99, 60, 90])).toEqual([0, 0, 1, 1, 2, 3]);
  expect([...due("low", [0, 600]), ...due("info", [0, 600])]).toEqual([0, 0, 0, 0]);
});

test.each([
  ["rhythm.vt", 180, 210, 209.9],
  ["hr.high", 160, 180, 179.9],
  ["hr.limit-high", 130, 150, 149.9],
  ["hr.low", 38, 28, 28.1],
  ["hr.limit-low", 48, 38, 38.1],
  ["spo2.low", 88, 85, 85.1],
  ["temp.limit-high", 38.5, 39, 38.9],
  ["temp.limit-low", 35, 34.5, 34.6],
  ["resp.limit-high", 30, 35, 34.9],
  ["resp.limit-low", 9, 6, 6.1],
])("%s breaks the quiet when it goes from %d to %d, and not to %d or the other way", (rule, before, worse, almost) => {
  const away = before - (worse - before);
  expect([worse, almost, away].map((value) => policy.isWorse(rule, before, value))).toEqual([true, false, false]);
  expect([policy.worstOf(rule, before, worse), policy.worstOf(rule, worse, before)]).toEqual([worse, worse]);
});

test("without two values, or without a step, nothing is worse; the worst of one value is that value", () => {
  expect([policy.isWorse("hr.high", undefined, 200), policy.isWorse("hr.high", 100, undefined)]).toEqual([false, false]);
  expect(policy.isWorse("rhythm.pause", 3, 300)).toBe(false);
  expect([policy.worstOf("hr.low", undefined, 30), policy.worstOf("hr.low", 30, undefined)]).toEqual([30, 30]);
  expect([policy.worstOf("rhythm.pause", 3, 4), policy.worstOf("rhythm.pause", undefined, undefined)]).toEqual([4, undefined]);
});

test("priorities have one order, and only medium and high go out by themselves", () => {
  const all = ["info", "low", "medium", "high"] as const;
  expect(all.map((a) => all.map((b) => policy.isHigher(a, b)))).toEqual([
    [false, false, false, false],
    [true, false, false, false],
    [true, true, false, false],
    [true, true, true, false],
  ]);
  expect(all.map(policy.isTold)).toEqual([false, false, true, true]);
});

test("a high is quiet for 15 or 30 min, others for the lengths of the list; no press without a length is over 30", () => {
  const { acknowledge, snooze } = policy.quietMinutes;
  expect([acknowledge("high"), snooze("high")]).toEqual([
    { choices: [15, 30], usual: 30 },
    { choices: [15, 30], usual: 15 },
  ]);
  expect([acknowledge("medium"), snooze("low")]).toEqual([
    { choices: [15, 30, 60, 120], usual: 30 },
    { choices: [15, 30, 60, 120, 240, 480, 720], usual: 15 },
  ]);
});

test("one alert within the minute, one an hour of short runs, expiry after a day, late from 10 min on, 20 messages an hour", () => {
  expect([policy.retriggerUs, policy.hourlyUs, policy.expiryUs, policy.lateUs, policy.lateGraceUs]).toEqual(
    [1, 60, 1440, 10, 0.5].map(min),
  );
  expect([policy.notificationsPerHour, policy.keptDeliveries, [...policy.hourlyRules]]).toEqual([
    20,
    20,
    ["rhythm.vt-run", "anomaly.morphology"],
  ]);
  expect([...policy.silenceCauses].sort()).toEqual(["device.cable", "device.decoding", "device.lead-off", "signal.quality"]);
});
