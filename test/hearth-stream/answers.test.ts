import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { encodeBatch, hashOfMeta } from "../../device-drivers/hearth-stream/frame.ts";
import { until } from "../crash/home-inside.ts";
import { device, openOwnHome, site } from "./own-home.ts";

interface Said {
  readonly code: string;
  readonly field?: string;
  readonly reason: string;
  readonly help: string;
  readonly topic?: string;
}

const base = `hearth/v1/${site}/${device}`;
let home: Awaited<ReturnType<typeof openOwnHome>>;
let client: MqttClient;
const said: Said[] = [];

const connect = async (more: IClientOptions = {}) => {
  const opened = await connectAsync(`mqtt://127.0.0.1:${home.gateway.mqttPort}`, {
    ...{ clientId: device, username: device, password: home.password, reconnectPeriod: 0, ...more },
  });
  opened.on("error", () => {});
  opened.on("message", (topic, payload) => {
    if (topic === `${base}/cmd/error` && payload.length > 0) said.push(JSON.parse(payload.toString()) as Said);
  });
  await opened.subscribeAsync(`${base}/cmd/#`, { qos: 1 });
  return opened;
};
/** The newest answer with this code, on the topic and on the card. */
const answered = async (code: string, field?: string): Promise<Said> => {
  const fits = (each: { code: string; field?: string }) => each.code === code && (field === undefined || each.field === field);
  await until(() => said.some(fits), `${code} ${field ?? ""} is answered`, 20_000);
  await until(() => home.gateway.view.devices()[0]?.findings.some(fits) === true, `${code} is on the card`, 20_000);
  const answer = said.findLast(fits);
  if (answer === undefined) throw new Error("no answer");
  expect(answer.reason.length).toBeGreaterThan(10);
  expect(answer.help.length).toBeGreaterThan(10);
  const finding = home.gateway.view.devices()[0]?.findings.find(fits);
  expect(finding?.help).toBe(answer.help);
  return answer;
};
const send = (channel: string, payload: unknown, retain = false) =>
  client.publishAsync(`${base}/${channel}`, payload instanceof Uint8Array ? Buffer.from(payload) : JSON.stringify(payload), {
    qos: 1,
    retain,
  });

beforeAll(async () => {
  home = await openOwnHome();
  client = await connect();
});
afterAll(async () => {
  client.end(true);
  await home.close();
});
afterEach(async () => {
  if (client.connected) return;
  client = await connect();
});

const channel = { id: "ecg", kind: "ecg", unit: "mV", scale: 0.001, offset: 0 };
const meta = { v: 1, rateHz: 250, channels: [channel], sentinels: [] };
const batch = {
  ...{ bootId: "0011223344556677", sequence: 0, firstIndex: 0, deviceTimeUs: 0, clockQuality: 1 as const, periodNs: 4_000_000 },
  channels: [{ id: "ecg", samples: new Int16Array(250) }],
};
const hash = hashOfMeta(new TextEncoder().encode(JSON.stringify(meta)));

test.each([
  ["a batch whose descriptor was never sent", "never/raw", { ...batch }, "driver.no_descriptor", "m"],
  ["no JSON", "a/raw", Buffer.from("{rateHz:250}"), "driver.bad_json", undefined],
  ["text", "a/raw", Buffer.from("temperature=36.5"), "driver.unknown_encoding", undefined],
  ["values as strings", "a/raw", { rateHz: 250, unit: "mV", x: ["1", "2"] }, "driver.bad_samples", "x[0]"],
  ["a number alone", "n/raw", 72, "driver.undescribed", "rateHz"],
  ["no rate", "a/raw", { unit: "mV", x: [1] }, "driver.bad_field", "rateHz"],
  ["no unit", "a/raw", { rateHz: 250, x: [1] }, "driver.bad_field", "unit"],
  ["samples under another name", "a/raw", { rateHz: 250, unit: "mV", values: [1] }, "driver.bad_field", "x"],
  ["no sample", "a/raw", { rateHz: 250, unit: "mV", x: [] }, "driver.empty_batch", "x"],
  ["a batch that is too big", "a/raw", Buffer.alloc(20_000, 0x20), "driver.too_large", undefined],
  ["a descriptor without a rate", "b/meta", { ...meta, rateHz: undefined }, "driver.bad_meta", "rateHz"],
  ["a descriptor with a text for a number", "b/meta", { ...meta, rateHz: "250" }, "driver.bad_meta", "rateHz"],
  [
    "a descriptor without a scale",
    "b/meta",
    { ...meta, channels: [{ ...channel, scale: undefined }] },
    "driver.bad_meta",
    "channels[0].scale",
  ],
])("%s is answered on the device's cmd/error and on its card, with the way out", async (_, topic, payload, code, field) => {
  await send(topic, typeof payload === "object" && "bootId" in payload ? encodeBatch({ ...batch, metaHash: "0123456789abcdef" }) : payload);
  await answered(code, field);
});

test("an unknown unit and a rate that no rule reads are on the card with what would be needed", async () => {
  await send("ecg-1/raw", { rateHz: 250, kind: "ecg", unit: "volts per metre", x: Array(250).fill(0) });
  await send("ecg-2/raw", { rateHz: 50, kind: "ecg", unit: "mV", x: Array(50).fill(0) });
  const finding = (code: string) => home.gateway.view.devices()[0]?.findings.find((each) => each.code === code);
  await until(() => finding("use.unit") !== undefined && finding("use.rate") !== undefined, "both are on the card", 20_000);
  expect(finding("use.unit")).toMatchObject({
    stream: "ecg-1",
    text: expect.stringContaining("mV, uV, V"),
    help: expect.stringContaining("unit"),
  });
  expect(finding("use.rate")).toMatchObject({ stream: "ecg-2", text: expect.stringContaining("100–2000 Hz") });
});

test("times in milliseconds and numbers that go back are told, and the samples are taken all the same", async () => {
  await send("ecg/meta", meta, true);
  for (let i = 0; i < 4; i++)
    await send("ecg/raw", encodeBatch({ ...batch, sequence: i, firstIndex: 250 * i, deviceTimeUs: i, metaHash: hash }));
  await answered("driver.time_unit", "t");
  await send(
    "ecg/raw",
    encodeBatch({
      ...batch,
      sequence: 0,
      firstIndex: 0,
      deviceTimeUs: 9e6,
      metaHash: hash,
      channels: [{ id: "ecg", samples: new Int16Array(250).fill(7) }],
    }),
  );
  await answered("driver.numbers_again", "q");
  await send("ecg/raw", encodeBatch({ ...batch, sequence: 9, firstIndex: 250, deviceTimeUs: 10e6, metaHash: hash }));
  await send("ecg/raw", encodeBatch({ ...batch, sequence: 10, firstIndex: 0, deviceTimeUs: 11e6, metaHash: hash }));
  await answered("driver.numbers_again", "n0");
  expect(home.gateway.view.devices()[0]?.counters.frames).toBeGreaterThanOrEqual(5);
});

test("a device that publishes where it may not hears why before its connection ends", async () => {
  const topics = [`${base}/ecg`, `hearth/v1/${site}/other/ecg/raw`, `hearth/v1/elsewhere/${device}/ecg/raw`, "ecg/raw", `${base}/ecg/data`];
  for (const topic of topics) {
    const ended = new Promise<void>((resolve) => client.once("close", () => resolve()));
    client.publish(topic, "1", { qos: 1 });
    await ended;
    expect(said.findLast(({ code }) => code === "access.topic")?.topic).toBe(topic);
    client = await connect();
  }
  expect((await answered("access.topic")).help).toContain("<stream>/raw");
});

test("a message beyond what the broker takes is answered before its connection ends or on its card", async () => {
  const ended = new Promise<void>((resolve) => client.once("close", () => resolve()));
  client.publish(`${base}/a/raw`, Buffer.alloc(70_000), { qos: 1 });
  await ended;
  const late = await connect({ clientId: "late" });
  await answered("access.packet");
  late.end(true);
});

test("a subscription, a will and a client id that it may not have are answered", async () => {
  await expect(client.subscribeAsync("hearth/v1/#")).rejects.toThrow();
  expect((await answered("access.filter")).topic).toBe("hearth/v1/#");
  await expect(
    connect({ clientId: "second", will: { topic: "home/status", payload: Buffer.from("x"), qos: 0, retain: false } }),
  ).rejects.toThrow();
  expect((await answered("access.will")).topic).toBe("home/status");
});

test("a wrong password is on the card, and what it was is nowhere", async () => {
  await expect(connect({ clientId: "second", password: "open sesame" })).rejects.toThrow();
  const answer = await answered("access.password");
  expect(JSON.stringify([answer, home.gateway.view.devices()])).not.toContain("open sesame");
});

test("whoever subscribes later finds the newest answer", async () => {
  const before = said.length;
  const late = await connect({ clientId: "late" });
  await until(() => said.length > before, "the retained answer comes", 10_000);
  late.end(true);
});

test("a stream of mistakes is one answer a cause", async () => {
  await send("flood/raw", Buffer.from("no"));
  await answered("driver.unknown_encoding");
  const count = said.length;
  for (let i = 0; i < 200; i++) await send("flood/raw", Buffer.from(`no ${i}`));
  await send("flood-2/raw", Buffer.from("{no}"));
  await until(() => said.at(-1)?.code === "driver.bad_json" && said.length > count, "another stream's mistake is told", 10_000);
  expect(said.length).toBe(count + 1);
});
