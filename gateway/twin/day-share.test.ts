import { expect, test } from "vitest";
import { createDayShare } from "./day-share.ts";

const dayUs = 86_400_000_000;
const frame = (g: string, c: "semantic" | "alert") => ({ g, c, p: new Uint8Array(1 << 20) });

test("a gateway that floods has its gigabyte a day of each class; its alerts and all other gateways have their own, and the next day is a new one", () => {
  const share = createDayShare();
  const flood = frame("home-a", "semantic");
  let stored = 0;
  for (let i = 0; i < 5000; i++) {
    if (share.isFull(flood, i)) continue;
    share.stored(flood, i);
    stored += 1;
  }
  expect(stored).toBe(1024);
  expect([frame("home-a", "alert"), frame("home-b", "semantic")].map((other) => share.isFull(other, 0))).toEqual([false, false]);
  expect([share.isFull(flood, dayUs - 1), share.isFull(flood, dayUs)]).toEqual([true, false]);
});
