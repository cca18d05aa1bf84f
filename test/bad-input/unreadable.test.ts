/** A device that sends and of which nothing can be read: its card, its alert and REST say so with the field's name, and that it is over. */

import { connectAsync } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeBatch, hashOfMeta } from "../../device-drivers/hearth-stream/frame.ts";
import { until } from "../crash/home-inside.ts";
import { type BadInputHome, openBadInputHome, site } from "./open-home.ts";

let home: BadInputHome;
beforeAll(async () => {
  home = await openBadInputHome();
});
afterAll(() => home.close());

const channel = { id: "ecg", kind: "ecg", lead: "II", unit: "mV", scale: 0.001, offset: 0 };
const metaOf = (channels: readonly object[], rateHz = 250) =>
  Buffer.from(JSON.stringify({ v: 1, rateHz, channels, sentinels: [], contact: "measured" }));
let sequence = 0;

/** Sends `<stream>` twice a second until the end: its descriptor once, then batches that name it. */
async function sending(stream: string, meta: Buffer, rateHz = 250) {
  const client = await connectAsync(`mqtt://127.0.0.1:${home.mqttPort}`, {
    ...{ clientId: "strap", username: "strap", password: home.passwords.strap ?? "", reconnectPeriod: 0 },
  });
  client.on("error", () => {});
  const topic = `hearth/v1/${site}/strap/${stream}`;
  await client.publishAsync(`${topic}/meta`, meta, { qos: 1, retain: true });
  const send = () => {
    const count = rateHz / 2;
    const batch = encodeBatch({
      ...{ bootId: "0123456789abcdef", sequence: sequence++, firstIndex: count * sequence, deviceTimeUs: 500_000 * sequence },
      ...{ clockQuality: 1, periodNs: 1e9 / rateHz, metaHash: hashOfMeta(meta) },
      channels: [{ id: "ecg", samples: new Int16Array(count) }],
    });
    client.publish(`${topic}/raw`, Buffer.from(batch), { qos: 1 });
  };
  const timer = setInterval(send, 500);
  return () => {
    clearInterval(timer);
    client.end(true);
  };
}

const strap = () => home.gateway.view.devices().find(({ id }) => id === "strap");
const alert = async () =>
  (await home.gateway.view.alerts({ open: true, limit: 100 })).alerts.find(
    ({ rule, device, endedUs }) => rule === "device.decoding" && device === "strap" && endedUs === undefined,
  );

test("a descriptor without its scale: the card names the field, no sample is claimed, an alert says it; a right one ends it", async () => {
  const stop = await sending("ecg", metaOf([{ ...channel, scale: undefined }]));
  await until(() => strap()?.findings[0]?.text.includes("channels[0].scale is missing") === true, "the card names the field");
  expect(strap()).toMatchObject({ lastBytesUs: expect.any(Number) });
  expect(strap()?.lastSampleUs).toBeUndefined();
  await until(async () => (await alert()) !== undefined, "the alert is raised");
  const raised = await alert();
  expect(raised).toMatchObject({ kind: "technical", priority: "medium", person: "person-a" });
  expect(raised?.cause).toEqual({ code: "driver.bad_meta", stream: "ecg", field: "channels[0].scale", fault: "missing" });
  const { title, body } = home.gateway.words.alert(raised!);
  expect(title).toBe("strap: its data cannot be read");
  expect(body).toContain("ecg: the descriptor (meta) cannot be used – channels[0].scale is missing");
  expect(strap()?.state).toBe("unreadable");
  stop();

  const stopGood = await sending("ecg", metaOf([channel]));
  await until(async () => (await alert()) === undefined, "the alert ends");
  await until(() => strap()?.state === "online", "the device is online");
  await until(() => strap()?.lastUsableUs !== undefined, "its samples are used");
  expect(strap()?.findings).toEqual([]);
  stopGood();
  expect(home.gateway.view.devices().find(({ id }) => id === "clip")?.findings).toEqual([]);
});

test("an ECG that is decoded and that no rule reads is told like one that cannot be read", async () => {
  const stop = await sending("slow", metaOf([channel], 50), 50);
  await until(async () => (await alert())?.cause?.field === "rateHz", "the alert names the rate");
  expect(home.gateway.words.alert((await alert())!).body).toContain(
    "slow: shown only, no rule reads it: its rate must be 100–2000 Hz, not 50 – rateHz",
  );
  expect(strap()?.findings.map(({ code }) => code)).toEqual(["use.rate"]);
  stop();
});

test("what nobody wears is heard and not looked at: no sample is claimed of it", async () => {
  await home.gateway.view.setup.wear("strap", undefined, "", "Person B");
  const stop = await sending("ecg", metaOf([{ ...channel, scale: undefined }]));
  const before = strap()?.lastBytesUs ?? 0;
  await until(() => (strap()?.lastBytesUs ?? 0) > before, "its bytes are heard");
  await until(async () => (await alert()) === undefined, "it alarms nobody");
  expect(strap()?.findings.filter(({ code }) => code.startsWith("driver."))).toEqual([]);
  stop();
  await home.undisturbed();
});
