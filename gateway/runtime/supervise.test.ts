import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type Part, type PartState, supervise } from "./supervise.ts";

function start(part: Part) {
  const clock = virtualClock();
  const states: PartState[] = [];
  const supervised = supervise("part", part, { clock, random: () => 0.5, onState: (_name, state) => states.push(state) });
  return { clock, states, supervised, startCount: () => states.filter((state) => state === "running").length };
}

const lost = () => new GatewayError("part.lost", "world", "lost");

test("a fault of the world is tried again after a pause that grows", async () => {
  const { clock, states, supervised, startCount } = start(async () => Promise.reject(lost()));
  const startsAfter: number[] = [];
  for (const pauseMs of [500, 1000, 2000, 4000]) {
    await turn();
    clock.advance(pauseMs - 1);
    await turn();
    startsAfter.push(startCount());
    clock.advance(1);
    await turn();
  }
  expect(startsAfter).toEqual([1, 2, 3, 4]);
  expect(states.filter((state) => state === "waiting")).toHaveLength(5);
  await supervised.stop();
  expect(states.at(-1)).toBe("stopped");
});

test("what listens for the end of one attempt is not held through the next ones, and the last one hears of it", async () => {
  const signals: AbortSignal[] = [];
  const { clock, supervised } = start((signal) => {
    signals.push(signal);
    if (signals.length < 3) return Promise.reject(lost());
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
  });
  for (let i = 0; i < 2; i++) {
    await turn();
    clock.advance(10_000);
    await turn();
  }
  expect(new Set(signals).size).toBe(3);
  await supervised.stop();
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, true]);
});

test("a fault of the operator or a bug ends the part", async () => {
  const { states } = start(() => Promise.reject(new TypeError("undefined is not a function")));
  await turn();
  expect(states).toEqual(["running", "failed"]);
});

test("a steady minute makes the next pause short again", async () => {
  let fail: (error: Error) => void = () => undefined;
  const { clock, startCount } = start(() => new Promise((_resolve, reject) => (fail = reject)));
  for (let i = 0; i < 6; i++) {
    fail(lost());
    await turn();
    clock.advance(300_000);
    await turn();
  }
  expect(startCount()).toBe(7);
  clock.advance(60_000);
  fail(lost());
  await turn();
  clock.advance(500);
  await turn();
  expect(startCount()).toBe(8);
});

test("a part that throws at once, and one that comes to its end, are told apart and never reject", async () => {
  const thrown = start(() => {
    throw lost();
  });
  const ended = start(async () => undefined);
  await turn();
  expect([thrown.states.at(-1), ended.states.at(-1)]).toEqual(["waiting", "ended"]);
  await thrown.supervised.stop();
});

test("stop aborts the part and waits for its cleaning up", async () => {
  const order: string[] = [];
  const { supervised } = start(async (signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    await turn();
    order.push("cleaned");
  });
  await supervised.stop();
  order.push("stopped");
  expect(order).toEqual(["cleaned", "stopped"]);
});
