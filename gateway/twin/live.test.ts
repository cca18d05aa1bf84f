import { expect, test } from "vitest";
import type { HeartbeatPayload } from "../semantic/payloads/heartbeat.ts";
import { createLocalLive, messageOf, type TwinMessage } from "./live.ts";

const message: TwinMessage = { event: "gateway", data: {} };

test("a message reaches every reader of its home and none of another, and nobody who has left", () => {
  const live = createLocalLive();
  const heard: string[] = [];
  const leave = ["home-a 1", "home-a 2", "home-b 3"].map((name) => live.subscribe(name.slice(0, 6), () => void heard.push(name)));
  live.publish("home-a", message);
  leave[0]?.();
  leave[0]?.();
  live.publish("home-a", message);
  leave[1]?.();
  live.publish("home-a", message);
  live.subscribe("home-a", () => void heard.push("home-a 4"));
  live.publish("home-a", message);
  live.publish("home-b", message);
  expect(heard).toEqual(["home-a 1", "home-a 2", "home-a 2", "home-a 4", "home-b 3"]);
});

test("a heartbeat tells when it was, what waits at home and how the devices are, and no name", () => {
  const heartbeat: HeartbeatPayload = {
    kind: "heartbeat",
    ...{ timeUs: 5, uptimeS: 1, version: "1", outboxDepth: 3 },
    people: [{ id: "person-a", name: "Person A" }],
    devices: [{ id: "strap", state: "online" }],
  };
  expect(messageOf(heartbeat)).toEqual({
    event: "gateway",
    data: { timeUs: 5, outboxDepth: 3, devices: [{ id: "strap", state: "online" }] },
  });
});
