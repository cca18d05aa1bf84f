import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { RuleDecision } from "../rules/rule.ts";
import { createTechnical } from "./technical.ts";

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
