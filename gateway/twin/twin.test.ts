import { generateKeyPairSync, sign } from "node:crypto";
import { rmSync, truncateSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AlertRecord, BeatEvent, OutboxItem, PersonEvent } from "../../device-drivers/contract/event.ts";
import { createHarness, type Harness, until } from "../../test/support/twin-harness.ts";
import { encodeCbor } from "../semantic/cbor.ts";
import { encodeFrame } from "../semantic/frame.ts";
import { alertItem, createPacker, heartbeatItem, stripItem } from "../semantic/policy.ts";
import { createDesiredPart } from "../sync/desired-part.ts";
import { createMemoryOutbox } from "../sync/memory-outbox.ts";
import { loadGatewayEnrolment } from "./enrol.ts";
import { withdrawGateway } from "./withdraw.ts";

const epoch = "00112233445566aa";
const baseUs = 1_699_999_980_000_000;

let home: Harness;
beforeEach(async () => {
  home = await createHarness();
});
afterEach(async () => {
  await home.close();
});

const beat = (i: number): BeatEvent => ({
  kind: "beat",
  device: "strap-a",
  stream: "ecg",
  timeUs: baseUs + i * 800_000,
  label: i % 10 === 9 ? "V" : "N",
  confidence: 1,
});

/** `count` beats of person-a in frames of `perFrame`. */
function beatItems(count: number, perFrame = 10): OutboxItem[] {
  const items: OutboxItem[] = [];
  for (let start = 0; start < count; start += perFrame) {
    const packer = createPacker({ person: "person-a", flushS: 60 });
    const events: PersonEvent[] = Array.from({ length: Math.min(perFrame, count - start) }, (_, i) => beat(start + i));
    items.push(...events.flatMap((event) => packer.push(event)), ...packer.flush());
  }
  return items;
}

const alertAt = (id: string, more: Partial<AlertRecord> = {}): AlertRecord => ({
  id,
  person: "person-a",
  rule: "rhythm.vt",
  device: "strap-a",
  priority: "high",
  kind: "physiological",
  state: "active",
  mode: "real",
  onsetUs: baseUs + 5_000_000,
  raisedUs: baseUs + 9_000_000,
  lastSeenUs: baseUs + 9_000_000,
  count: 1,
  quality: "good",
  snoozes: [],
  deliveries: [],
  ...more,
});

async function beatTimes(): Promise<number[]> {
  const { body } = await home.ask(`/api/v1/people/person-a/beats?from=${baseUs}&to=${baseUs + 1e9 * 1000}`);
  return ((body.beats as BeatEvent[]) ?? []).map(({ timeUs }) => timeUs);
}

const drained = (outbox: ReturnType<typeof createMemoryOutbox>) =>
  until(home.clock, () => outbox.rows().length === 0, "the outbox is empty");
const expectedTimes = (count: number) => Array.from({ length: count }, (_, i) => beat(i).timeUs);

describe("exactly once", () => {
  test("what waits reaches the twin, leaves the outbox, and is asked for over REST", async () => {
    const outbox = createMemoryOutbox(epoch);
    const strip = {
      kind: "strip",
      person: "person-a",
      alertIds: ["a1"],
      device: "strap-a",
      stream: "ecg",
      channel: "ecg1",
      unit: "mV",
      scale: 0.005,
      offset: 0,
      rateHz: 250,
      startUs: baseUs,
      samples: Int32Array.from([1, -2147483648, 3]),
    } as const;
    outbox.add(...beatItems(95), alertItem(alertAt("a1")), stripItem(strip));
    outbox.add(
      heartbeatItem({
        timeUs: baseUs,
        uptimeS: 60,
        version: "0.1.0",
        people: [{ id: "person-a", name: "Person A" }],
        devices: [],
        outboxDepth: 4,
      }),
    );
    home.openUplink(outbox);
    await drained(outbox);
    expect(await beatTimes()).toEqual(expectedTimes(95));
    expect((await home.ask("/api/v1/people")).body).toEqual({ people: [{ id: "person-a", name: "Person A" }] });
    expect((await home.ask("/api/v1/people/person-a/alerts")).body.alerts).toMatchObject([
      { id: "a1", rule: "rhythm.vt", state: "active" },
    ]);
    expect((await home.ask("/api/v1/people/person-a/strip")).body.traces).toMatchObject([
      { rateHz: 250, startUs: baseUs, values: [0.005, null, 0.015] },
    ]);
    expect((await home.ask("/api/v1/people/person-a/state")).body).toMatchObject({
      name: "Person A",
      open_alerts: [{ id: "a1" }],
      gateway: { outbox_depth: 4 },
    });
  });

  test("lost acknowledgements and repeated frames store nothing twice", async () => {
    const outbox = createMemoryOutbox(epoch);
    outbox.add(...beatItems(300));
    let lost = 0;
    const deaf = {
      ...outbox,
      outboxEnd: (accepted: readonly number[]) => outbox.outboxEnd(accepted.filter((n) => n % 3 !== 0 || ++lost > 12)),
    };
    const uplink = home.openUplink(deaf);
    await drained(outbox);
    expect(await beatTimes()).toEqual(expectedTimes(300));
    expect(home.twin.counters.framesStoredTotal).toBe(30);
    expect(home.twin.counters.framesRepeatedTotal).toBeGreaterThan(0);
    expect(uplink.figures().framesSentTotal).toBeGreaterThan(30);
  });

  test("a twin that is gone and comes back gets what it missed, in a new process over the same folder", async () => {
    const outbox = createMemoryOutbox(epoch);
    outbox.add(...beatItems(100));
    const uplink = home.openUplink(outbox);
    await drained(outbox);
    await home.stopTwin();
    await until(home.clock, () => !uplink.state().connected, "the line is down");
    outbox.add(...beatItems(200).slice(10));
    uplink.wake();
    await home.startTwin();
    await drained(outbox);
    expect(await beatTimes()).toEqual(expectedTimes(200));
    expect(uplink.figures().connectionsTotal).toBe(2);
  });

  test("a restored outbox under a new epoch is taken with its old numbers, and its events are still there once", async () => {
    const items = beatItems(60);
    const outbox = createMemoryOutbox(epoch, items);
    const before = home.openUplink(outbox);
    await drained(outbox);
    await before.close();
    const restored = createMemoryOutbox("ffeeddccbbaa9988", [...items.slice(2), ...beatItems(90).slice(6)]);
    home.openUplink(restored);
    await drained(restored);
    expect(home.twin.counters.framesStoredTotal).toBe(6 + 7);
    expect(await beatTimes()).toEqual(expectedTimes(90));
  });

  test("an older state of an alert never takes the place of a newer one", async () => {
    const acknowledged = alertAt("a1", { state: "acknowledged", acknowledgedBy: "Person B", acknowledgedAtUs: baseUs + 20_000_000 });
    const outbox = createMemoryOutbox(epoch, [alertItem(alertAt("a1")), alertItem(acknowledged)]);
    home.openUplink(outbox);
    await drained(outbox);
    const restored = createMemoryOutbox("ffeeddccbbaa9988", [alertItem(alertAt("a1")), alertItem(alertAt("a1", { state: "notified" }))]);
    home.openUplink(restored);
    await drained(restored);
    const { body } = await home.ask("/api/v1/people/person-a/alerts?open=true");
    expect(body.alerts).toMatchObject([{ id: "a1", state: "acknowledged", acknowledged_by: "Person B" }]);
  });
});

describe("the line", () => {
  test("a line that swallows everything without a reset is given up, and the next one carries it all", async () => {
    const outbox = createMemoryOutbox(epoch);
    const uplink = home.openUplink(outbox);
    await until(home.clock, () => uplink.state().connected, "connected");
    home.line.mode = "swallow";
    outbox.add(...beatItems(50));
    uplink.wake();
    await until(home.clock, () => uplink.figures().deadLinesTotal > 0, "the dead line is noticed");
    expect(outbox.rows()).toHaveLength(5);
    home.line.mode = "open";
    await drained(outbox);
    expect(await beatTimes()).toEqual(expectedTimes(50));
  });

  test("silence is told in seconds since the last acknowledgement", async () => {
    const outbox = createMemoryOutbox(epoch, beatItems(10));
    const told: number[] = [];
    const uplink = home.openUplink(outbox, { onState: ({ silentS }) => told.push(silentS) });
    await drained(outbox);
    home.line.mode = "cut";
    home.clock.advance(3_600_000);
    expect(uplink.state().silentS).toBeGreaterThan(3500);
    expect(Math.max(...told)).toBeGreaterThan(3500);
    home.line.mode = "open";
    outbox.add(...beatItems(20).slice(1));
    await drained(outbox);
    expect(uplink.state().silentS).toBeLessThan(10);
  });

  test("an alert goes before the backlog that is being drained, and new frames do not wait for the old", async () => {
    const outbox = createMemoryOutbox(epoch);
    const old = beatItems(600, 1).map((item) => ({ ...item, timeUs: home.clock.wallUs() - 3_600_000_000 }));
    outbox.add(...old);
    const sent: string[] = [];
    const ended: number[] = [];
    let raised: number[] = [];
    const watching = {
      ...outbox,
      outboxEnd(accepted: readonly number[]) {
        ended.push(...accepted);
        if (raised.length === 0 && ended.length > 40) {
          raised = outbox.add(
            { ...(beatItems(601, 1)[600] as OutboxItem), timeUs: home.clock.wallUs() },
            alertItem(alertAt("a9", { lastSeenUs: home.clock.wallUs() })),
          );
          sent.push(`after ${ended.length}`);
        }
        return outbox.outboxEnd(accepted);
      },
    };
    home.openUplink(watching);
    await drained(outbox);
    const [fresh, alert] = raised as [number, number];
    const raisedAt = Number(sent[0]?.split(" ")[1]);
    expect(ended.indexOf(alert) - raisedAt).toBeLessThan(40);
    expect(ended.indexOf(fresh) - raisedAt).toBeLessThan(60);
    expect(ended).toHaveLength(602);
    expect(await beatTimes()).toEqual(expectedTimes(601));
  });
});

describe("bad input", () => {
  /** A client of home-a as it would be written by somebody else. */
  async function client(options: mqtt.IClientOptions = {}) {
    const { username = "home-a", password = home.gateway.password } = options;
    const own = mqtt.connect(`mqtt://127.0.0.1:${home.twin.ports.mqtt}`, {
      clientId: username,
      reconnectPeriod: 0,
      ...options,
      username,
      password,
    });
    let outcome: "in" | "out" | undefined;
    own.once("connect", () => (outcome = "in"));
    own.once("close", () => (outcome ??= "out"));
    own.on("error", () => undefined);
    await until(home.clock, () => outcome !== undefined, "the broker answers");
    return { own, outcome };
  }
  const fields = {
    g: "home-a",
    e: new Uint8Array(8),
    n: 1,
    c: "semantic" as const,
    t: baseUs,
    p: beatItems(3)[0]?.payload ?? new Uint8Array(),
  };
  const foreignKey = generateKeyPairSync("ed25519").privateKey;

  test("forged, foreign and malformed frames are counted, stored nowhere and never acknowledged", async () => {
    const { own } = await client();
    const acks: Buffer[] = [];
    own.on("message", (_topic, payload) => acks.push(payload));
    own.subscribe("hearth/v1/home-a/ack", { qos: 1 });
    const other = loadGatewayEnrolment("home-b", join(home.dir, "home-b"));
    const send = (bytes: Uint8Array, name = "semantic") => own.publish(`hearth/v1/home-a/up/${name}`, Buffer.from(bytes), { qos: 1 });
    send(encodeFrame(fields, (bytes) => new Uint8Array(sign(null, bytes, foreignKey))));
    send(encodeFrame(fields, other.sign));
    send(encodeFrame({ ...fields, g: "home-b" }, other.sign));
    send(encodeFrame(fields, home.gateway.sign), "alert");
    send(new Uint8Array([1, 2, 3]));
    // The row's number is a bignum of 2.4 million bits.
    send(Buffer.concat([Buffer.from("a3617601616dc25a000493e0", "hex"), Buffer.alloc(300_000, 0xff), Buffer.from("616e01", "hex")]));
    const { refused } = home.twin.counters;
    await until(home.clock, () => (refused.forged ?? 0) + (refused.foreign ?? 0) + (refused.malformed ?? 0) === 6, "all refused");
    expect(refused).toEqual({ forged: 2, foreign: 2, malformed: 2 });
    send(encodeFrame(fields, home.gateway.sign));
    await until(home.clock, () => acks.length > 0, "the good one is acknowledged");
    expect(acks).toHaveLength(1);
    expect(home.twin.counters.framesStoredTotal).toBe(1);
    own.end(true);
  });

  test("a foreign topic ends the connection; a wrong password never gets one; another home's branch can't be read", async () => {
    expect((await client({ password: "wrong" })).outcome).toBe("out");
    expect((await client({ username: "home-c" })).outcome).toBe("out");
    for (const topic of ["hearth/v1/home-b/up/semantic", "hearth/v1/home-a/ack", "hearth/v1/home-a/desired", "$SYS/x"]) {
      const { own } = await client();
      let isOut = false;
      own.once("close", () => (isOut = true));
      own.publish(topic, "x", { qos: 1 });
      await until(home.clock, () => isOut, `${topic} is refused`);
    }
    const { own } = await client();
    let refusal: Error | null | undefined;
    own.subscribe("hearth/v1/home-b/#", { qos: 1 }, (error) => {
      refusal = error;
    });
    await until(home.clock, () => refusal !== undefined, "the subscription is answered");
    expect(refusal?.message).toContain("Subscribe error");
    own.end(true);
    expect(home.twin.counters.refused).toMatchObject({ topic: 5, password: 2 });
  });

  test("a gateway comes under its own name alone, and its last will obeys what it may publish", async () => {
    const will = (topic: string) => ({ topic, payload: Buffer.from("x"), qos: 1 as const, retain: false });
    expect((await client({ clientId: "home-b" })).outcome).toBe("out");
    expect((await client({ will: will("hearth/v1/home-b/up/alert") })).outcome).toBe("out");
    const { own, outcome } = await client({ will: will("hearth/v1/home-a/status") });
    expect(outcome).toBe("in");
    own.end(true);
  });

  test("a packet larger than a stranger, or a gateway, may send is known by its header and ends the connection", async () => {
    const isClosed = async (...parts: Uint8Array[]) => {
      const socket = createConnection(home.twin.ports.mqtt, "127.0.0.1");
      let isOver = false;
      socket.on("error", () => undefined);
      socket.on("close", () => (isOver = true));
      for (const part of parts) socket.write(part);
      await until(home.clock, () => isOver, "the connection is ended");
    };
    await isClosed(Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0x7f));
    await isClosed(Uint8Array.of(0x10, 0x80, 0x80, 0x01));
    const { own } = await client();
    let isOut = false;
    own.once("close", () => (isOut = true));
    own.stream.write(Uint8Array.of(0x32, 0x80, 0x80, 0x80, 0x08));
    await until(home.clock, () => isOut, "the gateway's connection is ended");
    expect(home.twin.counters.refused).toEqual({ size: 3 });
  });

  test("what a gateway reports is kept only as a JSON object of bounded size and depth", async () => {
    const { own } = await client();
    const reported = async () => (await home.ask("/api/v1/gateways/home-a/desired")).body.reported;
    const report = (text: string) => own.publish("hearth/v1/home-a/reported", text, { qos: 1 });
    report(`{"a":"${"x".repeat(200_000)}"}`);
    report(`{"a":${"[".repeat(50)}${"]".repeat(50)}}`);
    report("[1]");
    await until(home.clock, () => home.twin.counters.refused.malformed === 3, "all are refused");
    expect(await reported()).toBeNull();
    report('{"version":1}');
    await until(home.clock, async () => (await reported()) !== null, "the good one is kept");
    expect(await reported()).toEqual({ version: 1 });
    own.end(true);
  });

  test("an authentic frame of a newer layout is kept as it came, acknowledged, and counted", async () => {
    const outbox = createMemoryOutbox(epoch, [{ class: "semantic", timeUs: baseUs, payload: encodeCbor([99, { new: true }]) }]);
    home.openUplink(outbox);
    await drained(outbox);
    expect(home.twin.counters.framesOpaqueTotal).toBe(1);
    await home.stopTwin();
    await home.startTwin();
    expect((await home.ask("/api/v1/gateways")).body.gateways).toMatchObject([{ id: "home-a", frames: 1, opaque_frames: 1 }]);
  });
});

test("a gateway whose file is damaged is known as before; one whose folder is gone is let in no more", async () => {
  const file = (gateway: string) => join(home.dir, "twin", "gateways", gateway);
  await home.stopTwin();
  truncateSync(join(file("home-a"), "public.pem"));
  rmSync(file("home-b"), { recursive: true });
  await home.startTwin();
  const outbox = createMemoryOutbox(epoch, beatItems(10));
  home.openUplink(outbox);
  await drained(outbox);
  const other = loadGatewayEnrolment("home-b", join(home.dir, "home-b"));
  const own = mqtt.connect(`mqtt://127.0.0.1:${home.twin.ports.mqtt}`, {
    ...{ username: "home-b", password: other.password, clientId: "home-b", reconnectPeriod: 0 },
  });
  own.on("error", () => undefined);
  await until(home.clock, () => home.twin.counters.refused.password === 1, "it is refused");
  own.end(true);
});

describe("desired", () => {
  test("the twin's wish reaches the gateway signed and rising, and what the gateway reports comes back", async () => {
    const taken: number[] = [];
    const log = { warn: () => undefined, info: () => undefined, debug: () => undefined };
    const desired = createDesiredPart({
      gateway: "home-a",
      twinPublicKey: home.gateway.twinPublicKey,
      onAccepted: async ({ version }) => void taken.push(version),
      log,
    });
    home.openUplink(createMemoryOutbox(epoch), { desired });
    const put = (body: object, token = "admin-a", id = "home-a") =>
      home.ask(`/api/v1/gateways/${id}/desired`, { method: "PUT", token, body: JSON.stringify(body) });
    expect((await put({ settings: { flush: 30 } })).body.desired).toMatchObject({ version: 1, settings: { flush: 30 } });
    await until(home.clock, () => taken.length === 1, "version 1 is taken");
    expect((await put({ settings: { flush: 60 }, version: 1 })).status).toBe(200);
    await until(
      home.clock,
      async () => ((await home.ask("/api/v1/gateways/home-a/desired")).body.reported as { version: number } | null)?.version === 2,
      "version 2 is reported",
    );
    expect(taken).toEqual([1, 2]);
    const conflict = await put({ settings: {}, version: 1 });
    expect([conflict.status, conflict.body.code]).toEqual([409, "desired.conflict"]);
    expect((await put({ settings: {} }, "patient-a")).status).toBe(403);
    expect((await put({ settings: {} }, "admin-b")).status).toBe(404);
    expect((await put({ nothing: 1 })).body.code).toBe("http.bad_field");
  });

  test("forged, old and broken documents are refused and counted", async () => {
    const log = { warn: () => undefined, info: () => undefined, debug: () => undefined };
    const part = createDesiredPart({
      gateway: "home-b",
      twinPublicKey: home.gateway.twinPublicKey,
      onAccepted: () => Promise.resolve(),
      log,
    });
    const { body } = await home.ask("/api/v1/gateways/home-a/desired", { method: "PUT", body: JSON.stringify({ settings: { a: 1 } }) });
    const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
    expect(await part.receive(bytes(body.desired))).toBe(false);
    expect(await part.receive(bytes("x"))).toBe(false);
    const own = createDesiredPart({
      gateway: "home-a",
      twinPublicKey: home.gateway.twinPublicKey,
      onAccepted: () => Promise.resolve(),
      log,
    });
    expect(await own.receive(bytes(body.desired))).toBe(true);
    expect(await own.receive(bytes({ ...(body.desired as object), version: 9 }))).toBe(false);
    const second = await home.ask("/api/v1/gateways/home-a/desired", { method: "PUT", body: JSON.stringify({ settings: { a: 2 } }) });
    expect([await own.receive(bytes(second.body.desired)), await own.receive(bytes(body.desired))]).toEqual([true, false]);
    expect([part.refused, own.refused]).toEqual([
      { "desired.forged": 1, "desired.malformed": 1 },
      { "desired.forged": 1, "desired.old": 1 },
    ]);
  });
});

describe("the door", () => {
  test("another home's token finds nothing, no token is asked who it is", async () => {
    const outbox = createMemoryOutbox(epoch, beatItems(10));
    home.openUplink(outbox);
    await drained(outbox);
    for (const path of ["state", "vitals", "beats", "alerts", "strip"].map((name) => `/api/v1/people/person-a/${name}`)) {
      expect((await home.ask(path)).status).toBe(200);
      expect([(await home.ask(path, { token: "admin-b" })).status, (await home.ask(path, { token: "x" })).status]).toEqual([404, 401]);
    }
    expect((await home.ask("/api/v1/people", { token: "admin-b" })).body).toEqual({ people: [] });
    expect((await home.ask("/api/v1/gateways/home-a/desired", { token: "admin-b" })).body.code).toBe("http.not_found");
    expect((await home.ask("/api/v1/people/person-a/beats?from=never")).body).toMatchObject({ code: "http.bad_field", field: "from" });
    const strip = (seconds: number) => home.ask(`/api/v1/people/person-a/strip?from=${baseUs}&to=${baseUs + seconds * 1e6}`);
    expect([(await strip(600)).status, (await strip(601)).body.code, (await strip(0)).body.code]).toEqual([
      200,
      "http.bad_field",
      "http.bad_field",
    ]);
    expect((await home.ask("/healthz")).body).toEqual({ status: "ok" });
  });

  test("times may be seconds, microseconds or ISO 8601", async () => {
    const outbox = createMemoryOutbox(epoch, beatItems(10));
    home.openUplink(outbox);
    await drained(outbox);
    const count = async (from: string, to: string) =>
      ((await home.ask(`/api/v1/people/person-a/beats?from=${from}&to=${to}`)).body.beats as unknown[]).length;
    const [from, to] = [baseUs + 800_000, baseUs + 2_400_000];
    expect(await count(`${from}`, `${to}`)).toBe(2);
    expect(await count(`${from / 1e6}`, `${to / 1e6}`)).toBe(2);
    expect(await count(new Date(from / 1000).toISOString(), new Date(to / 1000).toISOString())).toBe(2);
  });

  test("what is stored is told to live readers of that home", async () => {
    const abort = new AbortController();
    const answer = await fetch(`http://127.0.0.1:${home.twin.ports.http}/api/v1/live?token=admin-a`, { signal: abort.signal });
    let text = "";
    const reading = (async () => {
      for await (const chunk of answer.body ?? []) text += new TextDecoder().decode(chunk);
    })().catch(() => undefined);
    const outbox = createMemoryOutbox(epoch, [alertItem(alertAt("a1")), ...beatItems(5)]);
    home.openUplink(outbox);
    await until(home.clock, () => text.includes("event: alert") && text.includes("event: beats"), "both are told");
    abort.abort();
    await reading;
  });
});

test("a gateway whose heartbeats stop is told after 15 and 30 minutes, until it is heard again", async () => {
  const outbox = createMemoryOutbox(epoch);
  const beatNow = () =>
    heartbeatItem({
      timeUs: home.clock.wallUs(),
      uptimeS: 1,
      version: "0.1.0",
      people: [{ id: "person-a", name: "Person A" }],
      devices: [],
      outboxDepth: 0,
    });
  outbox.add(beatNow());
  const uplink = home.openUplink(outbox);
  await drained(outbox);
  const silent = async () =>
    ((await home.ask("/api/v1/gateways")).body.gateways as { silent: { level: string } | null }[])[0]?.silent?.level;
  expect(await silent()).toBeUndefined();
  home.clock.advance(16 * 60_000);
  await until(home.clock, async () => (await silent()) === "warn", "the silence is told");
  home.clock.advance(15 * 60_000);
  await until(home.clock, async () => (await silent()) === "urgent", "it has become worse");
  expect((await home.ask("/api/v1/people/person-a/state")).body).toMatchObject({
    gateway: { silent: { rule: "gateway.silent", priority: "high" } },
  });
  const [gateway] = (await home.ask("/api/v1/gateways")).body.gateways as { silent: { silent_s: number } }[];
  expect(gateway?.silent.silent_s).toBeGreaterThan(1800);
  expect(gateway?.silent.silent_s).toBeLessThan(1900);
  outbox.add(beatNow());
  uplink.wake();
  await drained(outbox);
  expect(await silent()).toBeUndefined();
});

test("a frame larger than any strip is refused before it is decoded", async () => {
  const giant = encodeFrame(
    { g: "home-a", e: new Uint8Array(8), n: 5, c: "raw", t: 0, p: new Uint8Array(5 << 20) },
    () => new Uint8Array(64),
  );
  const own = mqtt.connect(`mqtt://127.0.0.1:${home.twin.ports.mqtt}`, {
    username: "home-a",
    password: home.gateway.password,
    clientId: "home-a",
    reconnectPeriod: 0,
  });
  own.on("error", () => undefined);
  own.on("connect", () => own.publish("hearth/v1/home-a/up/raw", Buffer.from(giant), { qos: 1 }));
  await until(home.clock, () => home.twin.counters.refused.malformed === 1, "it is refused");
  own.end(true);
});

test("a gateway that is revoked while the twin runs is out within seconds and comes in no more, another stays, and what it sent is still there", async () => {
  const outbox = createMemoryOutbox(epoch);
  outbox.add(...beatItems(20));
  const uplink = home.openUplink(outbox);
  await drained(outbox);
  await withdrawGateway("home-a", { dir: join(home.dir, "data") }, join(home.dir, "twin"), { by: "operator", atUs: 0 });
  await until(home.clock, () => !uplink.state().connected, "its connection ends");
  outbox.add(...beatItems(30).slice(2));
  await until(home.clock, () => (home.twin.counters.refused.password ?? 0) > 0, "it is refused");
  expect(outbox.rows()).toHaveLength(1);
  expect(await beatTimes()).toEqual(expectedTimes(20));
  const again = withdrawGateway("home-a", { dir: join(home.dir, "data") }, join(home.dir, "twin"), { by: "operator", atUs: 1 });
  await expect(again).rejects.toMatchObject({
    code: "enrol.unknown",
    message: expect.stringContaining("home-b"),
  });
  await home.stopTwin();
  await home.startTwin();
  await until(home.clock, () => (home.twin.counters.refused.password ?? 0) > 0, "also after a restart");
});

test("who asks to enrol without a claim is told so and counted, and 100 who ask at once wait or go", async () => {
  const body = { claim: "AAAAAAAAAAAAAAAA", public_key: "AAAA", password_hash: "sha256$AA$AA", claim_signature: "AA", key_signature: "AA" };
  const ask = (sent: object) => home.ask("/api/v1/enrolments", { method: "POST", body: JSON.stringify(sent), token: "" });
  expect(await ask(body)).toMatchObject({ status: 403, body: { code: "enrol.wrong_claim" } });
  expect(await ask({ ...body, key: 1 })).toMatchObject({ status: 400, body: { code: "http.bad_field" } });
  expect(home.twin.counters.refused.claim).toBe(1);
  const codes = new Set((await Promise.all(Array.from({ length: 100 }, () => ask(body)))).map(({ status }) => status));
  expect([...codes].filter((status) => status !== 403 && status !== 429)).toEqual([]);
});
