import { type EventEmitter, once } from "node:events";
import { connect as tcpConnect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import mqtt, { type MqttClient } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import { systemClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import { clientOf, connected, openBrokerHome, RAW } from "../../test/support/broker-home.ts";
import { startBroker } from "./broker.ts";
import type { Broker } from "./broker-port.ts";
import type { Credentials } from "./credentials.ts";

const clock = systemClock();
const next = (made: MqttClient, event: string) => once(made as unknown as EventEmitter, event);

/** CONNACK code of a connect that is refused. */
const refusedWith = (made: MqttClient) =>
  new Promise<number>((resolve) => made.once("error", (error) => resolve((error as unknown as { code: number }).code)));

test("a device's batch is acknowledged only once the journal has said so, in the order of arrival", async () => {
  const waiting: (() => void)[] = [];
  const topics: string[] = [];
  const { broker } = await openBrokerHome({
    onPublish: (_publisher, message, done) => {
      topics.push(Buffer.from(message.payload).toString());
      waiting.push(done);
      if (waiting.length === 3) for (const release of waiting) queueMicrotask(() => order.push("committed") && release());
    },
  });
  const order: string[] = [];
  const strap = await connected(clientOf(broker));
  await Promise.all(["a", "b", "c"].map(async (text) => order.push(`acked ${(await strap.publishAsync(RAW, text, { qos: 1 })) && text}`)));
  expect(topics).toEqual(["a", "b", "c"]);
  expect(order.slice(0, 3)).toEqual(["committed", "committed", "committed"]);
  expect(order.slice(3)).toEqual(["acked a", "acked b", "acked c"]);
});

test("a batch that could not be stored gets no PUBACK, and is acknowledged when it comes again", async () => {
  let isFull = true;
  const tries: string[] = [];
  const { broker } = await openBrokerHome({
    onPublish: (_publisher, message, done) => {
      tries.push(Buffer.from(message.payload).toString());
      done(isFull ? new Error("disk full") : undefined);
    },
  });
  const strap = await connected(clientOf(broker, { reconnectPeriod: 20 }));
  strap.once("close", () => {
    isFull = false;
  });
  await strap.publishAsync(RAW, "batch 7", { qos: 1 });
  expect(tries).toEqual(["batch 7", "batch 7"]);
  expect(broker.counters.unstoredTotal).toBe(1);
});

test("QoS 0 batches reach the journal too, and raw is never retained", async () => {
  const { broker, stored, credentials } = await openBrokerHome();
  await credentials.issue({ user: "reader", role: "integrator", site: "home" }, "secret-2");
  const strap = await connected(clientOf(broker));
  strap.publish(RAW, "zero", { qos: 0, retain: true });
  await strap.publishAsync("hearth/v1/home/strap-1/ecg/meta", "{}", { qos: 1, retain: true });
  expect(stored.map((message) => [message.device, message.channel, message.qos])).toEqual([
    ["strap-1", "ecg/raw", 0],
    ["strap-1", "ecg/meta", 1],
  ]);
  const reader = await connected(clientOf(broker, { clientId: "r", username: "reader", password: "secret-2" }));
  const got = next(reader, "message");
  await reader.subscribeAsync("hearth/v1/home/#", { qos: 1 });
  expect((await got)[0]).toBe("hearth/v1/home/strap-1/ecg/meta");
});

test("a retained reply is not kept: the broker would hold one for every name that a device thinks of", async () => {
  const { broker, credentials } = await openBrokerHome();
  await credentials.issue({ user: "reader", role: "integrator", site: "home" }, "secret-2");
  const strap = await connected(clientOf(broker));
  for (const name of ["a", "b"]) await strap.publishAsync(`hearth/v1/home/strap-1/cmd/${name}/reply`, "{}", { qos: 1, retain: true });
  await strap.publishAsync("hearth/v1/home/strap-1/status", "{}", { qos: 1, retain: true });
  const reader = await connected(clientOf(broker, { clientId: "r", username: "reader", password: "secret-2" }));
  const got = next(reader, "message");
  await reader.subscribeAsync("hearth/v1/home/#", { qos: 1 });
  expect((await got)[0]).toBe("hearth/v1/home/strap-1/status");
});

test("no client gets in without a name, with a wrong password or with an unknown name", async () => {
  const { broker } = await openBrokerHome();
  const anonymous = clientOf(broker);
  anonymous.options.username = undefined as never;
  const codes = await Promise.all([
    refusedWith(mqttAnonymous(broker)),
    refusedWith(clientOf(broker, { password: "wrong" })),
    refusedWith(clientOf(broker, { username: "nobody" })),
  ]);
  expect(codes).toEqual([4, 4, 4]);
  expect(broker.counters.refusals.wrong_password).toBe(3);
});

function mqttAnonymous(broker: Broker): MqttClient {
  const made = mqtt.connect({ host: "127.0.0.1", port: broker.port, protocol: "mqtt", clientId: "x", reconnectPeriod: 0 });
  made.on("error", () => undefined);
  onTestFinished(() => made.endAsync(true));
  return made;
}

test("a publish to a foreign topic closes the client and is stored nowhere", async () => {
  const { broker, stored } = await openBrokerHome();
  for (const topic of [
    "hearth/v1/home/strap-2/ecg/raw",
    "hearth/v1/home/strap-1/vitals",
    "hearth/v1/other/strap-1/ecg/raw",
    "$SYS/x",
    "elsewhere",
  ]) {
    const strap = await connected(clientOf(broker));
    const closed = next(strap, "close");
    strap.publish(topic, "x", { qos: 1 }, () => undefined);
    await closed;
  }
  expect(stored).toEqual([]);
  expect(broker.counters.refusals.acl_publish).toBe(5);
});

test("a will on a foreign topic is refused at CONNECT, one on the device's own status is stored when it vanishes", async () => {
  const stored: string[] = [];
  const seen = Promise.withResolvers<void>();
  const { broker } = await openBrokerHome({
    onPublish: (_publisher, message, done) => {
      stored.push(message.channel);
      seen.resolve();
      done();
    },
  });
  const bad = { topic: "hearth/v1/home/strap-2/status", payload: Buffer.from("x"), qos: 1 as const, retain: true };
  expect(await refusedWith(clientOf(broker, { will: bad }))).toBe(5);
  const strap = await connected(clientOf(broker, { will: { ...bad, topic: "hearth/v1/home/strap-1/status" } }));
  strap.stream.destroy();
  await seen.promise;
  expect(stored).toEqual(["status"]);
});

test("a device hears its own commands; any other filter is answered 0x80 and delivers nothing", async () => {
  const { broker } = await openBrokerHome();
  const strap = await connected(clientOf(broker));
  const granted = await strap
    .subscribeAsync(["hearth/v1/home/strap-1/cmd/#", "hearth/v1/home/strap-2/cmd/#", "#", "$share/g/hearth/v1/home/strap-1/cmd/#"], {
      qos: 1,
    })
    .catch((error) => error);
  expect(JSON.stringify(granted)).toContain("128");
  const heard: string[] = [];
  const last = new Promise<void>((resolve) =>
    strap.on("message", (topic) => {
      heard.push(topic);
      if (topic.endsWith("/last")) resolve();
    }),
  );
  await broker.publish("hearth/v1/home/strap-2/cmd/meta", "{}", { qos: 1 });
  await broker.publish("hearth/v1/home/strap-1/cmd/meta", "{}", { qos: 1 });
  await broker.publish("hearth/v1/home/strap-1/cmd/last", "{}", { qos: 1 });
  await last;
  expect(heard).toEqual(["hearth/v1/home/strap-1/cmd/meta", "hearth/v1/home/strap-1/cmd/last"]);
});

test("an oversized packet ends the connection before the broker sees it", async () => {
  const { broker, stored } = await openBrokerHome();
  const strap = await connected(clientOf(broker));
  const closed = next(strap, "close");
  strap.publish(RAW, Buffer.alloc(70_000), { qos: 1 }, () => undefined);
  await closed;
  expect(stored).toEqual([]);
  expect(broker.counters.refusals.too_large).toBe(1);
});

test("noise on the port is closed and counted, and does not disturb a client beside it", async () => {
  const { broker, stored } = await openBrokerHome();
  const strap = await connected(clientOf(broker));
  for (const bytes of ["GET / HTTP/1.1\r\n\r\n", "\xff\xff\xff\xff\xff\xff", "\x10\x00"]) {
    const socket = tcpConnect(broker.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(Buffer.from(bytes, "latin1"));
    await once(socket, "close");
  }
  await strap.publishAsync(RAW, "still here", { qos: 1 });
  expect(stored).toHaveLength(1);
});

test("revoking an account closes its connection", async () => {
  const { broker, credentials } = await openBrokerHome();
  const strap = await connected(clientOf(broker));
  const closed = next(strap, "close");
  await credentials.revoke("strap-1");
  await closed;
  expect(broker.clients()).toEqual([]);
});

test("a device cannot throw out another account by taking its client id", async () => {
  const { broker, credentials } = await openBrokerHome();
  await credentials.issue({ user: "strap-2", role: "device", site: "home" }, "secret-2");
  await connected(clientOf(broker, { clientId: "chest" }));
  const other = { username: "strap-2", password: "secret-2" };
  expect(await refusedWith(clientOf(broker, { ...other, clientId: "chest" }))).toBe(2);
  expect(await refusedWith(clientOf(broker, { ...other, clientId: "strap-1" }))).toBe(2);
  expect(broker.clients().map((one) => one.clientId)).toEqual(["chest"]);
});

test("packets sent behind CONNECT without waiting are kept until the password was checked", async () => {
  const { broker, stored } = await openBrokerHome();
  const socket = tcpConnect(broker.port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const text = (value: string) => [0, value.length, ...Buffer.from(value)];
  const connect = [...text("MQTT"), 4, 0xc2, 0, 60, ...text("strap-1"), ...text("strap-1"), ...text("secret-1")];
  const publish = [...text(RAW), 0, 1, 0x41];
  const burst = Array.from({ length: 200 }, (_, i) => [0x32, publish.length, ...publish.slice(0, -3), 0, i + 1, 0x41]).flat();
  socket.write(Uint8Array.from([0x10, connect.length, ...connect, ...burst]));
  let ackBytes = 0;
  for await (const chunk of socket) {
    ackBytes += (chunk as Buffer).length;
    if (ackBytes >= 4 + 4 * 200) break;
  }
  expect(stored).toHaveLength(200);
});

test("a journal without room holds the sockets, and nothing is lost when it has room again", async () => {
  let room = Promise.withResolvers<void>();
  room.resolve();
  const full = Promise.withResolvers<void>();
  const { broker, stored } = await openBrokerHome({ journalRoom: () => room.promise });
  const strap = await connected(clientOf(broker));
  room = Promise.withResolvers<void>();
  const sent = Promise.all(Array.from({ length: 300 }, (_, i) => strap.publishAsync(RAW, Buffer.alloc(2000, i), { qos: 1 })));
  const idle = setInterval(() => full.resolve(), 100);
  await full.promise;
  clearInterval(idle);
  const held = stored.length;
  room.resolve();
  await sent;
  expect(held).toBeLessThan(300);
  expect(stored).toHaveLength(300);
});

test("a busy port is named in the error", async () => {
  const { broker, credentials } = await openBrokerHome();
  const again = startBroker({
    port: broker.port,
    host: "127.0.0.1",
    credentials: credentials as Credentials,
    clock,
    onPublish: (_p, _m, done) => done(),
  });
  await expect(again).rejects.toThrow(`${broker.port}`);
  await expect(again).rejects.toMatchObject({ code: "ingest.port_busy", kind: "operator" });
});

test("meta and raw of one device reach the journal in the order they were sent, whatever way each takes", async () => {
  const { broker, stored } = await openBrokerHome();
  const strap = await connected(clientOf(broker));
  const sent: string[] = [];
  for (let i = 0; i < 60; i++) {
    const channel = i % 7 === 0 ? "ecg/meta" : "ecg/raw";
    sent.push(`${channel} ${i}`);
    strap.publish(`hearth/v1/home/strap-1/${channel}`, `${i}`, { qos: i % 3 === 0 ? 0 : 1 });
  }
  await strap.publishAsync("hearth/v1/home/strap-1/status", "end", { qos: 1 });
  expect(stored.map(({ channel, payload }) => `${channel} ${Buffer.from(payload)}`)).toEqual([...sent, "status end"]);
});

test("a connected reader sees raw batches of the site live, and a device that comes while it is there is stored all the same", async () => {
  const { broker, stored, credentials } = await openBrokerHome();
  await credentials.issue({ user: "reader", role: "integrator", site: "home" }, "secret-2");
  const strap = await connected(clientOf(broker));
  await strap.publishAsync(RAW, "before", { qos: 1 });
  const reader = await connected(clientOf(broker, { clientId: "r", username: "reader", password: "secret-2" }));
  await reader.subscribeAsync("hearth/v1/home/#", { qos: 1 });
  const heard = next(reader, "message");
  await strap.publishAsync(RAW, "during", { qos: 1 });
  expect(Buffer.from((await heard)[1]).toString()).toBe("during");
  expect(stored.map(({ payload }) => Buffer.from(payload).toString())).toEqual(["before", "during"]);
});

test("a client that falls silent for one and a half keep-alives is closed, and its will is stored", async () => {
  const time = virtualClock();
  const seen = Promise.withResolvers<string>();
  const { broker } = await openBrokerHome({
    clock: time,
    onPublish: (_publisher, message, done) => {
      seen.resolve(message.channel);
      done();
    },
  });
  const will = { topic: "hearth/v1/home/strap-1/status", payload: Buffer.from("offline"), qos: 1 as const, retain: true };
  const strap = await connected(clientOf(broker, { keepalive: 30, will }));
  const closed = next(strap, "close");
  time.advance(44_000);
  expect(broker.clients()).toHaveLength(1);
  time.advance(1000);
  await closed;
  expect(await seen.promise).toBe("status");
});

test("closing the broker stores no will: a device is not offline because the gateway stops", async () => {
  const { broker, stored } = await openBrokerHome();
  const will = { topic: "hearth/v1/home/strap-1/status", payload: Buffer.from("offline"), qos: 1 as const, retain: true };
  const strap = await connected(clientOf(broker, { will }));
  const closed = next(strap, "close");
  await broker.close();
  await closed;
  expect(stored).toEqual([]);
});

test("a raw batch does not overtake a descriptor that still waits behind a commit", async () => {
  const waiting: (() => void)[] = [];
  const order: string[] = [];
  let isHeld = true;
  const { broker } = await openBrokerHome({
    onPublish: (_publisher, message, done) => {
      order.push(`${message.channel} ${Buffer.from(message.payload)}`);
      if (isHeld) waiting.push(done);
      else done();
    },
  });
  const strap = await connected(clientOf(broker));
  const arrived = async (packetCount: number) => {
    while (broker.counters.packetsTotal < packetCount) await turn();
  };
  const meta = "hearth/v1/home/strap-1/ecg/meta";
  const sent = ["1", "2", "3", "4", "5"].map((text) => strap.publishAsync(meta, text, { qos: 1 }));
  await arrived(6);
  sent.push(strap.publishAsync(meta, "6", { qos: 1 }));
  await arrived(7);
  sent.push(strap.publishAsync(RAW, "7", { qos: 1 }));
  await arrived(8);
  isHeld = false;
  for (const release of waiting) release();
  await Promise.all(sent);
  expect(order).toEqual(["ecg/meta 1", "ecg/meta 2", "ecg/meta 3", "ecg/meta 4", "ecg/meta 5", "ecg/meta 6", "ecg/raw 7"]);
});

test("what is refused says whose it was and over what: account, topic and address", async () => {
  const causes: object[] = [];
  const { broker } = await openBrokerHome({ onRefused: (cause) => void causes.push(cause) });
  expect(await refusedWith(clientOf(broker, { password: "wrong" }))).toBe(4);
  const strap = await connected(clientOf(broker));
  await strap.subscribeAsync("hearth/v1/home/other/cmd/#").catch(() => undefined);
  strap.publish("hearth/v1/home/other/ecg/raw", "x");
  await next(strap, "close");
  const who = { account: "strap-1", address: "127.0.0.1" };
  expect(causes).toEqual([
    { reason: "wrong_password", ...who },
    { reason: "acl_subscribe", topic: "hearth/v1/home/other/cmd/#", ...who },
    { reason: "acl_publish", topic: "hearth/v1/home/other/ecg/raw", ...who },
  ]);
});
