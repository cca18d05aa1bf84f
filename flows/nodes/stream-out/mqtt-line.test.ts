import { createServer } from "node:net";
import { Aedes } from "aedes";
import { expect, test } from "vitest";
import { openMqttLine } from "./mqtt-line.ts";
import { createQueue } from "./queue.ts";

test("over a line that breaks again and again each batch is on its way once, and is taken at last", async () => {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  let seen: number[] = [];
  let breaks = 0;
  broker.authorizePublish = (client, { topic, payload }, done) => {
    if (!topic.endsWith("/raw")) return done(null);
    seen.push(Number(payload[0]));
    if (breaks === 2) return done(null);
    // All eight have come and none is acknowledged.
    if (seen.length < 8) return;
    breaks++;
    seen = [];
    (client as unknown as { conn: { destroy(): void } }).conn.destroy();
  };
  const states: string[] = [];
  const settings = {
    broker: `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`,
    caFile: "",
    device: "my-phone",
    stream: "s",
    meta: new Uint8Array([123, 125]),
  };
  const line = openMqttLine({
    ...{ settings, site: "home", password: "any" },
    onUp() {
      states.push("up");
      queue.resume();
    },
    onDown() {
      states.push("down");
      queue.suspend();
    },
    onAnswer: () => {},
  });
  const queue = createQueue({
    send: line.send,
    onChange: () => {},
    onRefused: (error) => expect.unreachable(error.message),
    after: () => () => {},
  });
  for (let i = 0; i < 8; i++) queue.add({ sequence: i, samples: 1, bytes: new Uint8Array([i]) });
  await expect.poll(() => queue.figures(), { timeout: 60_000 }).toMatchObject({ waiting: 0, acknowledged: 8, refused: 0 });
  expect(states).toEqual(["up", "down", "up", "down", "up"]);
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  await line.close();
  await new Promise<void>((done) => broker.close(() => done()));
  await new Promise<void>((done) => server.close(() => done()));
});

test.each(["http://a", "mqtt://", "mqtt://user:secret@a"])("%s is no broker's address", (broker) => {
  const settings = { broker, caFile: "", device: "d", stream: "s", meta: new Uint8Array() };
  const open = () => openMqttLine({ settings, site: "home", password: "any", onUp: () => {}, onDown: () => {}, onAnswer: () => {} });
  expect(open).toThrow("is no address such as");
});
