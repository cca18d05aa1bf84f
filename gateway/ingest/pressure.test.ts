import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createGate, createRate } from "./pressure.ts";

test("a gate is open while the journal has room, and opens for all who wait when it has room again", async () => {
  let room = Promise.resolve();
  const gate = createGate(() => room);
  expect(gate.isOpen()).toBe(true);
  await turn();
  expect(gate.isOpen()).toBe(true);
  await turn();
  const full = Promise.withResolvers<void>();
  room = full.promise;
  gate.isOpen();
  await turn();
  expect(gate.isOpen()).toBe(false);
  const opened: number[] = [];
  gate.whenOpen(() => opened.push(1));
  gate.whenOpen(() => opened.push(2));
  full.resolve();
  await turn();
  expect(opened).toEqual([1, 2]);
});

test("a burst passes, what comes beyond it waits as long as the rate says", () => {
  const clock = virtualClock();
  const rate = createRate(clock, { packetsPerS: 100, bytesPerS: 10_000, burstS: 2 });
  expect(rate.spend(200, 0)).toBe(0);
  expect(rate.spend(50, 0)).toBe(500);
  clock.advance(1000);
  expect(rate.spend(50, 0)).toBe(0);
  expect(rate.spend(0, 30_000)).toBeGreaterThanOrEqual(1000);
});
