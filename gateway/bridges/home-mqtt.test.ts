import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { Presence } from "../alert/presence-port.ts";
import { createHomeMqttBridge } from "./home-mqtt.ts";

const alert: AlertRecord = {
  id: "a1",
  person: "person-a",
  rule: "rhythm.vt",
  device: "chest-strap",
  priority: "high",
  kind: "physiological",
  state: "notified",
  mode: "demo",
  onsetUs: 1_000_000,
  raisedUs: 3_000_000,
  lastSeenUs: 3_000_000,
  count: 1,
  value: 182,
  unit: "bpm",
  quality: "good",
  snoozes: [],
  deliveries: [],
};

function open() {
  const said = new Map<string, { text: string; retain: boolean }>();
  const clock = virtualClock();
  const devices = [{ id: "chest-strap", title: "Chest strap", driver: "hearth-stream", state: "online" }];
  const names = { person: "Person A" };
  const people: { id: string; presence: Omit<Presence, "person"> }[] = [{ id: "person-a", presence: { state: "home", isOverdue: false } }];
  const announce = createHomeMqttBridge({
    site: "home",
    broker: {
      async publish(topic, payload, options) {
        said.set(topic, { text: String(payload), retain: options?.retain === true });
      },
    },
    nowUs: () => 5_000_000,
    deviceOf: () => "chest-strap",
    title: () => `DEMO ${names.person}: fast rhythm`,
    clock,
    house: { devices: () => devices, people: () => people },
  });
  const json = (topic: string) => JSON.parse(said.get(topic)?.text ?? "null");
  /** The broker has what was sent, and a second passes. */
  const pass = async () => {
    await sleep(0);
    clock.advance(1000);
    await sleep(0);
  };
  return { said, announce, json, devices, people, names, pass };
}

test("the gateway says that it is there, retained, and that it goes", async () => {
  const { announce, json, said } = open();
  expect(json("hearth/v1/home/status")).toMatchObject({ state: "online" });
  expect(said.get("hearth/v1/home/status")?.retain).toBe(true);
  await announce.close();
  expect(json("hearth/v1/home/status")).toMatchObject({ state: "offline" });
});

test("an alert stands retained under its device until it is closed, beside a state for dashboards", async () => {
  const { announce, json, said, pass } = open();
  // There before the first alert is.
  expect(json("hearth/v1/home/chest-strap/alert/state")).toMatchObject({ active: false, highest: "none", count: 0 });
  await pass();
  announce.alerts([alert], [alert]);
  expect(json("hearth/v1/home/chest-strap/alert/a1")).toMatchObject({ rule: "rhythm.vt", priority: "high", value: 182 });
  expect(json("hearth/v1/home/chest-strap/alert/state")).toMatchObject({ active: true, highest: "high", count: 1 });
  await pass();
  announce.alerts([{ ...alert, state: "resolved", endedUs: 6_000_000 }], []);
  await pass();
  expect(json("hearth/v1/home/chest-strap/alert/a1")).toMatchObject({ state: "resolved" });
  announce.alerts([{ ...alert, state: "closed" }], []);
  await pass();
  expect(said.get("hearth/v1/home/chest-strap/alert/a1")).toEqual({ text: "", retain: true });
  expect(json("hearth/v1/home/chest-strap/alert/state")).toMatchObject({ active: false, highest: "none", count: 0 });
});

test("a vital sign is told with its age and is never retained", () => {
  const { announce, json, said } = open();
  announce.events("person-a", [{ kind: "vital", code: "hr", timeUs: 4_000_000, value: 72, unit: "/min" }]);
  expect(json("hearth/v1/home/chest-strap/vitals")).toMatchObject({ hr: 72, age_s: 1 });
  expect(said.get("hearth/v1/home/chest-strap/vitals")?.retain).toBe(false);
});

test("a number that a device measures itself stands under that device", () => {
  const { announce, json } = open();
  announce.events("person-a", [{ kind: "vital", code: "spo2", device: "clip", stream: "oxi", timeUs: 4_000_000, value: 97, unit: "%" }]);
  expect(json("hearth/v1/home/clip/vitals")).toMatchObject({ spo2: 97, unit: "%", age_s: 1 });
});

test("a person with another name is another title of the alerts that are open", async () => {
  const { announce, json, names, pass } = open();
  announce.alerts([alert], [alert]);
  names.person = "Person B";
  await pass();
  expect(json("hearth/v1/home/chest-strap/alert/a1").title).toBe("DEMO Person B: fast rhythm");
});

test("of a device that was removed nothing is left, and the time of a state is when it became so", async () => {
  const { announce, json, said, devices, pass } = open();
  announce.alerts([alert], [alert]);
  await pass();
  const before = json("hearth/v1/home/chest-strap/alert/state");
  await pass();
  expect(json("hearth/v1/home/chest-strap/alert/state")).toEqual(before);
  devices.pop();
  await pass();
  expect(json("hearth/v1/home/chest-strap/alert/state")).toMatchObject({ active: true });
  announce.alerts([{ ...alert, state: "closed" }], []);
  await pass();
  expect(
    [...said]
      .filter(([, { text, retain }]) => retain && text !== "")
      .map(([topic]) => topic)
      .sort(),
  ).toEqual(["hearth/v1/home/person/person-a/presence", "hearth/v1/home/status"]);
});

test("where a person is stands retained, with who said so and until when, and goes with the person", async () => {
  const { json, said, people, pass } = open();
  const topic = "hearth/v1/home/person/person-a/presence";
  expect(json(topic)).toEqual({ state: "home", overdue: false });
  await pass();
  people[0]!.presence = { state: "away", by: "Person B", sinceUs: 4_000_000, untilUs: 90_000_000, isOverdue: false };
  await pass();
  expect(json(topic)).toEqual({ state: "away", overdue: false, by: "Person B", until: 90_000, t: 4000 });
  expect(said.get(topic)?.retain).toBe(true);
  people.pop();
  await pass();
  expect(said.get(topic)).toEqual({ text: "", retain: true });
});
