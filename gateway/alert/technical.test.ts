import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { RuleDecision } from "../rules/rule.ts";
import { createTechnical, isTechnical, technicalRules } from "./technical.ts";

const of = { person: "home", device: "gateway" };

function part() {
  const clock = virtualClock();
  const told: string[] = [];
  const decide = (person: string, decision: RuleDecision) => {
    const { rule, timeUs } = decision as { rule: string; timeUs: number };
    const priority = "priority" in decision && decision.priority !== undefined ? ` ${decision.priority}` : "";
    told.push(`${person} ${decision.kind} ${rule}${priority} ${timeUs / 1e6}`);
  };
  return { clock, told, technical: createTechnical({ clock, axisUs: () => clock.monotonicUs(), decide }) };
}

test("a dead model host is told after 60 s and ends when it runs", () => {
  const { clock, told, technical } = part();
  technical.set("analysis.off", true, of);
  clock.advance(59_999);
  technical.set("analysis.off", true, of);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual(["home begin analysis.off medium 60"]);
  clock.advance(5000);
  technical.set("analysis.off", false, of);
  technical.set("analysis.off", false, of);
  expect(told[1]).toBe("home end analysis.off 65");
  expect(told).toHaveLength(2);
});

test("one that ends within its delay was never told", () => {
  const { clock, told, technical } = part();
  technical.set("analysis.off", true, of);
  clock.advance(30_000);
  technical.set("analysis.off", false, of);
  clock.advance(300_000);
  expect(told).toEqual([]);
});

test("a silent twin is low at 15 min and medium at 30", () => {
  const { clock, told, technical } = part();
  technical.set("uplink.down", true, of);
  clock.advance(3_600_000);
  expect(told).toEqual(["home begin uplink.down low 900", "home update uplink.down medium 1800"]);
});

test("an identity conflict ends only after 60 s of peace", () => {
  const { clock, told, technical } = part();
  technical.set("device.identity", true, { person: "p1", device: "strap" });
  technical.set("device.identity", false, { person: "p1", device: "strap" });
  clock.advance(30_000);
  technical.set("device.identity", true, { person: "p1", device: "strap" });
  technical.set("device.identity", false, { person: "p1", device: "strap" });
  clock.advance(59_000);
  expect(told).toEqual(["p1 begin device.identity medium 0"]);
  clock.advance(1000);
  expect(told).toEqual(["p1 begin device.identity medium 0", "p1 end device.identity 90"]);
});

test("a device that changes hands takes its condition along", () => {
  const { told, technical } = part();
  technical.set("device.cable", true, { person: "p1", device: "imu" });
  technical.leave("device.cable", { person: "p2", device: "imu" });
  technical.leave("device.cable", { person: "p2", device: "imu" });
  expect(told).toEqual(["p1 begin device.cable medium 0", "p1 end device.cable 0"]);
});

test("one device's condition is not another's, and an adopted one ends when its part says so", () => {
  const { told, technical } = part();
  technical.adopt("device.cable", { person: "p1", device: "imu" });
  technical.set("device.cable", true, { person: "p1", device: "strap" });
  technical.set("device.cable", false, { person: "p1", device: "imu" });
  expect(told).toEqual(["p1 begin device.cable medium 0", "p1 end device.cable 0"]);
});

test.each([
  ["device.cable", "medium", 0, 0],
  ["device.decoding", "medium", 0, 0],
  ["device.wrong-person", "low", 10, 0],
  ["device.identity", "medium", 0, 60],
  ["device.too-much", "low", 0, 0],
  ["analysis.off", "medium", 60, 0],
  ["uplink.down", "low", 900, 0],
  ["storage.reserve", "low", 0, 10],
  ["storage.dropped-early", "low", 0, 0],
  ["storage.disk-full", "medium", 0, 10],
  ["storage.not-stored", "medium", 0, 0],
  ["storage.damaged", "low", 0, 0],
  ["certificate.30-days", "low", 0, 0],
  ["certificate.14-days", "low", 0, 0],
  ["certificate.3-days", "medium", 0, 0],
  ["record.lost", "medium", 0, 0],
  ["gateway.clock", "low", 0, 0],
  ["gateway.lag", "low", 60, 0],
  ["presence.overdue", "medium", 0, 0],
  ["delivery.failed", "high", 0, 0],
] as const)("%s is told as %s after %d s, and is over after %d s without it", (rule, priority, delayS, endS) => {
  const { clock, told, technical } = part();
  const passed = (seconds: number) => seconds > 0 && clock.advance(seconds * 1000 - 1);
  technical.set(rule, true, of);
  passed(delayS);
  expect(told).toEqual(delayS > 0 ? [] : [expect.anything()]);
  clock.advance(1);
  expect(told).toEqual([`home begin ${rule} ${priority} ${delayS}`]);
  technical.set(rule, false, of);
  passed(endS);
  expect(told).toHaveLength(endS > 0 ? 1 : 2);
  clock.advance(1);
  expect(told[1]).toMatch(new RegExp(`^home end ${rule} `));
  clock.advance(86_400_000);
  expect(told).toHaveLength(2);
});

test("every line of the table has been asked for here", () => {
  expect(Object.keys(technicalRules)).toHaveLength(20);
  expect([isTechnical("gateway.lag"), isTechnical("hr.high")]).toEqual([true, false]);
});

test("what is told says since when it has been so, what it is about, and the priority and cause that were given with it", () => {
  const clock = virtualClock();
  const decisions: RuleDecision[] = [];
  const technical = createTechnical({
    clock,
    axisUs: () => clock.monotonicUs() + 7_000_000,
    decide: (_person, decision) => decisions.push(decision),
  });
  technical.set("analysis.off", true, { ...of, priority: "high", cause: { code: "model" } });
  clock.advance(90_000);
  technical.set("analysis.off", false, of);
  expect(decisions).toEqual([
    {
      ...{ kind: "begin", rule: "analysis.off", device: "gateway", stream: "", priority: "high", alertKind: "technical" },
      ...{ onsetUs: 7_000_000, timeUs: 67_000_000, quality: "unknown", cause: { code: "model" } },
    },
    { kind: "end", rule: "analysis.off", device: "gateway", endUs: 97_000_000, timeUs: 97_000_000 },
  ]);
});

test("a silent twin that answers again is not escalated later", () => {
  const { clock, told, technical } = part();
  technical.set("uplink.down", true, of);
  clock.advance(1_000_000);
  technical.set("uplink.down", false, of);
  clock.advance(3_600_000);
  expect(told).toEqual(["home begin uplink.down low 900", "home end uplink.down 1000"]);
});

test("who leaves a device leaves nothing else: another device, another condition and the wearer's own stay", () => {
  const { told, technical } = part();
  technical.set("device.cable", true, { person: "p1", device: "imu" });
  technical.set("device.cable", true, { person: "p1", device: "strap" });
  technical.set("device.decoding", true, { person: "p1", device: "imu" });
  technical.leave("device.cable", { person: "p1", device: "imu" });
  expect(told).toHaveLength(3);
  technical.leave("device.cable", { person: "p2", device: "imu" });
  expect(told.slice(3)).toEqual(["p1 end device.cable 0"]);
});

test("an alert of the last run that still holds is not told again; one of no part here is left alone", () => {
  const { told, technical } = part();
  technical.adopt("device.cable", { person: "p1", device: "imu" });
  technical.adopt("hr.high", { person: "p1", device: "imu" });
  technical.set("device.cable", true, { person: "p1", device: "imu" });
  expect(told).toEqual([]);
});

test("nothing is told after the close", () => {
  const { clock, told, technical } = part();
  technical.set("analysis.off", true, of);
  technical.close();
  clock.advance(3_600_000);
  expect(told).toEqual([]);
});

test("what comes back after its end is told again", () => {
  const { told, technical } = part();
  for (const isTrue of [true, false, true, false]) technical.set("device.cable", isTrue, of);
  expect(told.map((line) => line.split(" ")[1])).toEqual(["begin", "end", "begin", "end"]);
});
