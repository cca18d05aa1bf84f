import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { Priority } from "../../device-drivers/contract/event.ts";
import type { RuleDecision } from "../rules/rule.ts";
import { createMissingData, limitsFor, type MissingDataOptions } from "./missing-data.ts";

function home(causeOf?: MissingDataOptions["causeOf"]) {
  const clock = virtualClock(0);
  const decisions: RuleDecision[] = [];
  const people: string[] = [];
  const axisUs = () => clock.monotonicUs() + 500_000_000;
  const decide = (person: string, decision: RuleDecision) => {
    people.push(person);
    decisions.push(decision);
  };
  const missing = createMissingData({ clock, axisUs, decide, ...(causeOf === undefined ? {} : { causeOf }) });
  const told = () =>
    decisions.map((decision) => {
      const atS = ((decision as { timeUs: number }).timeUs - 500_000_000) / 1e6;
      return decision.kind === "begin"
        ? `begin ${decision.priority} ${atS}`
        : decision.kind === "update"
          ? `${decision.priority} ${atS}`
          : `${decision.kind} ${atS}`;
    });
  /** Usable blocks every second for so long. */
  const flow = (seconds: number, stream = "ecg") => {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1000);
      missing.usable("strap", stream, axisUs());
    }
  };
  return { clock, missing, decisions, people, told, flow, axisUs };
}

test("no data at all: both timers fire, counted from the moment the device is put on", () => {
  const { clock, missing, told, decisions } = home();
  missing.watch("p1", "strap");
  clock.advance(700_000);
  expect(told()).toEqual(["begin medium 120", "high 600"]);
  expect(decisions[0]).toMatchObject({
    rule: "data.missing",
    alertKind: "technical",
    device: "strap",
    onsetUs: 500_000_000,
    value: 120,
    unit: "s",
    limit: 120,
  });
});

test("silence after data is told at exactly 2 min and 10 min, and ends when data have come for 60 s", () => {
  const { clock, missing, told, flow } = home();
  missing.watch("p1", "strap");
  flow(30);
  clock.advance(119_000);
  expect(told()).toEqual([]);
  clock.advance(1000);
  expect(told()).toEqual(["begin medium 150"]);
  flow(60);
  expect(told()).toEqual(["begin medium 150"]);
  flow(2);
  expect(told()[1]).toMatch(/^end 21[12]$/);
  clock.advance(119_000);
  expect(told()).toHaveLength(2);
});

test("a drop of data that does not last starts the count of 60 s anew", () => {
  const { clock, missing, told, flow } = home();
  missing.watch("p1", "strap");
  clock.advance(130_000);
  flow(50);
  clock.advance(30_000);
  flow(50);
  expect(told()).toEqual(["begin medium 120"]);
  flow(15);
  expect(told()).toHaveLength(2);
});

test("samples that are not usable, whose time stands still or lies in the future, are missing data", () => {
  const { clock, missing, told, axisUs } = home();
  missing.watch("p1", "strap");
  missing.usable("strap", "ecg", axisUs());
  const frozenUs = axisUs();
  for (let i = 0; i < 60; i++) {
    clock.advance(1000);
    missing.usable("strap", "ecg", frozenUs);
  }
  for (let i = 0; i < 60; i++) {
    clock.advance(1000);
    missing.usable("strap", "ecg", axisUs() + 86_400_000_000);
  }
  expect(told()).toEqual(["begin medium 120"]);
});

test("one silent stream is told though the other goes on", () => {
  const { missing, told, flow } = home();
  missing.watch("p1", "strap");
  flow(5, "ecg");
  flow(130, "imu");
  expect(told()).toEqual(["begin medium 125"]);
});

test("a sensor that measures once a minute is not missed between its samples, and one that came back is no longer missed", () => {
  const { clock, missing, told, axisUs } = home();
  const limits = limitsFor({ rateHz: 1 / 60 })!;
  const once = () => {
    missing.limits("patch", "temp", limits);
    missing.usable("patch", "temp", axisUs());
  };
  missing.watch("p1", "patch");
  for (let minute = 0; minute < 20; minute++) {
    once();
    clock.advance(60_000);
  }
  expect(told()).toEqual([]);
  clock.advance(240_000);
  for (let minute = 0; minute < 4; minute++) {
    once();
    clock.advance(60_000);
  }
  expect(told()[0]).toMatch(/^begin medium/);
  expect(told()[1]).toMatch(/^end/);
});

test("only a sensor whose samples come seldom or that asks for it has limits of its own, and none is missed before its next sample is due", () => {
  expect(limitsFor({ rateHz: 130 })).toBeUndefined();
  expect(limitsFor({ rateHz: 130, missedData: { warnS: 30, urgentS: 60 } })).toMatchObject({ warnS: 30, urgentS: 60 });
  const { clock, missing, told, axisUs } = home();
  missing.watch("p1", "patch");
  missing.limits("patch", "temp", limitsFor({ rateHz: 1 / 300 })!);
  for (let n = 0; n < 5; n++) {
    missing.usable("patch", "temp", axisUs());
    clock.advance(300_000);
  }
  expect(told()).toEqual([]);
});

test("a descriptor may ask for other limits", () => {
  const { clock, missing, told } = home();
  missing.watch("p1", "strap");
  missing.limits("strap", "ecg", { warnS: 30, urgentS: 60 });
  clock.advance(100_000);
  expect(told()).toEqual(["begin medium 30", "high 60"]);
});

test("steps of the wall clock change nothing", () => {
  const { clock, missing, told } = home();
  missing.watch("p1", "strap");
  clock.stepWall(-7 * 86_400_000);
  clock.advance(60_000);
  clock.stepWall(14 * 86_400_000);
  clock.advance(59_000);
  expect(told()).toEqual([]);
  clock.advance(1000);
  expect(told()).toEqual(["begin medium 120"]);
});

test("nobody wears it: nothing is told, and an open condition ends", () => {
  const { clock, missing, told, flow } = home();
  flow(10);
  clock.advance(1_000_000);
  expect(told()).toEqual([]);
  missing.watch("p1", "strap");
  clock.advance(130_000);
  missing.unwatch("strap");
  expect(told()).toHaveLength(2);
  clock.advance(1_000_000);
  expect(told()).toHaveLength(2);
});

test("an alert that is open from the last run ends when data flow, and another person's device is another watch", () => {
  const { missing, told, flow, clock, people } = home();
  missing.watch("p1", "strap", { open: "medium" });
  missing.watch("p2", "band");
  flow(62);
  expect(told()).toEqual(["end 62"]);
  clock.advance(60_000);
  expect(people).toEqual(["p1", "p2"]);
});

test("one dead sensor is one alert: what says why nothing comes takes on the silence's priority, and the silence speaks when it ends", () => {
  let cause: { rule: string; priority: Priority } | undefined = { rule: "device.cable", priority: "medium" };
  const { clock, missing, told, decisions } = home(() => cause);
  missing.watch("p1", "strap");
  clock.advance(599_000);
  expect(told()).toEqual([]);
  clock.advance(1000);
  expect(told()).toEqual(["high 600"]);
  expect(decisions[0]).toMatchObject({ kind: "update", rule: "device.cable", device: "strap" });
  cause = { rule: "device.cable", priority: "high" };
  clock.advance(100_000);
  expect(told()).toHaveLength(1);
  cause = undefined;
  clock.advance(29_000);
  expect(told()).toHaveLength(1);
  clock.advance(1000);
  expect(told().slice(1)).toEqual(["begin medium 730", "high 730"]);
  expect(decisions[1]).toMatchObject({ rule: "data.missing", onsetUs: 500_000_000 });
});

test("data that come back within the time after the cause's end are no second alert", () => {
  let cause: { rule: string; priority: Priority } | undefined = { rule: "device.lead-off", priority: "low" };
  const { clock, missing, told, flow } = home(() => cause);
  missing.watch("p1", "strap");
  clock.advance(120_000);
  expect(told()).toEqual(["medium 120"]);
  clock.advance(30_000);
  cause = undefined;
  clock.advance(20_000);
  flow(200);
  expect(told().filter((each) => each.startsWith("begin"))).toEqual([]);
});

test("no descriptor switches the watch off or makes it cry: limits are kept within half a minute and an hour, two for urgent", () => {
  const of = (warnS: number, urgentS: number) => {
    const { clock, missing, told } = home();
    missing.watch("p1", "strap");
    missing.limits("strap", "ecg", { warnS, urgentS });
    clock.advance(8_000_000);
    return told();
  };
  expect(of(1e9, 1e9)).toEqual(["begin medium 3600", "high 7200"]);
  expect(of(0, 0)).toEqual(["begin medium 30", "high 30"]);
  expect(of(600, 300)).toEqual(["begin medium 600", "high 600"]);
  expect(of(60, 300)).toEqual(["begin medium 60", "high 300"]);
});

test("a descriptor says something of a stream's patience only where it differs from a wearable's", () => {
  expect(limitsFor({ rateHz: 250 })).toBeUndefined();
  expect(limitsFor({ rateHz: 1 / 6 })).toBeUndefined();
  expect(limitsFor({ rateHz: 1 / 7 })).toEqual({ warnS: 120, urgentS: 600, periodS: 7 });
  expect(limitsFor({ rateHz: 250, missedData: { warnS: 60, urgentS: 90 } })).toEqual({ warnS: 60, urgentS: 90 });
});

test("a device that nobody wears is waited for by nobody, and can be taken off all the same", () => {
  const { clock, missing, told, axisUs } = home();
  missing.unwatch("strap");
  missing.limits("strap", "ecg", { warnS: 60, urgentS: 90 });
  missing.usable("strap", "ecg", axisUs());
  missing.watch("p1", "strap");
  clock.advance(130_000);
  missing.unwatch("strap");
  clock.advance(3_600_000);
  expect(told()).toEqual(["begin medium 120", "end 130"]);
});
