import { once } from "node:events";
import { type Socket, connect as tcpConnect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { startBroker } from "./broker.ts";
import { openCredentials } from "./credentials.ts";
import { answerMs, settleMs, silentMs } from "./taken-over.ts";

// Everybody here comes from one address, as behind a router that translates addresses.
const RAW = "hearth/v1/home/strap-1/ecg/raw";
const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function home() {
  const clock = virtualClock();
  const credentials = await openCredentials({ clock });
  await credentials.issue({ user: "strap-1", role: "device", site: "home" }, "secret-1");
  const reported: string[] = [];
  const broker = await startBroker({
    port: 0,
    host: "127.0.0.1",
    credentials,
    clock,
    onPublish: (_publisher, _message, done) => done(),
    onDuplicateIdentity: (clientId) => reported.push(clientId),
  });
  cleanups.push(() => broker.close());
  return { broker, clock, reported };
}

const text = (value: string) => [0, value.length, ...Buffer.from(value)];
const connectBody = [...text("MQTT"), 4, 0xc2, 0, 0, ...text("strap-1"), ...text("strap-1"), ...text("secret-1")];
const connectPacket = Uint8Array.from([0x10, connectBody.length, ...connectBody]);
const publishBody = [...text(RAW), 0x41];
const publishPacket = Uint8Array.from([0x30, publishBody.length, ...publishBody]);

/** A wearable that was let in. It answers no close of the gateway's by itself. */
async function wearable(port: number): Promise<Socket> {
  const socket = tcpConnect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => undefined);
  cleanups.push(() => socket.destroy());
  socket.write(connectPacket);
  await once(socket, "data");
  return socket;
}

/** Lets the sockets work between steps of the clock. */
async function pass(clock: { advance(ms: number): void }, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 100) {
    for (let i = 0; i < 5; i++) await turn();
    clock.advance(100);
  }
  for (let i = 0; i < 5; i++) await turn();
}

const wholeMs = silentMs + answerMs + settleMs;

/** How a wearable leaves its connection when its radio goes, as the gateway sees it. */
const ends: Readonly<Record<string, (old: Socket) => void>> = {
  "is half open for ever": (old) => void old.pause(),
  "is reset": (old) => void old.resetAndDestroy(),
  "is closed late": (old) => void setImmediate(() => old.end()),
  "is closed late, behind a batch that is sent again": (old) => void setImmediate(() => old.end(publishPacket)),
};

for (const [how, leave] of Object.entries(ends))
  for (const losses of [3, 30])
    test(`${losses} radio losses of one wearable whose old connection ${how} are not two devices`, async () => {
      const { broker, clock, reported } = await home();
      let current = await wearable(broker.port);
      for (let i = 0; i < losses; i++) {
        current.write(publishPacket);
        const old = current;
        current = await wearable(broker.port);
        leave(old);
        await pass(clock, wholeMs);
      }
      expect(reported).toEqual([]);
      expect(broker.counters.takeoversTotal).toBe(losses);
      expect(broker.clients()).toHaveLength(1);
    });

test("a wearable that connects anew again and again while the gateway is frozen is not two devices", async () => {
  const { broker, clock, reported } = await home();
  const shared = new Int32Array(new SharedArrayBuffer(8));
  // A client of its own thread: this one stands still.
  const worker = new Worker(
    `const { workerData: { shared, port, hello, batch } } = require("node:worker_threads");
     const net = require("node:net");
     const next = (n) => {
       const socket = net.connect(port, "127.0.0.1");
       socket.on("error", () => {});
       socket.write(hello);
       socket.write(batch);
       socket.on("data", () => { Atomics.store(shared, 0, n); Atomics.notify(shared, 0); });
       if (n === 8) { Atomics.store(shared, 1, 1); Atomics.notify(shared, 1); return; }
       setTimeout(() => { socket.write(batch); socket.destroy(); next(n + 1); }, n === 1 ? 400 : 50);
     };
     next(1);`,
    { eval: true, workerData: { shared, port: broker.port, hello: connectPacket, batch: publishPacket } },
  );
  cleanups.push(() => worker.terminate());
  while (Atomics.load(shared, 0) === 0) await turn();
  expect(Atomics.wait(shared, 1, 0, 20_000)).not.toBe("timed-out");
  while (Atomics.load(shared, 0) < 8) await turn();
  await pass(clock, 3 * wholeMs);
  expect(reported).toEqual([]);
  expect(broker.clients()).toHaveLength(1);
});

const fights: Readonly<Record<string, readonly boolean[]>> = {
  "that both send": [true, true],
  "of which one is quiet": [true, false],
  "that are both quiet": [false, false],
};

for (const [how, talks] of Object.entries(fights))
  test(`two devices ${how} and throw each other out are reported as one identity used twice`, async () => {
    const { broker, clock, reported } = await home();
    const devices = talks.map((isTalking): { made: MqttClient; isTalking: boolean } => {
      const login = { username: "strap-1", password: "secret-1", clientId: "strap-1" };
      const made = mqtt.connect({ host: "127.0.0.1", port: broker.port, ...login, reconnectPeriod: 5, keepalive: 0 });
      made.on("error", () => undefined);
      cleanups.push(() => made.endAsync(true));
      return { made, isTalking };
    });
    for (let step = 0; step < 2000 && reported.length === 0; step++) {
      for (const { made, isTalking } of devices) if (isTalking && made.connected) made.publish(RAW, "batch");
      await new Promise((done) => setTimeout(done, 1));
      clock.advance(100);
    }
    expect(reported).toEqual(["strap-1"]);
  });
