import { expect, test } from "vitest";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type Bench, bench, epoch, epochBytes, gateway, ownKey, rows, startUs, topics, turn } from "../../test/fakes/uplink-bench.ts";
import { parseFrame, verifyFrame } from "../semantic/frame.ts";
import { createMemoryOutbox } from "./memory-outbox.ts";
import { type UplinkState, uplinkTopics, uplinkWill } from "./uplink.ts";

const numbers = (line: Bench) => line.frames().map(({ n }) => n);
const noFigures = {
  framesSentTotal: 0,
  bytesSentTotal: 0,
  rowsAcknowledgedTotal: 0,
  connectionsTotal: 0,
  deadLinesTotal: 0,
  inFlight: 0,
  withheld: {},
  acksRefused: {},
};

test("topics and will are those that the twin's broker allows and watches", () => {
  expect(uplinkTopics("home-b")).toMatchObject({
    ack: "hearth/v1/home-b/ack",
    desired: "hearth/v1/home-b/desired",
    reported: "hearth/v1/home-b/reported",
    status: "hearth/v1/home-b/status",
    subscribe: ["hearth/v1/home-b/ack", "hearth/v1/home-b/desired"],
  });
  expect(uplinkTopics("home-b").up("semantic")).toBe("hearth/v1/home-b/up/semantic");
  expect(uplinkWill("home-b")).toEqual({ topic: "hearth/v1/home-b/status", payload: '{"state":"offline"}', retain: true });
});

test("a frame carries its row's number, class, time and payload, the outbox's epoch and the gateway's signature, on its class's topic", async () => {
  const line = bench([
    { class: "raw", timeUs: startUs - 61_000_000.4, payload: Uint8Array.of(7, 8) },
    { class: "status", timeUs: startUs + 0.6, payload: Uint8Array.of(9) },
    { class: "alert", timeUs: -5, payload: Uint8Array.of(1) },
  ]);
  await line.up();
  const sent = line.line.published.flatMap(({ topic, payload, retain }) =>
    typeof payload === "string" ? [] : [{ topic, retain, frame: parseFrame(payload), size: payload.length }],
  );
  const base = { g: gateway, e: epochBytes };
  expect(sent.map(({ topic, retain, frame: { s, ...fields } }) => ({ topic, retain, fields }))).toEqual([
    { topic: topics.up("alert"), retain: false, fields: { ...base, n: 3, c: "alert", t: 0, p: Uint8Array.of(1), h: true } },
    { topic: topics.up("status"), retain: false, fields: { ...base, n: 2, c: "status", t: startUs + 1, p: Uint8Array.of(9) } },
    {
      topic: topics.up("raw"),
      retain: false,
      fields: { ...base, n: 1, c: "raw", t: startUs - 61_000_000, p: Uint8Array.of(7, 8), h: true },
    },
  ]);
  for (const { frame } of sent) expect(verifyFrame(frame, ownKey.publicKey)).toBe(true);
  const bytesSentTotal = sent.reduce((sum, { size }) => sum + size, 0);
  expect(line.uplink.figures()).toEqual({ ...noFigures, framesSentTotal: 3, bytesSentTotal, connectionsTotal: 1, inFlight: 3 });
});

test("what is sent again is counted again as frames and bytes, and each row once as acknowledged, however often it is named", async () => {
  const line = bench(rows(2));
  expect(line.uplink.figures()).toEqual(noFigures);
  await line.up();
  const { bytesSentTotal } = line.uplink.figures();
  expect(bytesSentTotal).toBeGreaterThan(200);
  await line.down();
  expect(line.uplink.figures().inFlight).toBe(0);
  await line.up();
  await line.ack([1, 1, 2, 1]);
  expect(line.uplink.figures()).toEqual({
    ...noFigures,
    framesSentTotal: 4,
    bytesSentTotal: 2 * bytesSentTotal,
    rowsAcknowledgedTotal: 2,
    connectionsTotal: 2,
  });
});

test("its state is told when the line goes up or down and every 10 s", async () => {
  const told: [atS: number, state: UplinkState][] = [];
  const line = bench(rows(1), { onState: (state) => told.push([(line.clock.wallUs() - startUs) / 1e6, state]) });
  await line.pass(4);
  await line.up();
  await line.pass(2);
  await line.ack([1]);
  await line.pass(14);
  await line.down();
  const ackUs = startUs + 6e6;
  expect(told).toEqual([
    [4, { connected: true, silentS: 4 }],
    [10, { connected: true, silentS: 4, lastAckUs: ackUs }],
    [20, { connected: true, silentS: 14, lastAckUs: ackUs }],
    [20, { connected: false, silentS: 14, lastAckUs: ackUs }],
  ]);
  expect(line.uplink.state()).toEqual({ connected: false, silentS: 14, lastAckUs: ackUs });
});

test("a row that nobody announced goes within a quarter of a second, an announced one at once", async () => {
  const line = bench([]);
  await line.up();
  const [row] = rows(1);
  if (row === undefined) throw new Error("no row");
  line.outbox.add(row);
  line.clock.advance(249);
  await turn();
  expect(numbers(line)).toEqual([]);
  line.clock.advance(1);
  await turn();
  expect(numbers(line)).toEqual([1]);
  line.outbox.add(row);
  line.uplink.wake();
  await turn();
  expect(numbers(line)).toEqual([2]);
});

/** An outbox that counts its reads and answers them when told. */
function slowOutbox(count: number) {
  const memory = createMemoryOutbox(epoch, rows(count));
  const waiting: (() => void)[] = [];
  const reads = { figures: 0, begun: 0, atOnce: 0, most: 0 };
  return {
    ...memory,
    reads,
    /** While false, reads are answered at once. */
    isSlow: false,
    answer: () => waiting.shift()?.(),
    outboxFigures() {
      reads.figures++;
      return memory.outboxFigures();
    },
    async outboxBegin(limit: number, skip: ReadonlySet<number>) {
      reads.begun++;
      reads.most = Math.max(reads.most, ++reads.atOnce);
      if (this.isSlow) await new Promise<void>((resolve) => waiting.push(resolve));
      reads.atOnce--;
      return memory.outboxBegin(limit, skip);
    },
  };
}

test("the outbox is read once at a time, once more for all who woke it meanwhile, and not while no row could go", async () => {
  const outbox = slowOutbox(40);
  const line = bench([], { outbox });
  line.uplink.wake();
  await line.pass(1);
  expect(outbox.reads.begun).toBe(0);
  outbox.isSlow = true;
  await line.up();
  for (let i = 0; i < 5; i++) line.uplink.wake();
  await turn();
  expect(outbox.reads).toMatchObject({ begun: 1, most: 1 });
  outbox.answer();
  await turn();
  expect(numbers(line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(outbox.reads).toMatchObject({ begun: 2, most: 1, figures: 1 });
  outbox.answer();
  await turn();
  expect(outbox.reads.begun).toBe(2);
  // Only alerts still have places, and all of those are taken: nothing to ask for.
  outbox.isSlow = false;
  outbox.add(...rows(4, 0, "alert"));
  line.uplink.wake();
  await turn();
  expect(numbers(line)).toEqual([41, 42, 43, 44]);
  const { begun } = outbox.reads;
  await line.pass(1);
  expect(outbox.reads.begun).toBe(begun);
});

test.each(["the line goes down", "the uplink is closed"])("rows that were still being read when %s are not sent", async (what) => {
  const outbox = slowOutbox(3);
  outbox.isSlow = true;
  const line = bench([], { outbox });
  await line.up();
  const closed = what === "the line goes down" ? line.down() : line.uplink.close();
  await turn();
  outbox.answer();
  await closed;
  await turn();
  expect([line.frames(), line.uplink.figures().inFlight, outbox.rows().length]).toEqual([[], 0, 3]);
});

test("a row is on its way until the disk has taken its removal: it is neither sent again nor counted as done before", async () => {
  const memory = createMemoryOutbox(epoch, rows(1));
  let finish = () => {};
  const outboxEnd = (taken: readonly number[]) =>
    new Promise<void>((resolve) => {
      finish = () => resolve(memory.outboxEnd(taken));
    });
  const line = bench([], { outbox: { ...memory, outboxEnd } });
  await line.up();
  expect(numbers(line)).toEqual([1]);
  await line.ack([1]);
  await line.pass(1);
  expect([numbers(line), line.uplink.figures().rowsAcknowledgedTotal]).toEqual([[], 0]);
  finish();
  await line.pass(1);
  expect([numbers(line), memory.rows(), line.uplink.figures().rowsAcknowledgedTotal]).toEqual([[], [], 1]);
});

test("an outbox that can't be read is logged by its code and asked again", async () => {
  const memory = createMemoryOutbox(epoch, rows(1));
  let isBroken = true;
  const outboxBegin: typeof memory.outboxBegin = (limit, skip) =>
    isBroken ? Promise.reject(new GatewayError("store.disk", "world", "The disk is gone.")) : memory.outboxBegin(limit, skip);
  const line = bench([], { outbox: { ...memory, outboxBegin } });
  await line.up();
  expect([line.frames(), line.logged]).toEqual([[], [["warn", { code: "store.disk" }, "the outbox could not be read"]]]);
  isBroken = false;
  await line.pass(0.25);
  expect(numbers(line)).toEqual([1]);
});

test("a frame that the broker did not take is logged, and goes again when nothing answers", async () => {
  const line = bench(rows(1));
  line.line.isTaking = false;
  await line.up();
  expect(line.logged).toEqual([
    ["warn", { code: "sync.offline" }, "the status was not told"],
    ["warn", { code: "sync.offline" }, "a frame did not reach the broker"],
  ]);
  line.line.isTaking = true;
  await line.pass(15.5);
  expect([numbers(line), line.restarts]).toEqual([[1], ["no acknowledgement"]]);
});

test("rows that alone stay unanswered are told as late, and the line is kept", async () => {
  const line = bench(rows(8));
  await line.up();
  await line.pass(1);
  await line.ack([8]);
  await line.pass(15);
  expect([line.restarts, line.uplink.figures().deadLinesTotal]).toEqual([[], 0]);
  expect(line.logged).toEqual([["info", {}, "rows stayed unacknowledged and are sent again later"]]);
});

test("the whole backlog goes at a thousand rows a second at most, half a second's worth at once", async () => {
  const line = bench(rows(2500, 3600), { window: 5000 });
  await line.up();
  expect(line.frames()).toHaveLength(500);
  line.clock.advance(250);
  await turn();
  expect(line.frames()).toHaveLength(250);
  await line.pass(1);
  expect(line.frames()).toHaveLength(1000);
});

test("it says online on every connection, offline at a clean end, all retained, and each time what is in force", async () => {
  const desired = { receive: () => Promise.resolve(true), reported: () => '{"version":4}', refused: {} };
  const line = bench([], { desired });
  await line.up();
  await line.down();
  await line.up();
  await line.uplink.close();
  expect(line.line.isClosed).toBe(true);
  const online = { topic: topics.status, payload: '{"state":"online"}', retain: true };
  const reported = { topic: topics.reported, payload: '{"version":4}', retain: true };
  expect(line.said()).toEqual([online, reported, online, reported, { ...online, payload: '{"state":"offline"}' }]);
});

test("what is in force is told again after a wish that was taken, and not after one that was refused", async () => {
  let isTaken = true;
  const heard: Uint8Array[] = [];
  const receive = async (bytes: Uint8Array) => {
    heard.push(bytes);
    return isTaken;
  };
  const line = bench([], { desired: { receive, reported: () => `{"version":${heard.length}}`, refused: {} } });
  await line.up();
  await line.hear(Uint8Array.of(1), topics.desired);
  isTaken = false;
  await line.hear(Uint8Array.of(2), topics.desired);
  await line.hear(Uint8Array.of(3), `${topics.desired}/else`);
  expect(heard).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
  const told = line.said().flatMap(({ topic, payload }) => (topic === topics.reported ? [payload] : []));
  expect(told).toEqual(['{"version":0}', '{"version":1}']);
  expect(line.uplink.figures().acksRefused).toEqual({});
});

test("settings that could not be told are logged; a home that takes no wishes hears none and reports none", async () => {
  const desired = { receive: () => Promise.resolve(true), reported: () => "{}", refused: {} };
  const line = bench([], { desired });
  line.line.isTaking = false;
  await line.up();
  await line.hear(Uint8Array.of(1), topics.desired);
  const failure = ["warn", { code: "sync.offline" }, "the reported settings were not told"];
  expect(line.logged.filter(([, , sentence]) => sentence !== "the status was not told")).toEqual([failure, failure]);
  const deaf = bench([]);
  await deaf.up();
  await deaf.hear(Uint8Array.of(1), topics.desired);
  expect([deaf.said().map(({ topic }) => topic), deaf.logged]).toEqual([[topics.status], []]);
});

test("after the end nothing is read, told, sent or taken any more", async () => {
  const outbox = slowOutbox(1);
  let told = 0;
  const line = bench([], { outbox, onState: () => void told++ });
  await line.up();
  await line.uplink.close();
  const before = { ...outbox.reads, told, published: line.line.published.length };
  line.uplink.wake();
  await line.ack([1]);
  await line.pass(20);
  expect({ ...outbox.reads, told, published: line.line.published.length }).toEqual(before);
  expect([outbox.rows().length, line.uplink.figures()]).toMatchObject([1, { rowsAcknowledgedTotal: 0, acksRefused: {} }]);
});

test("a line that is down is ended without a word, and one that fails at the end is ended all the same", async () => {
  const down = bench([]);
  await down.uplink.close();
  expect([down.line.isClosed, down.logged]).toEqual([true, []]);
  const failing = bench([]);
  await failing.up();
  failing.line.isTaking = false;
  await failing.uplink.close();
  expect(failing.line.isClosed).toBe(true);
  await turn();
  expect(failing.logged).toEqual([["warn", { code: "sync.offline" }, "the status was not told"]]);
});
