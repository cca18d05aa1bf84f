import { describe, expect, test } from "vitest";
import { createStamper, systemClock, type VirtualClock, virtualClock, type WallClockQuality } from "./clock.ts";

const second = 1_000_000;
const day = 86_400 * second;
const firstDayUs = Date.UTC(2026, 0, 1) * 1000;

describe("the virtual clock", () => {
  test("moves only when told, wall and monotonic alike, and its wall may step alone", () => {
    const clock = virtualClock(5000);
    expect([clock.monotonicUs(), clock.wallUs(), clock.wallQuality()]).toEqual([0, 5000, "ntp"]);
    clock.advance(2);
    expect([clock.monotonicUs(), clock.wallUs()]).toEqual([2000, 7000]);
    clock.stepWall(-3);
    expect([clock.monotonicUs(), clock.wallUs()]).toEqual([2000, 4000]);
    expect(virtualClock().wallUs()).toBe(Date.UTC(2000, 0, 1) * 1000);
  });

  test("runs what is due in the order of its time, each at its time, those of one time in the order in which they were asked for", () => {
    const clock = virtualClock();
    const ran: [string, number][] = [];
    const note = (name: string) => () => void ran.push([name, clock.monotonicUs() / 1000]);
    clock.after(30, note("late"));
    clock.after(10, () => clock.after(5, note("within")));
    clock.every(10, note("every"));
    clock.after(20, note("once"));
    clock.advance(9);
    expect(ran).toEqual([]);
    clock.advance(21);
    expect(ran).toEqual([
      ["every", 10],
      ["within", 15],
      ["every", 20],
      ["once", 20],
      ["late", 30],
      ["every", 30],
    ]);
    clock.advance(10);
    expect(ran.slice(6)).toEqual([["every", 40]]);
  });

  test("what was called off does not run, not even where another timer calls it off as both are due", () => {
    const clock = virtualClock();
    let ran = 0;
    const cancel = clock.after(10, () => ran++);
    const stop = clock.every(5, () => ran++);
    clock.after(7, cancel);
    clock.after(10, () => stop());
    clock.advance(4);
    stop();
    clock.advance(100);
    expect(ran).toBe(0);
  });
});

describe("the machine's clock", () => {
  test("counts in microseconds, never back, and claims of its wall time only what it is told", () => {
    const clock = systemClock();
    const [first, second_] = [clock.monotonicUs(), clock.monotonicUs()];
    expect(second_).toBeGreaterThanOrEqual(first);
    expect(Number.isInteger(first)).toBe(true);
    expect(Math.abs(clock.wallUs() / 1000 - Date.now())).toBeLessThan(60_000);
    expect([clock.wallQuality(), systemClock(() => "rtc").wallQuality()]).toEqual(["unsynced", "rtc"]);
  });

  test("runs timers once or again and again until they are called off", async () => {
    const clock = systemClock();
    let once = 0;
    let calledOff = 0;
    clock.after(1, () => once++);
    clock.after(1, () => calledOff++)();
    await new Promise<void>((resolve) => {
      let times = 0;
      const cancel = clock.every(1, () => {
        times++;
        if (times < 3) return;
        cancel();
        resolve();
      });
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([once, calledOff]).toEqual([1, 0]);
  });
});

describe("the axis", () => {
  const clockOf = (wallUs: number, quality: WallClockQuality): VirtualClock => ({ ...virtualClock(wallUs), wallQuality: () => quality });
  const wallUs = firstDayUs + 100 * day;

  test("begins at the wall clock and goes on with the monotonic one, whatever the wall does", () => {
    const clock = clockOf(wallUs, "ntp");
    const stamp = createStamper(clock);
    expect(stamp()).toEqual({ timeUs: wallUs, monotonicUs: 0, wallUs, wallQuality: "ntp" });
    clock.advance(1000);
    clock.stepWall(-5000);
    expect(stamp()).toEqual({ timeUs: wallUs + second, monotonicUs: second, wallUs: wallUs - 4 * second, wallQuality: "ntp" });
  });

  test("does not fold where the clock was set back: it begins at the newest time committed", () => {
    const clock = clockOf(wallUs, "unsynced");
    clock.advance(1000);
    expect(createStamper(clock, wallUs + 10 * second)().timeUs).toBe(wallUs + 10 * second);
    expect(createStamper(clock, wallUs - 10 * second)().timeUs).toBe(wallUs + second);
  });

  test.each([
    ["ntp", 60 * second, false],
    ["ntp", 60 * second + 1, true],
    ["rtc", 30 * day, false],
    ["rtc", 30 * day + 1, true],
    ["unsynced", 30 * day + 1, true],
  ] as const)("a clock of quality %s is believed against a commit %d µs ahead: %s", (quality, aheadUs, isBelieved) => {
    const stamp = createStamper(clockOf(wallUs, quality), wallUs + aheadUs);
    expect(stamp().timeUs).toBe(isBelieved ? wallUs : wallUs + aheadUs);
  });

  test("a clock before this program was made is not believed", () => {
    const early = firstDayUs - 1;
    expect(createStamper(clockOf(early, "ntp"), early + 40 * day)().timeUs).toBe(early + 40 * day);
    expect(createStamper(clockOf(firstDayUs, "ntp"), firstDayUs + 40 * day)().timeUs).toBe(firstDayUs);
  });

  test("begins anew at a clock that was put right, forwards and back, once", () => {
    for (const byMs of [61_000, -61_000]) {
      const clock = clockOf(wallUs, "ntp");
      const stamp = createStamper(clock);
      clock.advance(500);
      clock.stepWall(byMs);
      expect(stamp.putRight()).toBe(true);
      expect(stamp().timeUs).toBe(wallUs + 500_000 + byMs * 1000);
      expect(stamp.putRight()).toBe(false);
      clock.advance(500);
      expect(stamp().timeUs).toBe(wallUs + second + byMs * 1000);
    }
    const clock = clockOf(wallUs, "ntp");
    const stamp = createStamper(clock);
    clock.stepWall(60_000);
    expect([stamp.putRight(), stamp().timeUs]).toEqual([false, wallUs]);
  });
});
