/** What strangers and clients that want too much get from the home's broker. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import mqtt, { type IClientOptions } from "mqtt";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { startBroker } from "./broker.ts";
import type { Broker, BrokerOptions, DevicePublish } from "./broker-port.ts";
import { openCredentials } from "./credentials.ts";

const clock = systemClock();
const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function home(more: Partial<BrokerOptions> = {}) {
  const credentials = await openCredentials({ clock });
  const secret = await credentials.issue({ user: "strap-1", role: "device", site: "home" });
  const stored: DevicePublish[] = [];
  const broker = await startBroker({
    ...{ port: 0, host: "127.0.0.1", credentials, clock },
    onPublish(_publisher, message, done) {
      stored.push(message);
      done();
    },
    ...more,
  });
  cleanups.push(() => broker.close());
  const client = async (options: IClientOptions = {}) => {
    const base = { host: "127.0.0.1", port: broker.port, protocol: "mqtt", reconnectPeriod: 0 } as const;
    const made = mqtt.connect({ ...base, clientId: "strap-1", username: "strap-1", password: secret, ...options });
    made.on("error", () => {});
    cleanups.push(() => made.endAsync(true));
    await new Promise<void>((resolve, reject) => made.once("connect", () => resolve()).once("error", reject));
    return made;
  };
  return { broker, credentials, stored, client };
}

/** CONNECT of MQTT 3.1.1 with a clean session. */
function connectPacket(user: string, password: string): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
  const body = Buffer.concat([text("MQTT"), Buffer.from([4, 0xc2, 0, 60]), text(user), text(user), text(password)]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}

async function stranger(broker: Broker, bytes?: Uint8Array): Promise<Socket> {
  const socket = connect(broker.port, "127.0.0.1");
  socket.on("error", () => {});
  cleanups.push(() => socket.destroy());
  await once(socket, "connect");
  if (bytes !== undefined) socket.write(bytes);
  return socket;
}

test("1200 sockets of strangers, silent, half-spoken and guessing, neither keep a device out nor end one that is in", async () => {
  const { broker, client, stored } = await home();
  const inside = await client();
  const guess = connectPacket("strap-1", "guess");
  for (let i = 0; i < 600; i++) await stranger(broker, [undefined, guess.subarray(0, 9), guess][i % 3]);
  const flood = (async () => {
    for (let i = 0; i < 600; i++) await stranger(broker, i % 2 === 0 ? guess.subarray(0, 9) : guess);
  })();
  const late = await client({ clientId: "strap-1-b" });
  await late.publishAsync("hearth/v1/home/strap-1/ecg/raw", "a", { qos: 1 });
  await inside.publishAsync("hearth/v1/home/strap-1/ecg/raw", "b", { qos: 1 });
  await flood;
  expect([inside.connected, late.connected, stored.length]).toEqual([true, true, 2]);
  expect(broker.counters.refusals.strangers_full).toBeGreaterThan(0);
  expect(broker.clients()).toHaveLength(2);
});

test("an account with more connections than it may have keeps the newest", async () => {
  const { broker, client } = await home({ door: { maxPerAccount: 3 } });
  for (let i = 0; i < 6; i++) await client({ clientId: `reader-${i}` });
  expect(broker.counters.refusals.account_full).toBe(3);
  while (broker.clients().length > 3) await new Promise((resolve) => setImmediate(resolve));
  expect(broker.clients().map(({ clientId }) => clientId)).toEqual(["reader-3", "reader-4", "reader-5"]);
});

test("a reader that subscribes and goes costs no more than its bound, whatever is sent meanwhile, and finds no session when it is back", async () => {
  const { broker, credentials, client } = await home({ kept: { maxSessionBytes: 100_000 } });
  const password = await credentials.issue({ user: "reader", role: "integrator", site: "home" });
  const reader: IClientOptions = { clientId: "reader", username: "reader", password, clean: false };
  const absent = await client(reader);
  await absent.subscribeAsync("hearth/v1/home/#", { qos: 1 });
  await absent.endAsync();
  // While nobody reads, a batch goes past the broker.
  await client({ ...reader, clientId: "another", clean: true });
  const strap = await client();
  for (let i = 0; i < 100; i++) await strap.publishAsync("hearth/v1/home/strap-1/ecg/raw", Buffer.alloc(4000), { qos: 1 });
  expect(broker.counters.refusals.queue_full).toBe(1);
  const returned = mqtt.connect({ host: "127.0.0.1", port: broker.port, protocol: "mqtt", reconnectPeriod: 0, ...reader });
  cleanups.push(() => returned.endAsync(true));
  const connack = await new Promise<{ sessionPresent: boolean }>((resolve) => returned.once("connect", resolve));
  expect(connack.sessionPresent).toBe(false);
});

test("a client that retains on more topics than it may is heard, and the rest is not retained", async () => {
  const { broker, credentials, client } = await home();
  const password = await credentials.issue({
    user: "bridge",
    role: "bridge",
    site: "home",
    publish: ["states/#"],
    subscribe: ["states/#"],
  });
  const bridge = await client({ clientId: "bridge", username: "bridge", password });
  for (let i = 0; i < 300; i++) await bridge.publishAsync(`states/${i}`, "on", { qos: 1, retain: true });
  const topics = new Set<string>();
  bridge.on("message", (topic) => topics.add(topic));
  await bridge.subscribeAsync("states/#");
  await bridge.publishAsync("states/last", "on", { qos: 1 });
  while (!topics.has("states/last")) await new Promise((resolve) => setImmediate(resolve));
  while (topics.size < 257) await new Promise((resolve) => setImmediate(resolve));
  expect([topics.size, broker.counters.refusals.retained_full]).toEqual([257, 44]);
});

test("a packet with more filters than a client may have ends its connection", async () => {
  const { broker, client } = await home();
  const strap = await client();
  const closed = once(strap as never, "close");
  strap.subscribe(
    Array.from({ length: 65 }, (_, i) => `hearth/v1/home/strap-1/cmd/${i}`),
    () => {},
  );
  await closed;
  expect(broker.counters.refusals.too_many_filters).toBe(1);
});

test("a client that has as many filters as it may gets no more, and goes on with those", async () => {
  const { broker, client } = await home();
  const strap = await client();
  const filters = Array.from({ length: 64 }, (_, i) => `hearth/v1/home/strap-1/cmd/${i}`);
  for (const part of [filters.slice(0, 40), filters.slice(40)]) await strap.subscribeAsync(part);
  await expect(strap.subscribeAsync("hearth/v1/home/strap-1/cmd/more")).rejects.toThrow();
  expect([broker.counters.refusals.acl_subscribe, strap.connected]).toEqual([1, true]);
});
