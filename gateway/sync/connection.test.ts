import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import { openConnection } from "./connection.ts";
import type { Link } from "./link-port.ts";

const log = { warn: () => undefined, info: () => undefined, debug: () => undefined };
const connack = Buffer.from([0x20, 2, 0, 0]);
let server: Server | undefined;
let link: Link | undefined;

afterEach(async () => {
  await link?.close();
  await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
});

/** A broker that ends every connection: before CONNACK, or right behind it. */
async function unkindBroker(isKick: boolean): Promise<{ port: number; count: () => number }> {
  let count = 0;
  server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      count++;
      if (isKick) socket.end(connack);
      else socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, count: () => count };
}

async function settle(isDone: () => boolean): Promise<void> {
  const endMs = Date.now() + 100_000;
  while (!isDone()) {
    if (Date.now() > endMs) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The clock, and what it was asked to wait for before the next attempt. */
function recordingClock(): { clock: VirtualClock; waitsMs: number[] } {
  const clock = virtualClock();
  const waitsMs: number[] = [];
  const after = (delayMs: number, fn: () => void) => {
    waitsMs.push(delayMs);
    return clock.after(delayMs, fn);
  };
  return { clock: { ...clock, after }, waitsMs };
}

const open = (port: number, clock: VirtualClock, onDuplicateIdentity: () => void = () => undefined) =>
  openConnection(
    {
      url: `mqtt://127.0.0.1:${port}`,
      clientId: "home-a",
      username: "home-a",
      password: "x",
      subscribe: ["a"],
      clock,
      random: () => 0.999,
      log,
      onDuplicateIdentity,
    },
    { onUp: () => undefined, onDown: () => undefined, onMessage: () => undefined },
  );

test("the pause between attempts doubles from 1 s to 5 min and is a random share of that", async () => {
  const broker = await unkindBroker(false);
  const { clock, waitsMs } = recordingClock();
  link = open(broker.port, clock);
  for (let attempt = 1; attempt <= 11; attempt++) {
    await settle(() => waitsMs.length === attempt);
    clock.advance(waitsMs.at(-1) ?? 0);
  }
  expect(waitsMs.map((waitMs) => Math.round(waitMs / 999))).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

test("thrown out right after connecting three times in a row is told once as a double identity", async () => {
  const broker = await unkindBroker(true);
  const { clock, waitsMs } = recordingClock();
  let told = 0;
  link = open(broker.port, clock, () => void told++);
  for (let attempt = 1; attempt <= 4; attempt++) {
    await settle(() => waitsMs.length === attempt);
    expect(told).toBe(attempt < 3 ? 0 : 1);
    clock.advance(waitsMs.at(-1) ?? 0);
  }
});

/** A broker that answers CONNECT and SUBSCRIBE and ends a connection when it is told to. */
async function patientBroker(): Promise<{
  port: number;
  isSubscribed: () => boolean;
  write: (bytes: Uint8Array) => void;
  end: () => void;
}> {
  let current: Socket | undefined;
  let isSubscribed = false;
  server = createServer((socket) => {
    current = socket;
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      const type = (bytes[0] ?? 0) >> 4;
      if (type === 1) socket.write(connack);
      if (type !== 8) return;
      socket.write(Uint8Array.of(0x90, 3, bytes[2] ?? 0, bytes[3] ?? 0, 1));
      isSubscribed = true;
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    isSubscribed: () => isSubscribed && link?.isUp() === true,
    write: (bytes) => void current?.write(bytes),
    end() {
      isSubscribed = false;
      current?.destroy();
    },
  };
}

test.each([
  [4.9, 1],
  [5.1, 0],
])("connections that hold %d s before they are ended three times in a row are told %d times as a double identity", async (heldS, times) => {
  const broker = await patientBroker();
  const { clock, waitsMs } = recordingClock();
  let told = 0;
  const isRetry = (waitMs: number) => waitMs < 10_000;
  link = open(broker.port, clock, () => void told++);
  for (let attempt = 1; attempt <= 3; attempt++) {
    await settle(broker.isSubscribed);
    clock.advance(heldS * 1000);
    const before = waitsMs.filter(isRetry).length;
    broker.end();
    await settle(() => waitsMs.filter(isRetry).length > before);
    clock.advance(waitsMs.at(-1) ?? 0);
  }
  expect(told).toBe(times);
});

test("after a minute of a good line the next pause is a first one again, not after less", async () => {
  const broker = await patientBroker();
  const { clock, waitsMs } = recordingClock();
  const steadyMs = 60_000;
  link = open(broker.port, clock);
  const pauses: number[] = [];
  for (const heldS of [10, 59, 61]) {
    await settle(broker.isSubscribed);
    clock.advance(heldS * 1000);
    const before = waitsMs.length;
    broker.end();
    await settle(() => waitsMs.slice(before).some((waitMs) => waitMs !== steadyMs));
    pauses.push(Math.round((waitsMs.at(-1) ?? 0) / 999));
    clock.advance(waitsMs.at(-1) ?? 0);
  }
  expect(pauses).toEqual([1, 2, 1]);
});

test("a packet that is larger than anything the twin says ends the connection by its header alone", async () => {
  const broker = await patientBroker();
  const { clock, waitsMs } = recordingClock();
  link = open(broker.port, clock);
  await settle(broker.isSubscribed);
  const before = waitsMs.length;
  broker.write(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f));
  await settle(() => waitsMs.length > before);
  expect(link.isUp()).toBe(false);
});

test("while the line is down nothing is taken for sending", async () => {
  const broker = await unkindBroker(false);
  link = open(broker.port, virtualClock());
  await expect(link.publish("x", "y")).rejects.toMatchObject({ code: "sync.offline", kind: "world" });
  expect(link.isUp()).toBe(false);
  await settle(() => broker.count() === 1);
});
