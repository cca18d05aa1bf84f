import { expect, test } from "vitest";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
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
  const announce = createHomeMqttBridge({
    site: "home",
    broker: {
      async publish(topic, payload, options) {
        said.set(topic, { text: String(payload), retain: options?.retain === true });
      },
    },
    nowUs: () => 5_000_000,
    deviceOf: () => "chest-strap",
    title: () => "DEMO Person A: fast rhythm",
  });
  const json = (topic: string) => JSON.parse(said.get(topic)?.text ?? "null");
  return { said, announce, json };
}

test("the gateway says that it is there, retained, and that it goes", async () => {
  const { announce, json, said } = open();
  expect(json("hearth/v1/home/status")).toMatchObject({ state: "online" });
  expect(said.get("hearth/v1/home/status")?.retain).toBe(true);
  await announce.close();
  expect(json("hearth/v1/home/status")).toMatchObject({ state: "offline" });
});

test("an alert stands retained under its device until it is closed, beside a state for dashboards", () => {
  const { announce, json, said } = open();
  announce.alerts([alert], [alert]);
  expect(json("hearth/v1/home/chest-strap/alert/a1")).toMatchObject({ rule: "rhythm.vt", priority: "high", value: 182 });
  expect(json("hearth/v1/home/chest-strap/alert/state")).toMatchObject({ active: true, highest: "high", count: 1 });
  announce.alerts([{ ...alert, state: "closed" }], []);
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
