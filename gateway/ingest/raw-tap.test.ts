import { describe, expect, test } from "vitest";
import { packetBytes } from "../../test/mqtt-packets/packet-text.ts";
import { isAllowed, type Role } from "./acl.ts";
import type { DevicePublish } from "./broker-port.ts";
import { createTap } from "./raw-tap.ts";
import { MAX_CACHED_TOPICS, routeOf, type Session, type Sessions, sessionOf } from "./session.ts";

const own = "hearth/v1/home/strap-1";
const raw = `${own}/ecg/raw`;

function session(role: Role = "device") {
  const acknowledged: number[] = [];
  const destroyed: unknown[] = [];
  const made = {
    publisher: { user: "strap-1", role, site: "home", clientId: "strap-1", address: "a", devices: ["strap-1"], publish: ["#"] },
    connection: { acknowledge: (id: number) => acknowledged.push(id), destroy: (error: unknown) => destroyed.push(error) },
    routes: new Map(),
  } as unknown as Session;
  return { made, acknowledged, destroyed };
}

const sessionsWith = (readerCount = 0): Sessions => ({ byConnection: new WeakMap(), live: new Set(), readerCount, isClosing: false });

function tapOf(role: Role = "device", readerCount = 0) {
  const { made, acknowledged, destroyed } = session(role);
  const stored: DevicePublish[] = [];
  const dones: ((error?: Error) => void)[] = [];
  const sessions = sessionsWith(readerCount);
  const tap = createTap(made, sessions, (_session, message, done) => {
    stored.push(message);
    dones.push(done);
  });
  /** A PUBLISH in the middle of other bytes. */
  const offer = (first: number, topic: string, payload: string, id = 0x1234) => {
    const body = packetBytes(`s${topic.length} '${topic}' ${(first & 6) === 0 ? "" : `m${id}`} '${payload}'`);
    const bytes = Buffer.concat([Uint8Array.of(9, 9, first, body.length), body, Uint8Array.of(9, 9)]);
    return tap(bytes, 2, 4, 4 + body.length);
  };
  return { offer, stored, dones, sessions, acknowledged, destroyed };
}

describe("the short way", () => {
  test("takes a raw batch with its device, channel, topic and just its payload, and acknowledges it when it is stored", () => {
    const { offer, stored, dones, acknowledged, destroyed } = tapOf();
    expect(offer(0x32, raw, "batch")).toBe(true);
    expect(stored.map((message) => ({ ...message, payload: Buffer.from(message.payload).toString() }))).toEqual([
      { device: "strap-1", channel: "ecg/raw", topic: raw, payload: "batch", qos: 1 },
    ]);
    expect(acknowledged).toEqual([]);
    dones[0]?.();
    expect([acknowledged, destroyed]).toEqual([[0x1234], []]);
  });

  test("of a batch that could not be stored there is no acknowledgement, and the connection ends", () => {
    const { offer, dones, acknowledged, destroyed } = tapOf();
    offer(0x32, raw, "batch");
    const error = new Error("disk full");
    dones[0]?.(error);
    expect([acknowledged, destroyed]).toEqual([[], [error]]);
  });

  test("takes QoS 0 without an answer either way", () => {
    const { offer, stored, dones, acknowledged, destroyed } = tapOf();
    expect(offer(0x30, raw, "batch")).toBe(true);
    dones[0]?.(new Error("disk full"));
    expect([stored[0]?.qos, Buffer.from(stored[0]?.payload ?? []).toString(), acknowledged, destroyed]).toEqual([0, "batch", [], []]);
  });

  test.each([
    ["is retained", 0x31, raw],
    ["is a retained one of QoS 1", 0x33, raw],
    ["has QoS 2", 0x34, raw],
    ["is of another channel", 0x32, `${own}/ecg/meta`],
    ["is a status", 0x32, `${own}/status`],
    ["is not its own", 0x32, "hearth/v1/home/strap-2/ecg/raw"],
    ["is no topic of a device", 0x32, "else"],
  ])("leaves what %s to the broker", (_what, first, topic) => {
    const { offer, stored } = tapOf();
    expect([offer(first, topic, "x"), stored]).toEqual([false, []]);
  });

  test("takes a batch that is sent again as it takes the first", () => {
    const { offer, dones, acknowledged } = tapOf();
    expect(offer(0x3a, raw, "x", 7)).toBe(true);
    dones[0]?.();
    expect(acknowledged).toEqual([7]);
  });

  test("is closed while anybody is connected who could read the stream, and for bridges", () => {
    const open = tapOf();
    open.sessions.readerCount = 1;
    expect(open.offer(0x32, raw, "x")).toBe(false);
    open.sessions.readerCount = 0;
    expect(open.offer(0x32, raw, "x")).toBe(true);
    expect(tapOf("bridge").offer(0x32, raw, "x")).toBe(false);
    expect(tapOf("integrator").offer(0x32, raw, "x")).toBe(true);
  });

  test("holds 512 batches that are not stored yet; each that is stored makes place for one", () => {
    const { offer, dones, acknowledged } = tapOf();
    const takes = Array.from({ length: 513 }, (_, i) => offer(0x32, raw, "x", i + 1));
    expect(takes.indexOf(false)).toBe(512);
    expect(offer(0x30, raw, "x")).toBe(false);
    dones[7]?.();
    dones[8]?.(new Error("disk"));
    expect([offer(0x32, raw, "x"), offer(0x32, raw, "x"), offer(0x32, raw, "x")]).toEqual([true, true, false]);
    expect(acknowledged).toEqual([8]);
  });

  test("reads a topic whose length takes two bytes, and looks up each topic once", () => {
    const long = `${own}/${"s".repeat(32)}/raw`;
    const body = (topic: string) =>
      Buffer.concat([Uint8Array.of(topic.length >> 8, topic.length & 0xff), Buffer.from(topic), Buffer.from("x")]);
    const { made } = session();
    const asked: string[] = [];
    made.routes.get = (topic: string) => {
      asked.push(topic);
      return undefined;
    };
    const tap = createTap(made, sessionsWith(), () => undefined);
    const offer = (topic: string) => {
      const bytes = Buffer.concat([Uint8Array.of(0x30, 0), body(topic)]);
      return tap(bytes, 0, 2, bytes.length);
    };
    const beyond = `${own}/${"s".repeat(300)}/raw`;
    expect([offer(long), offer(long), offer(beyond), offer(beyond), offer(long)]).toEqual([true, true, false, false, true]);
    expect(asked).toEqual([long, beyond, long]);
  });

  test("tells topics apart that differ in length or in one byte", () => {
    const { offer, stored } = tapOf();
    for (const topic of [raw, raw, `${own}/ecg2/raw`, `${own}/acc/raw`, raw]) expect(offer(0x30, topic, "x")).toBe(true);
    expect(stored.map(({ channel }) => channel)).toEqual(["ecg/raw", "ecg/raw", "ecg2/raw", "acc/raw", "ecg/raw"]);
    expect(offer(0x30, `${own}/acc/met`, "x")).toBe(false);
  });
});

describe("a session's routes", () => {
  test("are decided once a topic, and all anew after 256", () => {
    const { made } = session();
    let asks = 0;
    const allow: typeof isAllowed = (...of) => {
      asks++;
      return isAllowed(...of);
    };
    const route = (topic: string) => routeOf(made, topic, allow);
    expect([route(raw), route(raw), asks]).toEqual([
      { device: "strap-1", channel: "ecg/raw", isRaw: true },
      { device: "strap-1", channel: "ecg/raw", isRaw: true },
      1,
    ]);
    expect(route(`${own}/ecg/meta`)).toEqual({ device: "strap-1", channel: "ecg/meta", isRaw: false });
    expect(route("else")).toBe("denied");
    for (let i = 3; i < MAX_CACHED_TOPICS; i++) route(`t${i}`);
    const before = asks;
    expect([MAX_CACHED_TOPICS, made.routes.size, route(raw), asks]).toEqual([256, 256, expect.anything(), before]);
    route("one more");
    expect(made.routes.size).toBe(1);
  });

  test("of bridges and the gateway are for no journal", () => {
    expect(routeOf(session("bridge").made, raw, isAllowed)).toBe("free");
    expect(routeOf(session("gateway").made, raw, isAllowed)).toBe("free");
    expect(routeOf(session("device").made, "hearth/v1/home/strap-2/ecg/raw", isAllowed)).toBe("denied");
  });

  test("are found by the client's connection", () => {
    const sessions = sessionsWith();
    const { made } = session();
    const conn = {};
    sessions.byConnection.set(conn, made);
    expect([sessionOf(sessions, { conn } as never), sessionOf(sessions, { conn: {} } as never), sessionOf(sessions, null)]).toEqual([
      made,
      undefined,
      undefined,
    ]);
  });
});
