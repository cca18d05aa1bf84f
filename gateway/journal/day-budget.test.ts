import { expect, test } from "vitest";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { withDayBudget } from "./day-budget.ts";
import type { Journal } from "./journal-port.ts";

const dayUs = 86_400_000_000;
const chunk = (device: string, sizeBytes: number, timeUs = 0, channel = "") =>
  ({ link: "tcp", device, channel, bytes: new Uint8Array(sizeBytes), stamps: { timeUs } }) as unknown as Chunk;

/** `sampleBytes`: a device's day without the part of it that is for descriptors. */
function open(sampleBytes: number) {
  const kept: string[] = [];
  const pending: (() => void)[] = [];
  const answers: string[] = [];
  const offer: Journal["offer"] = (_lane, { device }, done) => {
    kept.push(device);
    const position = kept.length;
    pending.push(() => done(undefined, position));
  };
  const budget = withDayBudget({ offer }, (sampleBytes * 16) / 15);
  const send = (device: string, sizeBytes: number, timeUs?: number, { lane = "a", channel = "" } = {}) =>
    budget.offer(lane, chunk(device, sizeBytes, timeUs, channel), (error, position) =>
      answers.push(`${device} ${error?.code ?? position}`),
    );
  const commit = () => {
    for (const answer of pending.splice(0)) answer();
  };
  return { budget, kept, answers, send, commit };
}

test("a device that floods has its day's share in the journal, and every other device all of its own", () => {
  const { budget, kept, answers, send, commit } = open(10_000);
  for (let i = 0; i < 1000; i++) {
    send("flood", 968);
    if (i % 100 === 0) send("strap", 500);
    commit();
  }
  expect([kept.filter((device) => device === "flood").length, kept.filter((device) => device === "strap").length]).toEqual([10, 10]);
  expect([budget.over(0), [...budget.overBytes]]).toEqual([["flood"], [["flood", 990 * 968]]]);
  expect(answers.filter((answer) => answer === "flood journal.day_full")).toHaveLength(990);
});

test("the next day is a new one", () => {
  const { budget, kept, send, commit } = open(1000);
  for (const day of [0, 1, 2]) for (let i = 0; i < 5; i++) send("flood", 468, day * dayUs);
  commit();
  expect([kept.length, budget.over(2 * dayUs), budget.over(3 * dayUs)]).toEqual([6, ["flood"], []]);
});

test("empty bytes count as well", () => {
  const { kept, send } = open(320);
  for (let i = 0; i < 1000; i++) send("flood", 0);
  expect(kept).toHaveLength(10);
});

test("answers come in the order of a lane's offers, the refused ones among them", () => {
  const { answers, send, commit } = open(1000);
  send("strap", 100);
  send("flood", 5000);
  send("strap", 100);
  send("other", 5000, 0, { lane: "b" });
  expect(answers).toEqual(["other journal.day_full"]);
  commit();
  expect(answers.slice(1)).toEqual(["strap 1", "flood journal.day_full", "strap 2"]);
});

test("what is not kept of a day is its rest: a small batch that would fit comes too late", () => {
  const { answers, send, commit } = open(1000);
  for (const bytes of [400, 900, 10]) send("flood", bytes);
  commit();
  expect(answers).toEqual(["flood 1", "flood journal.day_full", "flood journal.day_full"]);
});

test("descriptors sent again and again take none of the room for samples, nor samples theirs", () => {
  const { kept, answers, send, commit } = open(15_000);
  for (let i = 0; i < 1000; i++) send("strap", 468, 0, { channel: "ecg/meta" });
  for (let i = 0; i < 1000; i++) send("clip", 468, 0, { channel: "ecg/raw" });
  send("strap", 468, 0, { channel: "ecg/raw" });
  send("clip", 468, 0, { channel: "ecg/meta" });
  expect([kept.filter((device) => device === "strap").length, kept.filter((device) => device === "clip").length]).toEqual([2 + 1, 30 + 1]);
  commit();
  expect(answers.slice(-2)).toEqual(["strap 33", "clip 34"]);
});

test("what is offered while an answer is given has its turn behind all that waits", () => {
  const { budget, answers, send, commit } = open(10_000);
  send("strap", 1);
  budget.offer("a", chunk("clip", 1), () => {
    answers.push("clip");
    send("strap", 20_000);
  });
  send("strap", 2);
  commit();
  expect(answers).toEqual(["strap 1", "clip", "strap 3", "strap journal.day_full"]);
});
