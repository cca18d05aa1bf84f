import { expect, test } from "vitest";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { withDayBudget } from "./day-budget.ts";
import type { Journal } from "./journal-port.ts";

const dayUs = 86_400_000_000;
const chunk = (device: string, sizeBytes: number, timeUs = 0) =>
  ({ link: "tcp", device, channel: "", bytes: new Uint8Array(sizeBytes), stamps: { timeUs } }) as unknown as Chunk;

function open(maxDayBytes: number) {
  const kept: string[] = [];
  const pending: (() => void)[] = [];
  const told: string[] = [];
  const answers: string[] = [];
  const offer: Journal["offer"] = (_lane, { device }, done) => {
    kept.push(device);
    const position = kept.length;
    pending.push(() => done(undefined, position));
  };
  const budget = withDayBudget({ offer }, { maxDayBytes, onOver: (device) => told.push(device) });
  const send = (device: string, sizeBytes: number, timeUs?: number, lane = "a") =>
    budget.offer(lane, chunk(device, sizeBytes, timeUs), (error, position) => answers.push(`${device} ${error?.code ?? position}`));
  const commit = () => {
    for (const answer of pending.splice(0)) answer();
  };
  return { budget, kept, told, answers, send, commit };
}

test("a device that floods has its day's share in the journal, and every other device all of its own", () => {
  const { budget, kept, told, answers, send, commit } = open(10_000);
  for (let i = 0; i < 1000; i++) {
    send("flood", 968);
    if (i % 100 === 0) send("strap", 500);
    commit();
  }
  expect([kept.filter((device) => device === "flood").length, kept.filter((device) => device === "strap").length]).toEqual([10, 10]);
  expect([told, [...budget.overBytes]]).toEqual([["flood"], [["flood", 990 * 968]]]);
  expect(answers.filter((answer) => answer === "flood journal.day_full")).toHaveLength(990);
});

test("the next day is a new one", () => {
  const { kept, told, send, commit } = open(1000);
  for (const day of [0, 1, 2]) for (let i = 0; i < 5; i++) send("flood", 468, day * dayUs);
  commit();
  expect([kept.length, told]).toEqual([6, ["flood", "flood", "flood"]]);
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
  send("other", 5000, 0, "b");
  expect(answers).toEqual(["other journal.day_full"]);
  commit();
  expect(answers.slice(1)).toEqual(["strap 1", "flood journal.day_full", "strap 2"]);
});
