import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createGate, createRate, defaultRates } from "./pressure.ts";

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

test("a journal that fails opens the gate: each packet then gets its own error", async () => {
  const gate = createGate(() => Promise.reject(new Error("disk")));
  expect([gate.isOpen(), gate.isOpen()]).toEqual([true, false]);
  let opened = 0;
  gate.whenOpen(() => opened++);
  await turn();
  expect([opened, gate.isOpen()]).toEqual([1, true]);
  await turn();
  expect(opened).toBe(1);
});

test("of packets and bytes the one that is further ahead is waited for, to the millisecond", () => {
  const rate = () => createRate(virtualClock(), { packetsPerS: 100, bytesPerS: 10_000, burstS: 2 });
  expect(rate().spend(201, 20_000)).toBe(10);
  expect(rate().spend(200, 20_100)).toBe(10);
  expect(rate().spend(203, 20_100)).toBe(30);
  expect(rate().spend(200, 20_001)).toBe(1);
});

test("what is saved up is one burst at most, and the clock fills it evenly", () => {
  const clock = virtualClock();
  const rate = createRate(clock, { packetsPerS: 100, bytesPerS: 10_000, burstS: 2 });
  clock.advance(3_600_000);
  expect(rate.spend(200, 20_000)).toBe(0);
  clock.advance(250);
  expect([rate.spend(25, 2500), rate.spend(1, 0), rate.spend(0, 200)]).toEqual([0, 10, 20]);
});

test("by default a wearable may send 2000 packets and 2 MiB a second, and five seconds of that at once", () => {
  const spend = (packets: number, bytes: number) => createRate(virtualClock(), defaultRates).spend(packets, bytes);
  expect([spend(10_000, 10_485_760), spend(10_002, 0), spend(0, 10_485_760 + 2098)]).toEqual([0, 1, 2]);
});
