import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { type MqttLink, type MqttLinkOptions, openMqttLink } from "./mqtt.ts";

/** A broker that notes what arrives and acknowledges only while `isAcking`. */
async function startBroker() {
  const arrived: { topic: string; payload: string; retain: boolean }[] = [];
  const sockets = new Set<Socket>();
  const state = { isAcking: true, logins: [] as string[] };
  const held: (() => void)[] = [];
  const aedes = await Aedes.createBroker({
    authenticate(_client, user, password, done) {
      state.logins.push(`${user}:${password?.toString()}`);
      done(null, password?.toString() === "secret");
    },
    authorizePublish(_client, { topic, payload, retain }, done) {
      arrived.push({ topic, payload: payload.toString(), retain });
      if (state.isAcking) done(null);
      else held.push(() => done(null));
    },
  });
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    aedes.handle(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `mqtt://127.0.0.1:${port}`,
    arrived,
    state,
    publish: (topic: string, payload: string) =>
      new Promise<void>((done) => aedes.publish({ cmd: "publish", topic, payload, qos: 1, dup: false, retain: false }, () => done())),
    cutAll() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((done) => aedes.close(done));
      server.close();
    },
  };
}

const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("a wearable's MQTT link", () => {
  let broker: Awaited<ReturnType<typeof startBroker>>;
  let link: MqttLink | undefined;
  const acked: number[] = [];
  const open = (more: Partial<MqttLinkOptions> = {}) => {
    link = openMqttLink({
      url: broker.url,
      site: "home",
      device: "strap",
      password: "secret",
      qos: 1,
      clock: systemClock(),
      random: () => 0.5,
      pauseMs: { first: 2, longest: 20 },
      onAck: (_stream, sequence) => acked.push(sequence),
      ...more,
    });
    return link;
  };
  const batch = (sequence: number) => new TextEncoder().encode(`batch ${sequence}`);
  const arrivedBatches = () => broker.arrived.filter(({ topic }) => topic.endsWith("/raw")).map(({ payload }) => payload);

  beforeEach(async () => {
    broker = await startBroker();
    acked.length = 0;
  });
  afterEach(async () => {
    await link?.close();
    await broker.close();
  });

  test("says online and describes its streams before the first batch", async () => {
    const strap = open();
    strap.declare("ecg", new TextEncoder().encode("{}"));
    strap.send("ecg", 0, batch(0));
    await until(() => acked.length === 1);
    expect(broker.state.logins).toEqual(["strap:secret"]);
    expect(broker.arrived.map(({ topic, retain }) => [topic, retain])).toEqual([
      ["hearth/v1/home/strap/status", true],
      ["hearth/v1/home/strap/ecg/meta", true],
      ["hearth/v1/home/strap/ecg/raw", false],
    ]);
    expect(strap.keptCount).toBe(0);
  });

  test("sends again, under the same numbers and in order, what was not acknowledged when the connection broke", async () => {
    broker.state.isAcking = false;
    const strap = open({ inFlightLimit: 3 });
    for (let q = 0; q < 5; q++) strap.send("ecg", q, batch(q));
    await until(() => broker.arrived.length > 0);
    broker.state.isAcking = true;
    broker.cutAll();
    await until(() => acked.length === 5);
    expect(acked).toEqual([0, 1, 2, 3, 4]);
    expect(arrivedBatches().slice(-5)).toEqual(acked.map((q) => `batch ${q}`));
    expect(strap.counters.connects).toBeGreaterThan(1);
  });

  test("keeps batches while the radio is cut and delivers each afterwards", async () => {
    const strap = open();
    await until(() => strap.isConnected);
    strap.setCut(true);
    for (let q = 0; q < 40; q++) strap.send("ecg", q, batch(q));
    expect(strap.keptCount).toBe(40);
    strap.setCut(false);
    await until(() => acked.length === 40);
    expect(arrivedBatches()).toEqual(Array.from({ length: 40 }, (_, q) => `batch ${q}`));
  });

  test("gives up the oldest batches when its memory is full", async () => {
    const strap = open({ maxKeptBytes: 70 });
    strap.setCut(true);
    for (let q = 0; q < 12; q++) strap.send("ecg", q, batch(q));
    expect(strap.keptCount).toBeLessThan(10);
    expect(strap.keptCount + strap.counters.dropped).toBe(12);
    strap.setCut(false);
    await until(() => strap.keptCount === 0);
    expect(arrivedBatches().at(-1)).toBe("batch 11");
  });

  test("keeps trying with a wrong password and delivers nothing", async () => {
    const strap = open({ password: "guess" });
    strap.send("ecg", 0, batch(0));
    await until(() => broker.state.logins.length >= 3);
    expect(strap.isConnected).toBe(false);
    expect(arrivedBatches()).toEqual([]);
    expect(strap.keptCount).toBe(1);
  });

  test("describes its streams again when asked", async () => {
    const strap = open();
    strap.declare("ecg", new TextEncoder().encode("{}"));
    strap.send("ecg", 0, batch(0));
    await until(() => acked.length === 1);
    await broker.publish("hearth/v1/home/strap/cmd/meta", JSON.stringify({ id: "ecg-1", stream: "ecg" }));
    await until(() => broker.arrived.some(({ topic }) => topic.endsWith("/cmd/meta/reply")));
    expect(broker.arrived.filter(({ topic }) => topic.endsWith("/ecg/meta")).length).toBe(2);
    expect(broker.arrived.at(-1)?.payload).toBe('{"id":"ecg-1","state":"done"}');
  });

  test("loses batches at QoS 0 while not connected, and counts them", async () => {
    const strap = open({ qos: 0 });
    strap.send("ecg", 0, batch(0));
    await until(() => strap.isConnected);
    strap.send("ecg", 1, batch(1));
    await until(() => arrivedBatches().length === 1);
    expect(arrivedBatches()).toEqual(["batch 1"]);
    expect(strap.counters.dropped).toBe(1);
  });
});
