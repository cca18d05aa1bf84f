import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Batch, encodeBatch, hashOfMeta } from "../../device-drivers/hearth-stream/frame.ts";
import { encodeFrame } from "../../gateway/semantic/frame.ts";
import { loadGatewayEnrolment } from "../../gateway/twin/enrol.ts";
import { until } from "../crash/home-inside.ts";
import { journalLane } from "../crash/left-behind.ts";
import { type BadInputHome, neighbour, openBadInputHome, site } from "./open-home.ts";

let home: BadInputHome;
const clients: MqttClient[] = [];

beforeAll(async () => {
  home = await openBadInputHome();
});
afterAll(() => home.close());
afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true);
  await home.undisturbed();
});

const connect = async (user: string, more: IClientOptions = {}) => {
  const url = `mqtt://127.0.0.1:${home.mqttPort}`;
  const client = await connectAsync(url, {
    clientId: user,
    username: user,
    password: home.passwords[user] ?? "",
    reconnectPeriod: 0,
    ...more,
  });
  // A refusal may also reach it as a reset.
  client.on("error", () => {});
  clients.push(client);
  return client;
};
const refused = (reason: string) => `hearth_broker_refusals_total{reason="${reason}"}`;
const discarded = (reason: string) => `hearth_ingest_discarded_total{device="strap",reason="${reason}"}`;
const grows = async (line: string, act: () => unknown) => {
  const before = await home.metric(line);
  await act();
  await until(async () => (await home.metric(line)) > before, `${line} counts it`);
};

const meta = new TextEncoder().encode(
  JSON.stringify({
    v: 1,
    rateHz: 250,
    channels: [{ id: "ecg", kind: "ecg", lead: "II", unit: "mV", scale: 0.001, offset: 0 }],
    sentinels: [],
    contact: "measured",
  }),
);
let sequence = 0;
const batch = (more: Partial<Batch> = {}): Batch => ({
  bootId: "0123456789abcdef",
  sequence: sequence++,
  firstIndex: 250 * sequence,
  deviceTimeUs: 1_000_000 * sequence,
  clockQuality: 1,
  periodNs: 4_000_000,
  channels: [{ id: "ecg", samples: new Int16Array(250) }],
  metaHash: hashOfMeta(meta),
  ...more,
});
const good = () => Buffer.from(encodeBatch(batch()));

describe("a wearable that sends nonsense is counted, and the other person's goes on", () => {
  test.each([
    ["driver.bad_cbor", "CBOR that ends too soon", () => good().subarray(0, 40)],
    ["driver.unknown_encoding", "bytes that are no CBOR map", () => Buffer.alloc(500, 0x07)],
    [
      "driver.wrong_version",
      "a version that is not known",
      () => {
        const bytes = good();
        const at = bytes.indexOf(Buffer.from([0x61, 0x76, 0x01]));
        bytes[at + 2] = 0x02;
        return bytes;
      },
    ],
    [
      "driver.not_finite",
      "NaN among its samples",
      () => Buffer.from(encodeBatch(batch({ channels: [{ id: "ecg", samples: Float32Array.of(1, Number.NaN) }] }))),
    ],
    [
      "driver.too_large",
      "a batch above 16 KiB",
      () => Buffer.from(encodeBatch(batch({ channels: [{ id: "ecg", samples: new Int16Array(20_000) }] }))),
    ],
  ])("%s: %s", async (reason, _what, bytes) => {
    const strap = await connect("strap");
    await strap.publishAsync(`hearth/v1/${site}/strap/ecg/meta`, Buffer.from(meta), { qos: 1, retain: true });
    await grows(discarded(reason), () => strap.publishAsync(`hearth/v1/${site}/strap/ecg/raw`, bytes(), { qos: 1 }));
    // Acknowledged and journalled as it came; its next good batch is taken.
    await grows('hearth_stream_samples_total{device="strap",stream="ecg"}', () =>
      strap.publishAsync(`hearth/v1/${site}/strap/ecg/raw`, good(), { qos: 1 }),
    );
  });

  test("a packet above the limit ends its connection before it is read", async () => {
    const strap = await connect("strap");
    const ended = new Promise<void>((resolve) => strap.once("close", () => resolve()));
    await grows(refused("too_large"), () => strap.publish(`hearth/v1/${site}/strap/ecg/raw`, Buffer.alloc(70_000), { qos: 1 }));
    await ended;
  });

  test("bytes that are not MQTT end their connection", async () => {
    const socket = connectTcp(home.mqttPort, "127.0.0.1");
    const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => {});
    await grows(refused("not_connected"), () => socket.write("GET / HTTP/1.1\r\n\r\n"));
    await ended;
  });

  test("a topic of another device is refused, and the other's samples stay its own", async () => {
    const strap = await connect("strap");
    await grows(refused("acl_publish"), () => strap.publish(`hearth/v1/${site}/clip/ecg/raw`, good(), { qos: 1 }));
    expect(await home.metric('hearth_ingest_discarded_total{device="clip",reason="driver.duplicate_batch"}')).toBe(0);
  });
});

describe("who may not come in", () => {
  test("a wrong password and an unknown device get the same refusal, and both are counted", async () => {
    const codes: unknown[] = [];
    for (const [user, password] of [
      ["strap", "wrong"],
      ["nobody", "wrong"],
    ] as const)
      await grows(refused("wrong_password"), () => connect(user, { password }).catch((error) => codes.push(error.code)));
    expect(codes).toEqual([4, 4]);
  });

  test("a device that nobody wears is journalled and alarms nobody", async () => {
    const stranger = await connect("stranger");
    const sent = good();
    await stranger.publishAsync(`hearth/v1/${site}/stranger/ecg/meta`, Buffer.from(meta), { qos: 1 });
    await stranger.publishAsync(`hearth/v1/${site}/stranger/ecg/raw`, sent, { qos: 1 });
    const journalled: string[] = [];
    for await (const { chunk } of journalLane(home.folder, "unassigned"))
      if (chunk.device === "stranger") journalled.push(`${chunk.channel} ${Buffer.from(chunk.bytes).toString("hex")}`);
    expect(journalled).toEqual([`ecg/meta ${Buffer.from(meta).toString("hex")}`, `ecg/raw ${sent.toString("hex")}`]);
    expect(home.gateway.view.streams().some(({ device }) => device === "stranger")).toBe(false);
    expect((await home.gateway.view.alerts({ limit: 500 })).alerts.filter(({ device }) => device === "stranger")).toEqual([]);
  });
});

describe("a forged frame for the twin", () => {
  const refusedByTwin = (reason: string) => `hearth_twin_refused{reason="${reason}"}`;
  const frame = (g: string, sign: (bytes: Uint8Array) => Uint8Array) =>
    Buffer.from(encodeFrame({ g, e: new Uint8Array(8), n: 0, c: "alert", t: 1, p: new Uint8Array([0xa0]) }, sign));

  test.each([
    ["forged", "signed by another key", (own: Uint8Array) => own.map((byte) => byte ^ 1), neighbour],
    ["foreign", "that speaks for another home", (own: Uint8Array) => own, site],
  ])("%s, %s: counted, not stored, not acknowledged", async (reason, _what, spoil, speaksFor) => {
    const { password, sign } = loadGatewayEnrolment(neighbour, join(home.folder, "link", neighbour));
    const client = await connectAsync(`mqtt://127.0.0.1:${home.twin.ports.mqtt}`, {
      clientId: neighbour,
      username: neighbour,
      password,
      reconnectPeriod: 0,
    });
    client.on("error", () => {});
    clients.push(client);
    const acks: Buffer[] = [];
    client.on("message", (topic, payload) => {
      if (topic.endsWith("/ack")) acks.push(payload);
    });
    await client.subscribeAsync(`hearth/v1/${neighbour}/ack`, { qos: 1 });
    const before = await home.twinMetric(refusedByTwin(reason));
    await client.publishAsync(
      `hearth/v1/${neighbour}/up/alert`,
      frame(speaksFor, (bytes) => spoil(sign(bytes))),
      { qos: 1 },
    );
    await until(async () => (await home.twinMetric(refusedByTwin(reason))) === before + 1, `the twin counts it as ${reason}`);
    // An honest frame behind it is the first that is acknowledged: all before it has been answered.
    await client.publishAsync(`hearth/v1/${neighbour}/up/alert`, frame(neighbour, sign), { qos: 1 });
    await until(() => acks.length > 0, "the honest frame is acknowledged");
    expect(acks).toHaveLength(1);
  });
});
