/** `hearth stream out` at a real mosquitto that ends, is killed and comes again: what it has not acknowledged comes again, and what no longer fits is told. */

import { connect, type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeBatch } from "../../device-drivers/hearth-stream/frame.ts";
import type { OwnStatus } from "../../flows/client/wire.ts";
import { createFakeGateway, openFakeHost } from "../../flows/node-red/fake-host.ts";
import type { NodeType } from "../../flows/node-red/host.ts";
import { streamOut } from "../../flows/nodes/stream-out/node.ts";
import { maxBatches } from "../../flows/nodes/stream-out/queue.ts";
import { type Mosquitto, openMosquitto, whyNoMosquitto } from "../support/mosquitto.ts";

if (whyNoMosquitto !== undefined) process.stderr.write(`flows: skipped, ${whyNoMosquitto}\n`);

const acl = "user my-phone\ntopic readwrite hearth/v1/home/my-phone/#\nuser reader\ntopic read hearth/v1/home/#\n";
const channels = '[{"id":"steps","kind":"steps","unit":"1","from":"payload.steps"}]';
const patience = { timeout: 60_000 };

let broker: Mosquitto;
let reader: MqttClient;
const heard: number[] = [];

beforeAll(async () => {
  if (whyNoMosquitto !== undefined) return;
  broker = await openMosquitto({ "my-phone": "its password", reader: "reads" }, acl);
  await broker.start();
  // A session of its own, so that the broker keeps for it what comes while it is away.
  reader = connect(broker.url, { clientId: "reader", username: "reader", password: "reads", clean: false, reconnectPeriod: 50 });
  reader.on("message", (_topic, bytes) => {
    const batch = decodeBatch(bytes);
    if (batch.kind === "batch") heard.push(batch.batch.sequence);
  });
  await reader.subscribeAsync("hearth/v1/home/my-phone/walk/raw", { qos: 1 });
});
afterAll(async () => {
  await reader?.endAsync(true);
  await broker?.close();
});

test.skipIf(whyNoMosquitto !== undefined)(
  "over a broker that ends and one that is killed every batch is acknowledged, in order; what is beyond the bound is counted at the node",
  async () => {
    const { gateway, become } = createFakeGateway();
    become({ kind: "live", status: { gateway: "home" } as OwnStatus });
    const settings = {
      device: "my-phone",
      stream: "walk",
      channels,
      rateHz: "1",
      batchS: "0.1",
      timeFrom: "payload.t",
      broker: broker.url,
    };
    const today: NodeType = { ...streamOut, open: (given, host) => streamOut.open(given, { ...host, nowMs: Date.now }) };
    const out = openFakeHost(today, settings, gateway, { password: "its password" });
    const startMs = Date.now() - 3_600_000;
    let sent = 0;
    /** A sample a second, as a phone sends that had no network for an hour. */
    const walk = async (count: number) => {
      for (let i = 0; i < count; i++, sent++) await out.input({ payload: { steps: sent, t: startMs + 1000 * sent } });
    };
    const figure = (name: string) => Number(out.line()?.values?.[name]);
    const distinct = () => [...new Set(heard)];
    const all = () => Array.from({ length: sent }, (_, number) => number);

    await walk(3);
    await expect.poll(() => figure("acknowledged"), patience).toBe(3);
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const before = sent;
      const going = walk(5);
      await broker.end(signal);
      await going;
      await walk(10);
      await expect.poll(() => out.line()?.key, patience).toBe("stream-out.status.down");
      expect(figure("waiting") + figure("acknowledged")).toBe(before + 15);
      await broker.start();
      await expect.poll(() => figure("acknowledged"), patience).toBe(sent);
      expect(out.line()).toMatchObject({ look: "good", key: "stream-out.status.sent", values: { waiting: 0, dropped: 0 } });
      // What a killed broker had acknowledged and not handed on yet is the broker's own to lose.
      if (signal === "SIGTERM") await expect.poll(distinct, patience).toEqual(all());
      await reader.subscribeAsync("hearth/v1/home/my-phone/walk/raw", { qos: 1 });
    }

    await broker.end("SIGTERM");
    await expect.poll(() => out.line()?.key, patience).toBe("stream-out.status.down");
    await walk(maxBatches + 7);
    expect(out.line()?.values).toMatchObject({ waiting: maxBatches, dropped: 7 });
    await broker.start();
    await expect.poll(() => figure("acknowledged"), patience).toBe(sent - 7);
    expect(out.line()).toMatchObject({ look: "attention", key: "stream-out.status.dropped", values: { dropped: 7, waiting: 0 } });
    await out.close();
  },
  180_000,
);
