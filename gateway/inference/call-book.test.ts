import { expect, test } from "vitest";
import { type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import { type CallBook, createCallBook } from "./call-book.ts";
import type { InferenceOutcome } from "./inference-port.ts";

let clock: VirtualClock;
let hangs: number;
let told: string[];

const outputs: InferenceOutcome = { kind: "outputs", outputs: {} };
const unknown = (reason: "timeout" | "killed" | "refused" | "down"): InferenceOutcome => ({ kind: "unknown", reason });
const turn = () => new Promise((resolve) => setImmediate(resolve));

function open(timeouts = true): CallBook {
  clock = virtualClock();
  hangs = 0;
  told = [];
  return createCallBook({ clock, timeouts, hangTimeouts: 2, onHang: () => hangs++ });
}

function add(book: CallBook, name: string, { lane = "", model = "m", timeoutMs = 100, waits = true } = {}) {
  const settled = (outcome: InferenceOutcome) => void told.push(`${name} ${outcome.kind === "unknown" ? outcome.reason : "outputs"}`);
  return book.add({ lane, model, tensors: {}, settled, timeoutMs }, waits);
}
const sent = (book: CallBook, limit: number) => book.takeForSending(limit).map(({ serial }) => serial);

/** Time passes, and what waited in the pipe for it to be read would have been read. */
async function pass(ms: number) {
  clock.advance(ms);
  await turn();
}

test("lanes take turns, each in its order, and no more are out than may be", () => {
  const book = open();
  for (const name of ["a1", "a2", "a3"]) add(book, name, { lane: "a" });
  add(book, "b1", { lane: "b" });
  add(book, "c1", { lane: "c" });
  expect(sent(book, 4)).toEqual([1, 4, 5, 2]);
  expect(sent(book, 4)).toEqual([]);
  book.settleSent(1, outputs);
  expect(sent(book, 4)).toEqual([3]);
  expect(told).toEqual(["a1 outputs"]);
});

test("a call that was settled while it waited is not sent, and what answers twice or unasked settles nothing", () => {
  const book = open();
  const call = add(book, "first");
  add(book, "second");
  book.settle(call, unknown("refused"));
  book.settle(call, unknown("down"));
  expect(sent(book, 9)).toEqual([2]);
  book.settleSent(2, outputs);
  book.settleSent(2, outputs);
  book.settleSent(77, outputs);
  expect(told).toEqual(["first refused", "second outputs"]);
  expect(book.figures()).toEqual({ submitted: 2, unknown: { refused: 1 }, late: 0 });
});

test("a call that its caller settles is not sent", () => {
  const book = open();
  const call = add(book, "now", { waits: false });
  expect(sent(book, 9)).toEqual([]);
  clock.advance(10_000);
  book.settle(call, unknown("down"));
  expect(told).toEqual(["now down"]);
});

test("each answer to another call gives a waiting one its time-out anew, but four time-outs are the end of it", async () => {
  const book = open();
  for (let i = 0; i < 9; i++) add(book, `${i}`);
  expect(sent(book, 6)).toHaveLength(6);
  for (let serial = 1; serial <= 5; serial++) {
    await pass(79);
    book.settleSent(serial, outputs);
  }
  expect(told).toEqual(["0 outputs", "1 outputs", "2 outputs", "3 outputs", "4 outputs"]);
  await pass(4);
  expect(told).toHaveLength(5);
  await pass(1);
  expect(told.slice(5)).toEqual(["5 timeout", "6 timeout", "7 timeout", "8 timeout"]);
  book.settleSent(6, outputs);
  expect(book.figures()).toEqual({ submitted: 9, unknown: { timeout: 4 }, late: 1 });
});

test("a late refusal is not a late answer", async () => {
  const book = open();
  add(book, "a");
  sent(book, 1);
  await pass(100);
  book.settleSent(1, unknown("refused"));
  expect(book.figures()).toMatchObject({ unknown: { timeout: 1 }, late: 0 });
});

test("a call that is still out after two time-outs hangs; one that was answered, or that waits behind another, does not", async () => {
  const book = open();
  add(book, "first");
  add(book, "second");
  sent(book, 2);
  await pass(100);
  await pass(99);
  expect(hangs).toBe(0);
  await pass(1);
  expect(hangs).toBe(1);
  const quiet = open();
  add(quiet, "first");
  sent(quiet, 1);
  await pass(100);
  quiet.settleSent(1, outputs);
  await pass(1000);
  expect(hangs).toBe(0);
  const waiting = open();
  add(waiting, "never sent");
  await pass(1000);
  expect([hangs, told]).toEqual([0, ["never sent timeout"]]);
});

test("without time-outs, or for a model without one, no clock settles a call", async () => {
  const replay = open(false);
  add(replay, "a");
  await pass(1e6);
  expect(told).toEqual([]);
  const book = open();
  add(book, "a", { timeoutMs: 0 });
  await pass(1e6);
  expect(told).toEqual([]);
});

test("after a death the call that was being computed is given back, and the others wait again in their order before what is new", () => {
  const book = open();
  for (const name of ["a1", "a2", "a3"]) add(book, name, { lane: "a" });
  add(book, "b1", { lane: "b" });
  sent(book, 3);
  const closed = add(book, "a4", { lane: "a" });
  expect(book.takeBack()?.serial).toBe(1);
  expect(book.takeBack()).toBeUndefined();
  book.settle(closed, unknown("down"));
  const again = sent(book, 9);
  expect(again.filter((serial) => serial !== 4)).toEqual([2, 3]);
  expect(again).toContain(4);
  book.settleSent(1, outputs);
  expect(told).toEqual(["a4 down"]);
});

test("a call that was settled while it was out is not run again after a death", async () => {
  const book = open();
  add(book, "a");
  add(book, "b");
  sent(book, 2);
  await pass(100);
  book.takeBack();
  expect(sent(book, 9)).toEqual([]);
});

test("a model's calls, or all, are settled wherever they are, once", () => {
  const book = open();
  for (const name of ["a", "b", "c"]) add(book, name, { model: name === "b" ? "other" : "m" });
  sent(book, 1);
  book.settleModel("m", unknown("refused"));
  expect(told).toEqual(["a refused", "c refused"]);
  book.settleAll(unknown("down"));
  book.settleAll(unknown("down"));
  expect(told).toEqual(["a refused", "c refused", "b down"]);
  expect(sent(book, 9)).toEqual([]);
});

test("there is room below the limit, and it is idle when nothing is open, what an answer submits in turn included", async () => {
  const book = open();
  await book.idle();
  const log: string[] = [];
  book.add({ lane: "", model: "m", tensors: {}, timeoutMs: 0, settled: () => void add(book, "in turn") }, true);
  add(book, "b");
  void book.idle().then(() => log.push("idle"));
  void book.room(2).then(() => log.push("room"));
  await book.room(3);
  sent(book, 9);
  book.settleSent(1, outputs);
  await turn();
  expect(log).toEqual([]);
  book.settleSent(2, outputs);
  await turn();
  expect(log).toEqual(["room"]);
  sent(book, 9);
  book.settleSent(3, outputs);
  await turn();
  expect(log).toEqual(["room", "idle"]);
});
