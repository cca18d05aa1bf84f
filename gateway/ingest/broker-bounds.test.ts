/** What strangers and clients that want too much get from the home's broker. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import mqtt, { type IClientOptions } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import { clientOf, connected, openBrokerHome, RAW } from "../../test/support/broker-home.ts";
import type { Broker } from "./broker-port.ts";

/** CONNECT of MQTT 3.1.1 with a clean session. */
function connectPacket(user: string, password: string): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
  const body = Buffer.concat([text("MQTT"), Buffer.from([4, 0xc2, 0, 60]), text(user), text(user), text(password)]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}

async function stranger(broker: Broker, bytes?: Uint8Array): Promise<Socket> {
  const socket = connect(broker.port, "127.0.0.1");
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  if (bytes !== undefined) socket.write(bytes);
  return socket;
}

test("1200 sockets of strangers, silent, half-spoken and guessing, neither keep a device out nor end one that is in", async () => {
  const { broker, stored } = await openBrokerHome();
  const inside = await connected(clientOf(broker));
  const guess = connectPacket("strap-1", "guess");
  for (let i = 0; i < 600; i++) await stranger(broker, [undefined, guess.subarray(0, 9), guess][i % 3]);
  const flood = (async () => {
    for (let i = 0; i < 600; i++) await stranger(broker, i % 2 === 0 ? guess.subarray(0, 9) : guess);
  })();
  const late = await connected(clientOf(broker, { clientId: "strap-1-b" }));
  await late.publishAsync(RAW, "a", { qos: 1 });
  await inside.publishAsync(RAW, "b", { qos: 1 });
  await flood;
  expect([inside.connected, late.connected, stored.length]).toEqual([true, true, 2]);
  expect(broker.counters.refusals.strangers_full).toBeGreaterThan(0);
  expect(broker.clients()).toHaveLength(2);
});

test("an account with more connections than it may have keeps the newest", async () => {
  const { broker } = await openBrokerHome({ door: { maxPerAccount: 3 } });
  for (let i = 0; i < 6; i++) await connected(clientOf(broker, { clientId: `reader-${i}` }));
  expect(broker.counters.refusals.account_full).toBe(3);
  while (broker.clients().length > 3) await new Promise((resolve) => setImmediate(resolve));
  expect(broker.clients().map(({ clientId }) => clientId)).toEqual(["reader-3", "reader-4", "reader-5"]);
});

test("a reader that subscribes and goes costs no more than its bound, whatever is sent meanwhile, and finds no session when it is back", async () => {
  const { broker, credentials } = await openBrokerHome({ kept: { maxSessionBytes: 100_000 } });
  const password = await credentials.issue({ user: "reader", role: "integrator", site: "home" });
  const reader: IClientOptions = { clientId: "reader", username: "reader", password, clean: false };
  const absent = await connected(clientOf(broker, reader));
  await absent.subscribeAsync("hearth/v1/home/#", { qos: 1 });
  await absent.endAsync();
  // While nobody reads, a batch goes past the broker.
  await connected(clientOf(broker, { ...reader, clientId: "another", clean: true }));
  const strap = await connected(clientOf(broker));
  for (let i = 0; i < 100; i++) await strap.publishAsync(RAW, Buffer.alloc(4000), { qos: 1 });
  expect(broker.counters.refusals.queue_full).toBe(1);
  const returned = mqtt.connect({ host: "127.0.0.1", port: broker.port, protocol: "mqtt", reconnectPeriod: 0, ...reader });
  onTestFinished(() => returned.endAsync(true));
  const connack = await new Promise<{ sessionPresent: boolean }>((resolve) => returned.once("connect", resolve));
  expect(connack.sessionPresent).toBe(false);
});

test("a client that retains on more topics than it may is heard, and the rest is not retained", async () => {
  const { broker, credentials } = await openBrokerHome();
  const password = await credentials.issue({
    user: "bridge",
    role: "bridge",
    site: "home",
    publish: ["states/#"],
    subscribe: ["states/#"],
  });
  const bridge = await connected(clientOf(broker, { clientId: "bridge", username: "bridge", password }));
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
  const { broker } = await openBrokerHome();
  const strap = await connected(clientOf(broker));
  const closed = once(strap as never, "close");
  strap.subscribe(
    Array.from({ length: 65 }, (_, i) => `hearth/v1/home/strap-1/cmd/${i}`),
    () => {},
  );
  await closed;
  expect(broker.counters.refusals.too_many_filters).toBe(1);
});

test("a client that has as many filters as it may gets no more, and goes on with those", async () => {
  const { broker } = await openBrokerHome();
  const strap = await connected(clientOf(broker));
  const filters = Array.from({ length: 64 }, (_, i) => `hearth/v1/home/strap-1/cmd/${i}`);
  for (const part of [filters.slice(0, 40), filters.slice(40)]) await strap.subscribeAsync(part);
  await expect(strap.subscribeAsync("hearth/v1/home/strap-1/cmd/more")).rejects.toThrow();
  expect([broker.counters.refusals.acl_subscribe, strap.connected]).toEqual([1, true]);
});
