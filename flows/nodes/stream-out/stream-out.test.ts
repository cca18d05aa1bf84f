import { expect, test } from "vitest";
import { decodeBatch } from "../../../device-drivers/hearth-stream/frame.ts";
import { HearthProblem } from "../../client/problem.ts";
import { createFakeGateway, openFakeHost } from "../../node-red/fake-host.ts";
import type { Message } from "../../node-red/host.ts";
import { samplesOf } from "./mapping.ts";
import { streamOut } from "./node.ts";
import { createNumbering } from "./numbering.ts";
import { createQueue, maxBatches, maxBytes } from "./queue.ts";
import { noValue, outSettings } from "./settings.ts";

const hr = { id: "hr", kind: "hr", unit: "/min", from: "payload.hr" };
const dialog = { device: "my-phone", stream: "pulse", channels: JSON.stringify([hr]), rateHz: "1", low: "" };
const read = (over: object = {}) => outSettings({ ...dialog, ...over });
const nowMs = Date.UTC(2026, 0, 1);
const channels = (...rows: object[]) => ({ channels: JSON.stringify(rows) });

test("the dialog becomes a descriptor that the gateway's own check takes", () => {
  const settings = read({
    placement: "wrist",
    warnS: "3600",
    urgentS: 7200,
    batchS: "2",
    ...channels({ ...hr, low: "20", high: 300, words: "none=0" }),
  });
  expect(JSON.parse(new TextDecoder().decode(settings.meta))).toEqual({
    ...{ v: 1, rateHz: 1, placement: "wrist", contact: "none", missedData: { warnS: 3600, urgentS: 7200 } },
    channels: [{ id: "hr", kind: "hr", unit: "/min", scale: 1, range: [20, 300] }],
    sentinels: [{ channel: "hr", value: noValue, meaning: "invalid" }],
  });
  expect(settings).toMatchObject({ batchS: 2, isRegular: true, channels: [{ words: { none: 0 } }] });
  expect(Math.fround(noValue)).toBe(noValue);
});

test.each([
  [{ device: "My Phone" }, "account"],
  [{ device: "status" }, "account"],
  [{ stream: "cmd" }, "stream's name"],
  [{ site: "a b" }, "gateway.id"],
  [{ rateHz: "0" }, "rateHz is out of range"],
  [{ rateHz: "fast" }, "rateHz has the wrong type"],
  [channels(), "channels is out of range"],
  [channels({ ...hr, unit: "" }), "channels[0].unit is missing"],
  [channels(hr, hr), "channels[1].id stands twice"],
  [channels({ ...hr, scale: 0 }), "channels[0].scale is out of range"],
  [channels({ ...hr, low: 9, high: 3 }), "channels[0].range is out of range"],
  [channels({ ...hr, from: " " }), "where in a message"],
  [channels({ ...hr, words: "single" }), "single=1"],
  [{ channels: "[1" }, "damaged"],
  [channels(...new Array(65).fill(hr)), "at most 64"],
  [{ batchS: 60 }, "0.1 to 5"],
  [{ warnS: 60 }, "urgentS is missing"],
])("settings with %j are refused with the reason", (over, why) => {
  expect(() => read(over)).toThrow(why);
});

test("a number, a text, a word, a line of text and a list become samples", () => {
  const rows = (over: object, message: Message) => samplesOf(message, read(over), nowMs).rows;
  expect(rows({}, { payload: { hr: 72 } })).toEqual([[72]]);
  expect(rows({}, { payload: { hr: " 72.5 " } })).toEqual([[72.5]]);
  expect(rows(channels({ ...hr, from: "payload", words: "single=1 double=2" }), { payload: "double" })).toEqual([[2]]);
  expect(rows(channels({ ...hr, from: "msg.payload" }), { payload: true })).toEqual([[1]]);
  const line = channels({ ...hr, from: "line[0]" }, { ...hr, id: "spo2", unit: "%", from: "line[1]" });
  expect(rows(line, { payload: "72, 98\r\n" })).toEqual([[72], [98]]);
  expect(rows(line, { payload: Buffer.from("72;98") })).toEqual([[72], [98]]);
  expect(rows(line, { payload: "72" })).toEqual([[72], [null]]);
  const list = channels({ ...hr, from: "payload.values" });
  expect(rows(list, { payload: { values: [1, null, Number.NaN, 4], unit: "bpm" } })).toEqual([[1, null, null, 4]]);
  expect(rows(list, { payload: { values: Float32Array.of(1, 2) } })).toEqual([[1, 2]]);
  const timed = (t: unknown) => samplesOf({ payload: { hr: 1, t } }, read({ timeFrom: "payload.t" }), nowMs).timeMs;
  expect([timed(nowMs), timed("2026-01-01T01:00:00+01:00"), timed(new Date(nowMs))]).toEqual([nowMs, nowMs, nowMs]);
});

test.each([
  [{}, { payload: { pulse: 72 } }, "flows.no_match"],
  [{}, { payload: undefined }, "flows.no_match"],
  [channels({ ...hr, from: "payload.constructor.name" }), { payload: {} }, "flows.no_match"],
  [channels({ ...hr, from: "__proto__" }), { payload: {} }, "flows.no_match"],
  [{}, { payload: { hr: [] } }, "flows.no_match"],
  [{}, { payload: { hr: "fast" } }, "flows.no_number"],
  [{}, { payload: { hr: { a: 1 } } }, "flows.no_number"],
  [{}, { payload: { hr: Number.POSITIVE_INFINITY } }, "flows.no_number"],
  [{}, { payload: { hr: 1e39 } }, "flows.no_number"],
  [{}, { payload: { hr: 72, unit: "Hz" } }, "flows.wrong_unit"],
  [{}, { payload: { hr: 72 }, unit: "degF" }, "flows.wrong_unit"],
  [{}, { payload: { hr: 72, unit: { hr: "mV" } } }, "flows.wrong_unit"],
  [{}, { payload: { hr: [1, 2], rateHz: 4 } }, "flows.wrong_rate"],
  [channels(hr, { ...hr, id: "b", from: "payload.b" }), { payload: { hr: [1, 2], b: [1] } }, "flows.unequal_lengths"],
  [{ timeFrom: "payload.t" }, { payload: { hr: 1 } }, "flows.no_time"],
  [{ timeFrom: "payload.t" }, { payload: { hr: 1, t: 12 } }, "flows.no_time"],
  [{ timeFrom: "payload.t" }, { payload: { hr: 1, t: "2026-01-03" } }, "flows.no_time"],
  [{}, { payload: { hr: new Array(2e6).fill(1) } }, "flows.too_large"],
])("with %j a message such as %o is refused", (over, message, code) => {
  expect(() => samplesOf(message, read(over), nowMs)).toThrow(expect.objectContaining({ code }));
});

test("a unit in another spelling is the same unit", () => {
  const taken = (unit: string, said: string) => samplesOf({ payload: { hr: 1, unit: said } }, read(channels({ ...hr, unit })), nowMs).rows;
  for (const [unit, said] of [
    ["/min", "bpm"],
    ["Cel", "°C"],
    ["uV", "µV"],
    ["m/s2", "m/s²"],
  ] as const)
    expect(taken(unit, said)).toEqual([[1]]);
});

/** What the batches say, decoded by the driver's own reader. */
const decoded = (batches: readonly { bytes: Uint8Array }[]) =>
  batches.map(({ bytes }) => {
    const read = decodeBatch(bytes);
    if (read.kind !== "batch") throw new Error(read.reason);
    const { sequence, firstIndex, deviceTimeUs, clockQuality, channels: rows } = read.batch;
    return { q: sequence, n0: firstIndex, t: deviceTimeUs / 1000, k: clockQuality, x: rows.map(({ samples }) => [...samples]) };
  });
const numbering = (over: object = {}) => createNumbering({ settings: read(over), bootId: "0011223344556677" });
const one = (value: number | null, timeMs?: number) => ({ rows: [[value]], timeMs });

test("samples are numbered on and packed; a value that is missing beside others is the descriptor's sentinel", () => {
  const { take, flush } = numbering({ rateHz: 4, batchS: 1, ...channels(hr, { ...hr, id: "b" }) });
  const list = {
    rows: [
      [1, 2, 3, 4, 5, 6],
      [1, null, 3, 4, 5, 6],
    ],
    timeMs: undefined,
  };
  expect(decoded(take(list, 10_000))).toEqual([
    {
      q: 0,
      n0: 0,
      t: 8750,
      k: 1,
      x: [
        [1, 2, 3, 4],
        [1, noValue, 3, 4],
      ],
    },
  ]);
  expect(flush(10_500)).toEqual([]);
  expect(decoded(flush(11_000))).toEqual([
    {
      q: 1,
      n0: 4,
      t: 9750,
      k: 1,
      x: [
        [5, 6],
        [5, 6],
      ],
    },
  ]);
  expect(flush(99_000, true)).toEqual([]);
});

test("where more than two seconds are missing the numbers leave a gap; a little late is late", () => {
  const { take, flush } = numbering({ batchS: 5 });
  for (const atMs of [0, 1000, 2900, 3000]) expect(take(one(atMs), atMs)).toEqual([]);
  const before = decoded(take(one(9), 60_000));
  expect(before).toMatchObject([{ n0: 0, x: [[0, 1000, 2900, 3000]] }]);
  expect(decoded(flush(66_000))).toMatchObject([{ q: 1, n0: 60, t: 60_000, x: [[9]] }]);
});

test("messages that come faster than the rate are told, and their numbers never go back", () => {
  const numbers = numbering();
  const sent = Array.from({ length: 100 }, (_, i) => numbers.take(one(i), i * 100)).flat();
  expect(decoded(sent).flatMap(({ n0 }) => n0)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(numbers.tooFast).toBeGreaterThan(0);
});

test("what comes when something happens takes the place of its time; a second one there is left out and counted", () => {
  const numbers = numbering({ isRegular: false, timeFrom: "payload.t" });
  const at = Date.UTC(2026, 0, 1);
  const sent = [one(1, at), one(2, at + 300), one(3, at + 5000), one(4, at + 3000)].flatMap((taken) => numbers.take(taken, 0));
  expect(decoded(sent)).toEqual([
    { q: 0, n0: 0, t: at, k: 3, x: [[1]] },
    { q: 1, n0: 5, t: at + 5000, k: 3, x: [[3]] },
  ]);
  expect(numbers.tooFast).toBe(2);
});

test("no batch is larger than the profile allows, with however many channels", () => {
  const rows = Array.from({ length: 64 }, (_, i) => ({
    ...hr,
    id: `channel-${"x".repeat(50)}-${i}`.slice(0, 60) + String(i).padStart(2, "0"),
  }));
  const { take } = numbering({ rateHz: 1000, batchS: 5, ...channels(...rows) });
  const sent = take({ rows: rows.map(() => new Array(5000).fill(1.5)), timeMs: undefined }, 5000);
  expect(sent.length).toBeGreaterThan(50);
  for (const { bytes } of sent) expect(bytes.length).toBeLessThanOrEqual(16 * 1024);
  expect(Math.max(...sent.map(({ bytes }) => bytes.length))).toBeGreaterThan(12 * 1024);
});

/** A gateway that answers when the test says so. */
function line() {
  const asked: { bytes: Uint8Array; answer: (error?: HearthProblem) => void }[] = [];
  const timers: (() => void)[] = [];
  const refusals: string[] = [];
  const queue = createQueue({
    send: (bytes) =>
      new Promise((resolve, reject) => asked.push({ bytes, answer: (error) => (error === undefined ? resolve() : reject(error)) })),
    onChange: () => {},
    onRefused: ({ message }) => void refusals.push(message),
    after(_ms, act) {
      timers.push(act);
      return () => {};
    },
  });
  const add = (from: number, count: number, sizeBytes = 10) => {
    for (let i = from; i < from + count; i++) queue.add({ sequence: i, samples: 1, bytes: new Uint8Array(sizeBytes).fill(i) });
  };
  return { queue, asked, timers, refusals, add, numbers: () => asked.map(({ bytes }) => bytes[0]) };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("batches wait for the line, go in their order, eight at a time, and stay until they are acknowledged", async () => {
  const { queue, asked, add, numbers } = line();
  add(0, 12);
  expect(asked).toEqual([]);
  queue.resume();
  expect(numbers()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  asked[1]?.answer();
  await settle();
  expect(numbers().slice(8)).toEqual([8]);
  expect(queue.figures()).toMatchObject({ waiting: 11, acknowledged: 1 });
  queue.suspend();
  queue.resume();
  expect(numbers().slice(9)).toEqual([0, 2, 3, 4, 5, 6, 7, 8]);
});

test("what fails is sent again after a pause; what the gateway will never take is given up and told", async () => {
  const { queue, asked, timers, refusals, add, numbers } = line();
  queue.resume();
  add(0, 2);
  asked[0]?.answer(new HearthProblem("flows.unreachable", "away"));
  asked[1]?.answer(new HearthProblem("driver.bad_field", "ecg: a batch breaks the format", 400));
  await settle();
  expect([queue.figures(), refusals]).toEqual([
    { waiting: 1, acknowledged: 0, dropped: 0, refused: 1 },
    ["ecg: a batch breaks the format"],
  ]);
  expect(numbers()).toEqual([0, 1]);
  timers[0]?.();
  expect(numbers()).toEqual([0, 1, 0]);
  asked[2]?.answer(new HearthProblem("http.unauthorized", "no", 401));
  await settle();
  expect(queue.figures().waiting).toBe(1);
});

test("beyond its bounds the oldest give way and are counted", () => {
  const { queue, add } = line();
  add(0, maxBatches + 200);
  expect(queue.figures()).toMatchObject({ waiting: maxBatches, dropped: 200 });
  const large = line();
  large.add(0, 500, 16_384);
  expect(large.queue.figures().waiting).toBe(maxBytes / 16_384);
  expect(large.queue.figures().dropped).toBe(500 - maxBytes / 16_384);
});

test("wrong settings are said at the node, and each message is an error; a message that fits nothing is refused and counted", async () => {
  const wrong = openFakeHost(streamOut, { ...dialog, ...channels({ ...hr, unit: "" }) }, undefined);
  expect(wrong.line()).toMatchObject({
    look: "failed",
    key: "stream-out.status.settings",
    values: { why: expect.stringContaining("channels[0].unit is missing") },
  });
  await expect(wrong.input({ payload: { hr: 1 } })).rejects.toThrow("unit is missing");
  expect(openFakeHost(streamOut, { ...dialog, broker: "mqtt://127.0.0.1:1" }, undefined).line()?.values?.why).toContain("password");
  const { gateway } = createFakeGateway();
  const node = openFakeHost(streamOut, dialog, gateway);
  await expect(node.input({ payload: { pulse: 72 } })).rejects.toThrow("Nothing stands at payload.hr");
  await expect(node.input({ payload: { hr: 72, unit: "mV" } })).rejects.toThrow("takes /min");
  expect(node.line()).toMatchObject({ look: "attention", key: "stream-out.status.refused", values: { refused: 2 } });
  await node.close();
});
