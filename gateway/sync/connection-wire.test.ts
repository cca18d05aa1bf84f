import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { type ConnectionOptions, openConnection } from "./connection.ts";
import type { Link } from "./link-port.ts";

interface Packet {
  readonly type: number;
  readonly bytes: Uint8Array;
}
const type = { connect: 1, publish: 3, subscribe: 8, disconnect: 14 } as const;

/** A broker that keeps every packet and answers as told. */
let server: Server;
let port = 0;
let socket: Socket | undefined;
let packets: Packet[] = [];
let connectionCount = 0;
/** What SUBACK says for each filter; undefined: it does not come. */
let granted: number | undefined = 1;
let isAcknowledging = true;
let link: Link | undefined;

const packetsOf = (bytes: Buffer): Packet[] => {
  const found: Packet[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [low = 0, high = 0] = [bytes[at + 1], bytes[at + 2]];
    const end = at + (low < 0x80 ? 2 + low : 3 + (low & 0x7f) + high * 128);
    found.push({ type: (bytes[at] ?? 0) >> 4, bytes: new Uint8Array(bytes.subarray(at, end)) });
    at = end;
  }
  return found;
};

beforeEach(async () => {
  [packets, connectionCount, granted, isAcknowledging, link, socket] = [[], 0, 1, true, undefined, undefined];
  server = createServer((given) => {
    socket = given;
    connectionCount++;
    given.on("error", () => undefined);
    given.on("data", (chunk) => {
      for (const packet of packetsOf(chunk)) {
        packets.push(packet);
        const { bytes } = packet;
        if (packet.type === type.connect) given.write(Uint8Array.of(0x20, 2, 0, 0));
        if (packet.type === type.subscribe && granted !== undefined)
          given.write(Uint8Array.of(0x90, 4, bytes[2] ?? 0, bytes[3] ?? 0, granted, granted));
        const idAt = 4 + (bytes[3] ?? 0);
        if (packet.type === type.publish && isAcknowledging) given.write(Uint8Array.of(0x40, 2, bytes[idAt] ?? 0, bytes[idAt + 1] ?? 0));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});

afterEach(async () => {
  await link?.close();
  socket?.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

async function until(isDone: () => boolean): Promise<void> {
  const endMs = Date.now() + 100_000;
  while (!isDone()) {
    if (Date.now() > endMs) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What the line told, what it logged, and its clock. */
function open(more: Partial<ConnectionOptions> = {}) {
  const clock = virtualClock();
  const told: unknown[][] = [];
  const logged: unknown[][] = [];
  const note = (level: string) => (fields: object, sentence: string) => void logged.push([level, fields, sentence]);
  link = openConnection(
    {
      url: `mqtt://127.0.0.1:${port}`,
      clientId: "home-a",
      username: "user",
      password: "secret",
      subscribe: ["t/ack", "t/desired"],
      clock,
      random: () => 0.5,
      log: { warn: note("warn"), info: note("info"), debug: note("debug") },
      ...more,
    },
    {
      onUp: () => void told.push(["up"]),
      onDown: (reason) => void told.push(["down", reason]),
      onMessage: (topic, payload) => void told.push([topic, new Uint8Array(payload)]),
    },
  );
  return { link, clock, told, logged };
}

const sent = (wanted: number) => packets.filter((packet) => packet.type === wanted);
const field = (text: string) => [0, text.length, ...Buffer.from(text)];
/** A packet of MQTT 3.1.1 with a body below 128 bytes. */
const packet = (first: number, ...body: number[]) => Uint8Array.of(first, body.length, ...body);

test("it connects as a clean session with id, password, keep-alive and a will at QoS 1, and asks for its topics at QoS 1", async () => {
  const { told } = open({ will: { topic: "t/status", payload: "off", retain: true } });
  await until(() => told.length > 0);
  const [subscription] = sent(type.subscribe);
  const id = subscription?.bytes.subarray(2, 4) ?? [];
  const login = [...field("user"), ...field("secret")];
  expect(packets.map(({ bytes }) => bytes)).toEqual([
    packet(0x10, ...field("MQTT"), 4, 0xee, 0, 30, ...field("home-a"), ...field("t/status"), ...field("off"), ...login),
    packet(0x82, ...id, ...field("t/ack"), 1, ...field("t/desired"), 1),
  ]);
  expect(told).toEqual([["up"]]);
});

test("without a will it connects without one, and a will need not be retained", async () => {
  const { told, link } = open();
  await until(() => told.length > 0);
  await link.close();
  const other = open({ will: { topic: "s", payload: "", retain: false } });
  await until(() => other.told.length > 0);
  const login = [...field("user"), ...field("secret")];
  expect(sent(type.connect).map(({ bytes }) => bytes)).toEqual([
    packet(0x10, ...field("MQTT"), 4, 0xc2, 0, 30, ...field("home-a"), ...login),
    packet(0x10, ...field("MQTT"), 4, 0xce, 0, 30, ...field("home-a"), ...field("s"), 0, 0, ...login),
  ]);
});

test("it is up only when its subscription stands, and a refused one is a lost connection", async () => {
  granted = undefined;
  const waiting = open();
  await until(() => sent(type.subscribe).length === 1);
  expect([waiting.link.isUp(), waiting.told]).toEqual([false, []]);
  await expect(waiting.link.publish("t", "x")).rejects.toMatchObject({ code: "sync.offline" });
  // An answer that comes after all is nothing to a connection that was given up.
  waiting.link.restart("test");
  expect(waiting.told).toEqual([]);
  granted = 0x80;
  const refused = open();
  await until(() => refused.logged.length > 0);
  expect([refused.link.isUp(), refused.told]).toEqual([false, []]);
  expect(refused.logged).toEqual([["info", { reason: "subscription refused", waitMs: 500 }, "uplink is down, next try after a pause"]]);
  refused.clock.advance(499);
  granted = 1;
  refused.clock.advance(1);
  await until(() => refused.told.length > 0);
  expect([refused.link.isUp(), connectionCount]).toEqual([true, 3]);
});

test("what is published goes at QoS 1, retained where asked, just the bytes that were given, and is done when the broker has it", async () => {
  const { link, told } = open();
  await until(() => told.length > 0);
  await link.publish("t/up", Uint8Array.of(9, 1, 2, 9).subarray(1, 3));
  await link.publish("t/status", "on", { retain: true });
  const bodies = sent(type.publish).map(({ bytes: [first, length = 0, ...rest] }) => {
    const idAt = 2 + (rest[1] ?? 0);
    return [first, length, rest.slice(2, idAt), rest.slice(idAt + 2)];
  });
  expect(bodies).toEqual([
    [0x32, 10, [...Buffer.from("t/up")], [1, 2]],
    [0x33, 14, [...Buffer.from("t/status")], [...Buffer.from("on")]],
  ]);
});

test("what the broker had not acknowledged when the line went down is refused as offline", async () => {
  const { link, told } = open();
  await until(() => told.length > 0);
  isAcknowledging = false;
  const published = link.publish("t", "x");
  await until(() => sent(type.publish).length === 1);
  socket?.destroy();
  await expect(published).rejects.toMatchObject({ code: "sync.offline", kind: "world" });
  await until(() => told.length === 2);
  expect(told).toEqual([["up"], ["down", "closed"]]);
  expect(link.isUp()).toBe(false);
});

test("messages are handed on with topic and bytes", async () => {
  const { told } = open();
  await until(() => told.length > 0);
  socket?.write(packet(0x30, ...field("t/ack"), 1, 2, 3));
  await until(() => told.length > 1);
  expect(told).toEqual([["up"], ["t/ack", Uint8Array.of(1, 2, 3)]]);
});

test("a packet of twice the largest wish still comes, a larger one ends the line", async () => {
  const { told, link } = open();
  await until(() => told.length > 0);
  const wish = new Uint8Array(131_072);
  wish.set([0x30, 0xfc, 0xff, 0x07, ...field("t/desired")]);
  socket?.write(wish);
  await until(() => told.length > 1);
  expect(told[1]).toMatchObject(["t/desired", { length: wish.length - 4 - 11 }]);
  socket?.write(Uint8Array.of(0x30, 0xfd, 0xff, 0x07));
  await until(() => told.length > 2);
  expect([told[2], link.isUp()]).toEqual([["down", "too large a packet"], false]);
});

test("a line that is given up is told once with the reason, closed, and tried again after the pause", async () => {
  const { link, clock, told, logged } = open();
  await until(() => told.length > 0);
  const first = socket;
  link.restart("no acknowledgement");
  link.restart("again");
  expect(told).toEqual([["up"], ["down", "no acknowledgement"]]);
  expect(logged).toEqual([["info", { reason: "no acknowledgement", waitMs: 500 }, "uplink is down, next try after a pause"]]);
  await until(() => first?.destroyed === true);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([connectionCount, logged.length]).toEqual([1, 1]);
  clock.advance(500);
  await until(() => told.length === 3);
  expect([connectionCount, link.isUp(), told[2]]).toEqual([2, true, ["up"]]);
});

test("nobody listens: the error's words are for debugging, and no line that was never up is told as down", async () => {
  const closedPort = port;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const { told, logged } = open({ url: `mqtt://127.0.0.1:${closedPort}` });
  await until(() => logged.length === 2);
  expect(logged).toEqual([
    ["debug", { reason: expect.stringContaining("ECONNREFUSED") }, "uplink connection error"],
    ["info", { reason: "error", waitMs: 500 }, "uplink is down, next try after a pause"],
  ]);
  expect(told).toEqual([]);
  server.listen(0);
});

test("a clean end says farewell, so that the broker sends no will, and is the last of it", async () => {
  const { link, clock, told } = open();
  await until(() => told.length > 0);
  await link.close();
  await until(() => sent(type.disconnect).length === 1);
  expect(sent(type.disconnect)[0]?.bytes).toEqual(Uint8Array.of(0xe0, 0));
  clock.advance(600_000);
  expect([link.isUp(), connectionCount, told]).toEqual([false, 1, [["up"]]]);
  await expect(link.publish("t", "x")).rejects.toMatchObject({ code: "sync.offline" });
});

test("a line that is closed during a pause is not tried again", async () => {
  const { link, clock, told } = open();
  await until(() => told.length > 0);
  link.restart("test");
  await link.close();
  clock.advance(600_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(connectionCount).toBe(1);
});

test("a broker that answers nothing any more holds up the end for a second of the clock", async () => {
  const { link, clock, told } = open();
  await until(() => told.length > 0);
  isAcknowledging = false;
  link.publish("t", "x").catch(() => undefined);
  await until(() => sent(type.publish).length === 1);
  let isClosed = false;
  const closed = link.close().then(() => {
    isClosed = true;
  });
  clock.advance(999);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isClosed).toBe(false);
  clock.advance(1);
  await closed;
});

test("a line that the gateway itself gives up, or that breaks before it was accepted, does not count as thrown out", async () => {
  let doubles = 0;
  const { link, clock, told, logged } = open({ random: () => 0, onDuplicateIdentity: () => void doubles++ });
  const isUp = () => told.at(-1)?.[0] === "up";
  for (let i = 0; i < 4; i++) {
    await until(isUp);
    link.restart("no acknowledgement");
    clock.advance(0);
  }
  await until(isUp);
  const end = async () => {
    const losses = logged.length;
    socket?.destroy();
    await until(() => logged.length > losses);
  };
  await end();
  clock.advance(0);
  await until(isUp);
  server.removeAllListeners("connection");
  server.on("connection", (given) => given.destroy());
  await end();
  for (let i = 0; i < 3; i++) {
    const losses = logged.length;
    clock.advance(0);
    await until(() => logged.length > losses);
  }
  expect([doubles, isUp()]).toEqual([0, false]);
});

test("thrown out right after connecting, and then held for a minute, does not count as a double identity", async () => {
  let doubles = 0;
  const { clock, told, logged } = open({ onDuplicateIdentity: () => void doubles++ });
  for (const heldMs of [0, 0, 60_000, 0, 0]) {
    const before = told.length;
    await until(() => told.length > before || told.at(-1)?.[0] === "up");
    clock.advance(heldMs);
    socket?.destroy();
    await until(() => told.at(-1)?.[0] === "down");
    clock.advance(300_000);
    await until(() => told.at(-1)?.[0] === "up");
  }
  expect(doubles).toBe(0);
  socket?.destroy();
  await until(() => told.at(-1)?.[0] === "down");
  expect(doubles).toBe(1);
  expect(logged.filter(([level]) => level === "warn")).toEqual([
    ["warn", { clientId: "home-a" }, "thrown out three times right after connecting: the identity is in use elsewhere"],
  ]);
});
