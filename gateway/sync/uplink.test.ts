import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { type Bench, bench, epoch, epochBytes, gateway, ownKey, rows, signAs, twinKey } from "../../test/fakes/uplink-bench.ts";
import { encodeAck } from "../semantic/acknowledgement.ts";
import { encodeCbor } from "../semantic/cbor.ts";
import { shippedPayloads } from "../semantic/payload-codec.ts";
import { createMemoryOutbox } from "./memory-outbox.ts";

const stranger = generateKeyPairSync("ed25519");
const waiting = ({ outbox }: Bench) => outbox.rows().map(({ n }) => n);

test("nothing goes out before the line is up; then the window goes, and each acknowledged row makes place for one", async () => {
  const line = bench(rows(20));
  await line.pass(1);
  expect(line.frames()).toEqual([]);
  await line.up();
  expect(line.frames().map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  await line.ack([1, 2, 3]);
  expect(line.frames().map(({ n }) => n)).toEqual([9, 10, 11]);
  expect(waiting(line)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
});

test("an acknowledgement removes only rows that are on their way on this connection, whatever it names", async () => {
  const line = bench(rows(200));
  await line.up();
  await line.ack(Array.from({ length: 200 }, (_, n) => n));
  expect(waiting(line)).toEqual(Array.from({ length: 192 }, (_, i) => i + 9));
  expect(line.uplink.figures().rowsAcknowledgedTotal).toBe(8);
});

test("what another connection carried is not acknowledged on this one before it has gone again", async () => {
  const line = bench(rows(3));
  await line.up();
  await line.down();
  await line.ack([1, 2, 3]);
  expect(waiting(line)).toEqual([1, 2, 3]);
  expect(line.uplink.figures().acksRefused).toEqual({ "ack.not_in_flight": 1 });
  line.frames();
  await line.up();
  expect(line.frames().map(({ n }) => n)).toEqual([1, 2, 3]);
  await line.ack([1, 2, 3]);
  expect(waiting(line)).toEqual([]);
});

const ack = { epoch: epochBytes, numbers: [1, 2] };
test.each([
  ["without a signature", encodeCbor({ e: epochBytes, n: [1, 2] }), "ack.malformed"],
  ["signed by somebody else", encodeAck(gateway, ack, signAs(stranger)), "ack.forged"],
  ["signed by the gateway itself", encodeAck(gateway, ack, signAs(ownKey)), "ack.forged"],
  ["meant for another home", encodeAck("home-b", ack, signAs(twinKey)), "ack.forged"],
  ["of another epoch", encodeAck(gateway, { ...ack, epoch: new Uint8Array(8) }, signAs(twinKey)), "ack.other_epoch"],
  ["of rows that nobody sent", encodeAck(gateway, { ...ack, numbers: [7, 8] }, signAs(twinKey)), "ack.not_in_flight"],
  ["of nothing", encodeAck(gateway, { ...ack, numbers: [] }, signAs(twinKey)), "ack.not_in_flight"],
  ["that is no CBOR", Uint8Array.of(0xff), "semantic.bad_cbor"],
  ["that is no map", encodeCbor([1, 2]), "ack.malformed"],
  ["of more rows than any line carries", encodeAck(gateway, { ...ack, numbers: Array(300).fill(1) }, signAs(twinKey)), "semantic.bad_cbor"],
])("an acknowledgement %s removes nothing, is counted and is no sign of life", async (_what, payload, reason) => {
  const line = bench(rows(2));
  await line.up();
  await line.pass(3);
  await line.hear(payload);
  expect(waiting(line)).toEqual([1, 2]);
  expect(line.uplink.figures()).toMatchObject({ rowsAcknowledgedTotal: 0, inFlight: 2, acksRefused: { [reason]: 1 } });
  expect(line.uplink.state().silentS).toBe(3);
  await line.ack([1, 2]);
  expect(waiting(line)).toEqual([]);
  expect(line.uplink.state().silentS).toBe(0);
});

test("a row whose removal the store refuses is sent again", async () => {
  let refusals = 1;
  const memory = createMemoryOutbox(epoch, rows(1));
  const line = bench([], {
    outbox: { ...memory, outboxEnd: (numbers) => (refusals-- > 0 ? Promise.reject(new Error("disk")) : memory.outboxEnd(numbers)) },
  });
  await line.up();
  await line.ack([1]);
  expect([memory.rows().length, line.uplink.figures().rowsAcknowledgedTotal]).toEqual([1, 0]);
  line.frames();
  await line.pass(40);
  expect(line.frames().map(({ n }) => n)).toContain(1);
  await line.ack([1]);
  expect([memory.rows().length, line.uplink.figures().rowsAcknowledgedTotal]).toEqual([0, 1]);
});

test("a line on which nothing is acknowledged for 15 s is given up once; one that answers is not", async () => {
  const line = bench(rows(20));
  await line.up();
  await line.pass(15);
  expect(line.restarts).toEqual([]);
  await line.pass(0.5);
  expect(line.restarts).toEqual(["no acknowledgement"]);
  expect(line.uplink.figures().deadLinesTotal).toBe(1);
  const answering = bench(rows(20));
  await answering.up();
  await answering.pass(10);
  await answering.ack([2]);
  await answering.pass(10);
  expect(answering.uplink.state().silentS).toBe(10);
  await answering.ack([9]);
  expect(answering.uplink.state().silentS).toBe(0);
  expect(answering.restarts).toEqual([]);
});

test("an acknowledgement that comes after its row was held back still counts", async () => {
  const line = bench(rows(20));
  await line.up();
  await line.pass(10);
  await line.ack([2]);
  await line.pass(10);
  await line.ack([1]);
  expect(waiting(line)).not.toContain(1);
});

test("a backlog goes at its rate, new rows and alerts beside it as they come", async () => {
  const line = bench(rows(500, 3600), { backlogRowsPerS: 10, window: 100 });
  let backlog = 0;
  const acknowledgeAll = async () => {
    const frames = line.frames();
    backlog += frames.filter(({ h }) => h === true).length;
    if (frames.length > 0) await line.ack(frames.map(({ n }) => n));
    return frames;
  };
  await line.up();
  for (let second = 0; second < 10; second++) {
    await acknowledgeAll();
    await line.pass(1);
  }
  await acknowledgeAll();
  // Half a second's worth at once, then ten a second.
  expect(backlog).toBe(5 + 100);
  const [fresh = 0, alert = 0] = line.outbox.add(
    { class: "semantic", timeUs: line.clock.wallUs(), payload: Uint8Array.of(2) },
    { class: "alert", timeUs: line.clock.wallUs(), payload: Uint8Array.of(3) },
  );
  line.uplink.wake();
  await line.pass(0.25);
  const next = await acknowledgeAll();
  expect(next[0]?.n).toBe(alert);
  expect(next.map(({ n }) => n)).toContain(fresh);
});

test("rows older than a minute are marked historical when they go, others not", async () => {
  const line = bench([...rows(1, 61), ...rows(1, 59)]);
  await line.up();
  expect(line.frames().map(({ n, h }) => [n, h ?? false])).toEqual(
    expect.arrayContaining([
      [1, true],
      [2, false],
    ]),
  );
});

test("a row that the twin must understand says so in its frame, and no other does", async () => {
  const { payload } = shippedPayloads.toOutbox({ kind: "leave", person: "person-a", timeUs: 1 });
  const line = bench([
    ...rows(1),
    ...rows(2)
      .slice(1)
      .map((row) => ({ ...row, payload })),
  ]);
  await line.up();
  expect(line.frames().map(({ mustBeUnderstood = false }) => mustBeUnderstood)).toEqual([false, true]);
});
