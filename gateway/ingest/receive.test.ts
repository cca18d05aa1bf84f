/** What comes in over the broker and the ports: what goes into the river, what is kept apart, and what it says of the device. */

import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import type { GatewayError } from "../../device-drivers/contract/error.ts";
import { readDescriptors } from "../strips/kept-descriptors.ts";
import type { Publisher } from "./broker-port.ts";
import { createReceiver } from "./receive.ts";

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const bytesOf = (text: string) => new TextEncoder().encode(text);

function open({ put }: { put?: () => Promise<void> } = {}) {
  const values = new Map<string, Uint8Array>();
  const offered: { chunk: Chunk; ack: (error?: GatewayError) => void }[] = [];
  const presences: string[] = [];
  const acks: unknown[] = [];
  const writes = { count: 0 };
  let timeUs = 0;
  const store = {
    getValue: async (key: string) => values.get(key),
    async putValue(key: string, value: Uint8Array) {
      writes.count++;
      await put?.();
      values.set(key, value);
    },
  };
  const intake = createReceiver({
    site: "home",
    clock: virtualClock(),
    stamps: () => ({ timeUs: ++timeUs, monotonicUs: timeUs, wallUs: timeUs, wallQuality: "ntp" }),
    pipeline: { offer: (chunk, ack) => void offered.push({ chunk, ack }) },
    store,
    onPresence: (device, presence) => presences.push(`${device} ${presence}`),
  });
  const publish = (channel: string, text = "x", device = "strap") =>
    intake.publish({} as Publisher, { device, channel, payload: bytesOf(text) } as never, (error) => acks.push(error));
  return { intake, publish, offered, presences, acks, store, writes };
}

test("samples and descriptors go into the river with the gateway's stamps, and are acknowledged when the river says so", () => {
  const { publish, offered, acks, intake } = open();
  publish("ecg/meta", "{}");
  publish("ecg/raw", "abc");
  expect(offered.map(({ chunk }) => chunk)).toMatchObject([
    { link: "mqtt", device: "strap", channel: "ecg/meta", stamps: { timeUs: 1 } },
    { link: "mqtt", device: "strap", channel: "ecg/raw", stamps: { timeUs: 2 } },
  ]);
  expect(acks).toEqual([]);
  const error = { code: "x" } as GatewayError;
  offered[0]?.ack();
  offered[1]?.ack(error);
  expect(acks).toEqual([undefined, error]);
  expect(intake.rawBytes).toBe(5);
  expect(intake.arrivals("strap")).toEqual({ count: 2, lastUs: 2 });
  expect(intake.arrivals("clip")).toBeUndefined();
});

test("other topics are acknowledged and go nowhere", () => {
  const { publish, offered, acks, presences } = open();
  publish("ecg/vitals");
  expect([offered, acks, presences]).toEqual([[], [undefined], []]);
});

test("the bytes of a port go into the river as they are", () => {
  const { intake, offered } = open();
  const chunk = { link: "serial", device: "imu", channel: "", bytes: bytesOf("abcd"), stamps: { timeUs: 7 } } as Chunk;
  intake.chunk(chunk);
  expect(offered[0]?.chunk).toBe(chunk);
  expect(intake.arrivals("imu")).toEqual({ count: 1, lastUs: 7 });
  expect(intake.rawBytes).toBe(4);
});

test("a status may tell the charge: a number from 0 to 100, shown anew when it changes; another is none", () => {
  const { publish, presences, intake } = open();
  const tell = (battery_pct: unknown) => publish("status", JSON.stringify({ state: "online", battery_pct }));
  expect(intake.batteryPct("strap")).toBeUndefined();
  tell(81.4);
  for (const wrong of [-1, 101, "81", null, true, {}]) tell(wrong);
  publish("status", '{"state":"online"}');
  expect(intake.batteryPct("strap")).toBe(81);
  const before = presences.length;
  tell(81);
  tell(80);
  expect([presences.length - before, intake.batteryPct("strap")]).toEqual([1, 80]);
});

test("a device is what its status says, told once each time it changes; a status of nonsense is an error", () => {
  const { publish, presences, intake, acks } = open();
  expect(intake.presence("strap")).toBe("waiting");
  for (const state of ["online", "online", "sleeping", "offline"]) publish("status", JSON.stringify({ state }));
  for (const text of ['{"state":"waiting"}', '{"state":"silent"}', "", "null"]) publish("status", text);
  expect(presences).toEqual(["strap online", "strap sleeping", "strap offline", "strap error"]);
  publish("status", JSON.stringify({ state: "online", pad: "x".repeat(2000) }));
  expect(intake.presence("strap")).toBe("error");
  expect(acks).toHaveLength(9);
});

test("one that sends samples is there, unless it has said otherwise", () => {
  const { publish, presences, intake } = open();
  publish("ecg/meta", "{}");
  expect(intake.presence("strap")).toBe("waiting");
  publish("ecg/raw");
  expect(intake.presence("strap")).toBe("online");
  intake.setPresence("strap", "offline");
  publish("ecg/raw");
  expect(intake.presence("strap")).toBe("online");
  intake.setPresence("strap", "silent");
  publish("ecg/raw");
  expect(intake.presence("strap")).toBe("online");
  intake.setPresence("strap", "sleeping");
  publish("ecg/raw");
  expect(presences.at(-1)).toBe("strap sleeping");
});

test("descriptors are kept, the newest of each stream, and written only where they changed, those of one moment together", async () => {
  const { publish, store, writes } = open();
  publish("ecg/meta", "1");
  publish("ppg/meta", "2");
  publish("ecg/meta", "1");
  await settled();
  expect(await readDescriptors(store, "strap")).toEqual({ "ecg/meta": "1", "ppg/meta": "2" });
  expect(writes.count).toBe(1);
  publish("ecg/meta", "3");
  publish("ecg/meta", "9", "clip");
  await settled();
  expect(await readDescriptors(store, "strap")).toEqual({ "ecg/meta": "3", "ppg/meta": "2" });
  expect(await readDescriptors(store, "clip")).toEqual({ "ecg/meta": "9" });
});

test("a descriptor that the disk refused is written when it is declared again", async () => {
  let isFull = true;
  const { publish, store } = open({
    put: async () => {
      if (isFull) throw new Error("full");
    },
  });
  publish("ecg/meta", "1");
  await settled();
  isFull = false;
  publish("ecg/meta", "1");
  await settled();
  expect(await readDescriptors(store, "strap")).toEqual({ "ecg/meta": "1" });
});

test("what a driver owes its device goes to the device's own topic and must arrive; a broker that is gone harms nothing", async () => {
  const { intake } = open();
  const sent: unknown[][] = [];
  const broker = {
    publish(...args: unknown[]) {
      sent.push(args);
      return Promise.reject(new Error("closed"));
    },
  };
  intake.reply(broker as never, "strap", "config", Uint8Array.of(1));
  await settled();
  expect(sent).toEqual([["hearth/v1/home/strap/config", Uint8Array.of(1), { qos: 1 }]]);
});

test("a device that thinks of ever new streams is refused at the 65th, and heard on those that it had", () => {
  const { publish, acks, offered } = open();
  for (let i = 0; i < 64; i++) publish(`s${i}/raw`);
  for (const leaf of ["raw", "meta"]) publish(`s64/${leaf}`);
  expect(acks).toMatchObject([{ code: "ingest.too_many_streams" }, { code: "ingest.too_many_streams" }]);
  publish("s0/raw");
  publish("s64/raw", "x", "clip");
  expect(offered).toHaveLength(66);
});
