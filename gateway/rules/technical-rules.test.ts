import { expect, test } from "vitest";
import { scenario, told, watchedS } from "./testdata/scenario.ts";

const off = { contact: "off", level: "bad" } as const;

test("lead-off is told after 10 s, low, becomes medium after 15 min, and ends 10 s after contact", () => {
  const decisions = scenario().signal(0, 20).signal(20, 1000, off).signal(1000, 1020).run(1020);
  expect(told(decisions, "device.lead-off")).toEqual(["device.lead-off low from 20 told 30", "device.lead-off ended 1000 told 1010"]);
  expect(decisions.filter(({ kind }) => kind === "update")).toEqual([
    { kind: "update", rule: "device.lead-off", device: "strap", timeUs: 920_000_000, priority: "medium" },
  ]);
});

test("9 s without contact, a single second, and a hole in the data tell nothing", () => {
  expect(told(scenario().signal(0, 20).signal(20, 29, off).signal(29, 60).run(60))).toEqual([]);
  expect(told(scenario().signal(0, 20).signal(20, 21, off).signal(21, 60).run(60))).toEqual([]);
  expect(told(scenario().signal(0, 20).signal(20, 25, off).run(120))).toEqual([]);
  expect(told(scenario().signal(0, 20).signal(20, 25, off).gap(25, 60).signal(60, 68, off).signal(68, 90).run(90))).toEqual([]);
});

test("two streams of one device that lose the skin are one condition", () => {
  const band = scenario("strap", "resp").signal(0, 20).signal(20, 45, off).signal(45, 80);
  const lines = told(scenario().signal(0, 20).signal(20, 40, off).signal(40, 80).with(band).run(80), "device.lead-off");
  expect(lines).toEqual(["device.lead-off low from 20 told 30", "device.lead-off ended 45 told 55"]);
});

test("a sensor without contact sensing is not watched for it", () => {
  expect(watchedS(scenario().signal(0, 60, { contactMeasured: "none", contact: "unknown" }).run(60), "device.lead-off")).toBe(0);
  expect(watchedS(scenario().signal(0, 60).run(60), "device.lead-off")).toBe(59.25);
});

test("signal quality is told after more than 5 min below good and ends after 1 min of good", () => {
  const poor = { level: "poor", noisy: true } as const;
  const decisions = scenario().signal(0, 20).signal(20, 400, poor).signal(400, 500).run(500);
  expect(told(decisions, "signal.quality")).toEqual(["signal.quality low from 20 told 321", "signal.quality ended 400 told 460"]);
  expect(told(scenario().signal(0, 20).signal(20, 320, poor).signal(320, 500).run(500))).toEqual([]);
  const blink = scenario().signal(0, 20).signal(20, 200, poor).signal(200, 201).signal(201, 400, poor).run(400);
  expect(told(blink)).toHaveLength(1);
});

test("a sensor that is off the skin has no signal quality to complain about", () => {
  expect(told(scenario().signal(0, 20).signal(20, 900, off).run(900), "signal.quality")).toEqual([]);
});
