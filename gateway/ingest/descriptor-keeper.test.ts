import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { readDescriptors } from "../strips/kept-descriptors.ts";
import { createDescriptorKeeper } from "./descriptor-keeper.ts";

function open() {
  const clock = virtualClock();
  const values = new Map<string, Uint8Array>();
  const writes: number[] = [];
  const disk = { isBroken: false };
  const store = {
    getValue: async (key: string) => values.get(key),
    async putValue(key: string, value: Uint8Array) {
      writes.push(value.length);
      await turn();
      if (disk.isBroken) throw new Error("ENOSPC");
      values.set(key, value);
    },
  };
  const keeper = createDescriptorKeeper(store, clock);
  const note = (channel: string, text: string, device = "strap") => keeper.note(device, channel, new TextEncoder().encode(text));
  const settle = async () => {
    for (let i = 0; i < 50; i++) await turn();
  };
  return { clock, writes, disk, note, settle, kept: (device = "strap") => readDescriptors(store, device) };
}

test("20,000 descriptors in ten minutes cost a few writes, and the newest of each stream is kept", async () => {
  const { clock, writes, note, settle, kept } = open();
  for (let minute = 0; minute < 10; minute++) {
    for (let i = 0; i < 2000; i++) {
      note(`s${i % 4}/meta`, `{"n":${minute * 2000 + i}}`);
      if (i % 100 === 0) await turn();
    }
    await settle();
    clock.advance(60_000);
    await settle();
  }
  expect(writes.length).toBeLessThanOrEqual(8 + 10);
  expect(await kept()).toEqual(Object.fromEntries([0, 1, 2, 3].map((i) => [`s${i}/meta`, `{"n":${19_996 + i}}`])));
});

test("descriptors that say nothing new cost no write", async () => {
  const { writes, note, settle, kept } = open();
  for (let i = 0; i < 1000; i++) {
    note("ecg/meta", "{}");
    await turn();
  }
  await settle();
  expect([writes.length, await kept()]).toEqual([1, { "ecg/meta": "{}" }]);
});

test("one device's changes use up no writes of another", async () => {
  const { note, settle, kept } = open();
  for (let i = 0; i < 100; i++) {
    note("ecg/meta", `{"n":${i}}`);
    await settle();
  }
  note("ecg/meta", "{}", "clip");
  await settle();
  expect(await kept("clip")).toEqual({ "ecg/meta": "{}" });
});

test("what a driver would refuse for its size is not kept, nor more than a device may have in all", async () => {
  const { writes, note, settle, kept } = open();
  note("ecg/meta", "x".repeat(16 * 1024 + 1));
  await settle();
  expect(writes).toEqual([]);
  for (let i = 0; i < 64; i++) {
    note(`s${i}/meta`, "x".repeat(16 * 1024));
    await settle();
  }
  expect(Object.keys(await kept()).length).toBeLessThanOrEqual(16);
});

test("a write that fails is made again when the device declares itself again", async () => {
  const { disk, note, settle, kept } = open();
  disk.isBroken = true;
  note("ecg/meta", "{}");
  await settle();
  expect(await kept()).toEqual({});
  disk.isBroken = false;
  note("ecg/meta", "{}");
  await settle();
  expect(await kept()).toEqual({ "ecg/meta": "{}" });
});
