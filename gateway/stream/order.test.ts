import { describe, expect, it } from "vitest";
import { createOrder, type Ordered } from "./order.ts";

const show = (out: readonly Ordered<string>[]) => out.map((each) => (each.kind === "tick" ? `t${each.timeUs / 1000}` : each.item));
const key = (completeUs: number, { rank = 1, device = "a" }: { rank?: 0 | 1; device?: string } = {}) =>
  ({ completeUs, rank, device, stream: "s" }) as const;

describe("order", () => {
  it("waits for the slower of two live streams, so that rules see one order", () => {
    const order = createOrder<string>({ limitUs: 2_000_000, liveUs: 10_000_000 });
    order.pass("fast", 1_000_000, 1_000_000);
    order.pass("slow", 100_000, 1_000_000);
    show(order.release(1_000_000));
    order.offer(key(900_000), "fast-900");
    expect(show(order.release(1_000_000))).not.toContain("fast-900");
    order.offer(key(500_000, { device: "b" }), "slow-500");
    order.pass("slow", 1_000_000, 1_100_000);
    const out = show(order.release(1_100_000));
    expect(out.indexOf("slow-500")).toBeGreaterThanOrEqual(0);
    expect(out.indexOf("slow-500")).toBeLessThan(out.indexOf("fast-900"));
  });

  it("does not wait longer than the limit", () => {
    const order = createOrder<string>({ limitUs: 2_000_000, liveUs: 10_000_000 });
    order.pass("slow", 0, 0);
    order.pass("fast", 0, 0);
    order.release(0);
    order.offer(key(500_000), "x");
    order.pass("fast", 2_400_000, 2_400_000);
    expect(show(order.release(2_400_000))).not.toContain("x");
    expect(show(order.release(2_500_000))).toContain("x");
  });

  it("puts a gap before a window and both before the tick of the same time", () => {
    const order = createOrder<string>({ limitUs: 0, liveUs: 10_000_000 });
    order.pass("s", 0, 0);
    order.release(0);
    order.offer(key(250_000), "window");
    order.offer(key(250_000, { rank: 0 }), "gap");
    order.pass("s", 250_000, 250_000);
    expect(show(order.release(250_000)).slice(-3)).toEqual(["gap", "window", "t250"]);
  });

  it("lets what comes late in behind the tick", () => {
    const order = createOrder<string>({ limitUs: 0, liveUs: 10_000_000 });
    order.pass("s", 1_000_000, 1_000_000);
    order.release(1_000_000);
    order.offer(key(500_000), "late");
    expect(show(order.release(1_000_000))).toEqual(["late"]);
  });

  it("goes on exactly from its state", () => {
    const order = createOrder<string>({ limitUs: 0, liveUs: 10_000_000 });
    order.pass("s", 0, 0);
    order.release(0);
    order.offer(key(300_000), "held");
    const again = createOrder<string>({ limitUs: 0, liveUs: 10_000_000 }, structuredClone(order.state()));
    for (const each of [order, again]) each.pass("s", 500_000, 500_000);
    expect(again.release(500_000)).toEqual(order.release(500_000));
  });
});
