/** Time as a port: every part gets a Clock; nothing else reads the time or owns a timer (law 3: timers are monotonic). */

/** What the gateway knows about its own wall clock. */
export type WallClockQuality = "ntp" | "rtc" | "fake" | "unsynced";

export interface Clock {
  /** Microseconds since an arbitrary origin of this boot; never steps back. */
  monotonicUs(): number;
  /** Microseconds since 1970-01-01T00:00:00Z; may step. */
  wallUs(): number;
  wallQuality(): WallClockQuality;
  /** Runs `fn` once after `delayMs` of monotonic time; returns its cancel. */
  after(delayMs: number, fn: () => void): () => void;
  /** Runs `fn` every `periodMs`, first after one period; returns its cancel. */
  every(periodMs: number, fn: () => void): () => void;
}

/** The machine's clock. Timers do not keep the process alive by themselves. What is known of its wall time comes from outside; else nothing is claimed. */
export function systemClock(wallQuality: () => WallClockQuality = () => "unsynced"): Clock {
  return {
    monotonicUs: () => Math.round(performance.now() * 1000),
    wallUs: () => Date.now() * 1000,
    wallQuality,
    after(delayMs, fn) {
      const timer = setTimeout(fn, delayMs);
      timer.unref();
      return () => clearTimeout(timer);
    },
    every(periodMs, fn) {
      const timer = setInterval(fn, periodMs);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}

export interface VirtualClock extends Clock {
  /** Moves monotonic and wall time on, running due timers in order of their time. */
  advance(byMs: number): void;
  /** Steps the wall clock alone, as a wrong RTC or an NTP correction does. */
  stepWall(byMs: number): void;
}

/** A clock that moves only when told; the shipped fake for tests and the clock of replay. */
export function virtualClock(startWallUs = 946_684_800_000_000): VirtualClock {
  let nowUs = 0;
  let wallOffsetUs = startWallUs;
  let order = 0;
  const timers = new Map<number, { dueUs: number; periodUs: number; fn: () => void }>();
  const add = (delayMs: number, periodMs: number, fn: () => void) => {
    const id = ++order;
    timers.set(id, { dueUs: nowUs + delayMs * 1000, periodUs: periodMs * 1000, fn });
    return () => void timers.delete(id);
  };
  const nextDue = (untilUs: number) => {
    let found: number | undefined;
    for (const [id, timer] of timers) {
      if (timer.dueUs > untilUs) continue;
      const best = found === undefined ? undefined : timers.get(found);
      if (best === undefined || timer.dueUs < best.dueUs) found = id;
    }
    return found;
  };
  return {
    monotonicUs: () => nowUs,
    wallUs: () => nowUs + wallOffsetUs,
    wallQuality: () => "ntp",
    after: (delayMs, fn) => add(delayMs, 0, fn),
    every: (periodMs, fn) => add(periodMs, periodMs, fn),
    advance(byMs) {
      const untilUs = nowUs + byMs * 1000;
      for (let id = nextDue(untilUs); id !== undefined; id = nextDue(untilUs)) {
        const timer = timers.get(id);
        if (timer === undefined) break;
        nowUs = Math.max(nowUs, timer.dueUs);
        if (timer.periodUs > 0) timer.dueUs += timer.periodUs;
        else timers.delete(id);
        timer.fn();
      }
      nowUs = untilUs;
    },
    stepWall(byMs) {
      wallOffsetUs += byMs * 1000;
    },
  };
}

interface Stamper {
  (): { timeUs: number; monotonicUs: number; wallUs: number; wallQuality: WallClockQuality };
  /** Lets the axis begin anew at the wall clock where that contradicts it and is to be believed; true when it did. */
  putRight(): boolean;
}

/** This program is younger than that: an earlier date is a clock without a battery. */
const firstDayUs = Date.UTC(2026, 0, 1) * 1000;
/** A clock that follows a time server is right; any other only against an axis that no power cut and no slow battery explains. */
const believedUs = { ntp: 60_000_000, other: 30 * 86_400_000_000 };

/**
 * Stamps for arriving bytes. `notBeforeUs` is the newest signal time already committed, so that a clock set back never folds the axis. One that lies so far
 * ahead that the clock must have been wrong then is ignored.
 */
export function createStamper(clock: Clock, notBeforeUs = 0): Stamper {
  const isBelieved = (axisUs: number) =>
    clock.wallUs() >= firstDayUs && Math.abs(clock.wallUs() - axisUs) > (clock.wallQuality() === "ntp" ? believedUs.ntp : believedUs.other);
  const fromUs = notBeforeUs > clock.wallUs() && isBelieved(notBeforeUs) ? 0 : notBeforeUs;
  let anchorUs = Math.max(clock.wallUs(), fromUs) - clock.monotonicUs();
  const stamp = () => {
    const monotonicUs = clock.monotonicUs();
    return { timeUs: anchorUs + monotonicUs, monotonicUs, wallUs: clock.wallUs(), wallQuality: clock.wallQuality() };
  };
  return Object.assign(stamp, {
    putRight() {
      if (!isBelieved(anchorUs + clock.monotonicUs())) return false;
      anchorUs = clock.wallUs() - clock.monotonicUs();
      return true;
    },
  });
}
