import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createLog } from "../runtime/log.ts";
import { watchStream } from "./stream-figures.ts";

const log = createLog({ level: "silent" });
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("throughput is of the last minute; a stream that was made anew begins again, and one that does not answer leaves the last word", async () => {
  const clock = virtualClock();
  let settledTotal = 1000;
  let isDown = false;
  const ingest = {
    async figures() {
      if (isDown) throw new Error("no server answers");
      return { classes: [{ class: "alert" as const, waiting: 2, unsettled: 1 }], settledTotal };
    },
  };
  const watch = watchStream(ingest, clock, log);
  await settle();
  expect(watch.read()?.settledPerS).toBeUndefined();
  const pass = async (perS: number, seconds: number) => {
    for (let s = 0; s < seconds; s += 10) {
      settledTotal += perS * 10;
      clock.advance(10_000);
      await settle();
    }
  };
  await pass(5, 20);
  expect(watch.read()?.settledPerS).toBe(5);
  await pass(50, 60);
  expect(watch.read()?.settledPerS).toBe(50);
  expect(watch.waiting()).toEqual([{ class: "alert", count: 3 }]);
  isDown = true;
  await pass(0, 10);
  expect(watch.read()?.settledPerS).toBe(50);
  isDown = false;
  settledTotal = 0;
  await pass(1, 20);
  expect(watch.read()?.settledPerS).toBe(1);
  watch.close();
});

test("a way in that keeps nothing has no such figures", () => {
  const watch = watchStream({}, virtualClock(), log);
  expect([watch.read(), watch.waiting()]).toEqual([undefined, []]);
});
