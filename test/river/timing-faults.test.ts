import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Fault, play, type Sent } from "./faulty-strap.ts";

const year = 365 * 86_400_000_000;
const hour = 3_600_000_000;
const samplesAnHour = 360 * 3600;

const changed = (sent: Sent, batch: Partial<Sent["batch"]>): Sent[] => [{ ...sent, batch: { ...sent.batch, ...batch } }];
/** From this many seconds on. */
const from = (fromS: number, change: (sent: Sent, sinceK: number) => readonly Sent[]): Fault => {
  let first: number | undefined;
  return (sent, k) => {
    if (sent.atS <= fromS) return [sent];
    first ??= k;
    return change(sent, k - first);
  };
};
const once = (atS: number, change: (sent: Sent) => readonly Sent[]): Fault => from(atS, (sent, k) => (k === 0 ? change(sent) : [sent]));
const clock = (byUs: number) => (sent: Sent) => changed(sent, { deviceTimeUs: sent.batch.deviceTimeUs + byUs });
/** A boot's numbers begin anew: what the device says is counted from the fault on. */
const anew = (more: (sent: Sent, k: number) => Partial<Sent["batch"]>): Fault => {
  let zero: Sent | undefined;
  return from(100, (sent, k) => {
    zero ??= sent;
    return changed(sent, { firstIndex: sent.batch.firstIndex - zero.batch.firstIndex, ...more(sent, k) });
  });
};

interface Line {
  readonly what: string;
  readonly fault: Fault;
  readonly tells?: "device.clock" | "device.index" | undefined;
  readonly clock?: "none";
  /** Nothing comes for so long. */
  readonly outS?: number;
}

const lines: readonly Line[] = [
  { what: "nothing is wrong", fault: (sent) => [sent] },
  { what: "nothing is wrong with a strap without a clock", fault: (sent) => [sent], clock: "none" },
  {
    what: "its clock goes back an hour",
    fault: (sent) => (sent.atS <= 100 ? clock(2 * hour)(sent) : clock(hour)(sent)),
    tells: "device.clock",
  },
  {
    what: "its clock wraps at 2^32 µs",
    fault: (sent) => changed(sent, { deviceTimeUs: (sent.batch.deviceTimeUs + 2 ** 32 - 100_000_000) % 2 ** 32 }),
    tells: "device.clock",
  },
  {
    what: "its clock goes back 11 min",
    fault: (sent) => (sent.atS <= 100 ? clock(hour)(sent) : clock(hour - 660_000_000)(sent)),
    tells: "device.clock",
  },
  { what: "its clock goes on an hour", fault: from(100, clock(hour)), tells: "device.clock" },
  { what: "one batch is dated a year ahead", fault: once(100, clock(year)), tells: "device.clock" },
  {
    what: "one batch has the first index 2^32 − 1",
    fault: once(100, (sent) => changed(sent, { firstIndex: 2 ** 32 - 1 })),
    tells: "device.index",
  },
  {
    what: "one batch has the first index 2^32 − 1 and no clock could tell",
    fault: once(100, (sent) => changed(sent, { firstIndex: 2 ** 32 - 1 })),
    tells: "device.index",
    clock: "none",
  },
  { what: "its index starts again at 0", fault: anew(() => ({})), tells: "device.index" },
  { what: "its index starts again at 0 and no clock could tell", fault: anew(() => ({})), tells: "device.index", clock: "none" },
  {
    what: "its index, clock and batch numbers start again at 0",
    fault: anew(({ batch }, k) => ({ sequence: k, deviceTimeUs: batch.deviceTimeUs - 100_000_000 })),
    tells: "device.index",
  },
  {
    what: "its index jumps an hour and no clock could tell",
    fault: from(100, (sent) => changed(sent, { firstIndex: sent.batch.firstIndex + samplesAnHour })),
    tells: "device.index",
    clock: "none",
  },
  { what: "its clock stands still", fault: from(100, (sent) => changed(sent, { deviceTimeUs: 100_000_000 })), tells: "device.clock" },
  { what: "its clock has always been 0", fault: (sent) => changed(sent, { deviceTimeUs: 0 }), tells: "device.clock" },
  {
    what: "its clock has wrapped at 2^16 ms all the time",
    fault: (sent) => changed(sent, { deviceTimeUs: sent.batch.deviceTimeUs % 65_536_000 }),
    tells: "device.clock",
  },
  {
    what: "its clock has wrapped at 2^24 µs all the time",
    fault: (sent) => changed(sent, { deviceTimeUs: sent.batch.deviceTimeUs % 2 ** 24 }),
    tells: "device.clock",
  },
  {
    what: "its clock has wrapped at 2^31 µs",
    fault: (sent) => changed(sent, { deviceTimeUs: (sent.batch.deviceTimeUs + 2 ** 31 - 100_000_000) % 2 ** 31 }),
    tells: "device.clock",
  },
  {
    what: "its index has wrapped at 2^16",
    fault: (sent) => changed(sent, { firstIndex: sent.batch.firstIndex % 2 ** 16 }),
    tells: "device.index",
  },
  {
    what: "its index has wrapped at 2^16 and no clock could tell",
    fault: (sent) => changed(sent, { firstIndex: sent.batch.firstIndex % 2 ** 16 }),
    tells: "device.index",
    clock: "none",
  },
  { what: "its index stands still", fault: from(100, (sent) => changed(sent, { firstIndex: 36_000 })), tells: "device.index" },
  {
    what: "its index stands still and no clock could tell",
    fault: from(100, (sent) => changed(sent, { firstIndex: 36_000 })),
    tells: "device.index",
    clock: "none",
  },
  { what: "its index counts batches", fault: (sent, k) => changed(sent, { firstIndex: k }), tells: "device.index" },
  {
    what: "its clock counts milliseconds for microseconds",
    fault: (sent) => changed(sent, { deviceTimeUs: Math.round(sent.batch.deviceTimeUs / 1000) }),
    tells: "device.clock",
  },
  {
    what: "its clock counts nanoseconds for microseconds",
    fault: (sent) => changed(sent, { deviceTimeUs: sent.batch.deviceTimeUs * 1000 }),
    tells: "device.clock",
  },
  { what: "every batch comes twice", fault: (sent) => [sent, { ...sent, atS: sent.atS + 0.1 }] },
  {
    what: "batches overtake each other by up to a second",
    fault: (sent, k) => [{ ...sent, atS: sent.atS + ((k * 7919) % 5) * 0.2 }],
  },
  {
    what: "every tenth batch comes 10 s late",
    fault: (sent, k) => [{ ...sent, atS: sent.atS + (k % 40 === 20 && sent.atS < 190 ? 10 : 0) }],
  },
  {
    what: "it starts again every 10 s under new boots",
    fault: (sent, k) => {
      const n = k % 40;
      const bootId = (0xaa0000 + Math.floor(k / 40)).toString(16).padStart(16, "0");
      return changed(sent, { bootId, sequence: n, firstIndex: n * 90, deviceTimeUs: n * 250_000 });
    },
  },
  {
    what: "it starts again every 10 s under one boot",
    fault: (sent, k) => changed(sent, { sequence: k % 40, firstIndex: (k % 40) * 90, deviceTimeUs: (k % 40) * 250_000 }),
    tells: "device.index",
  },
  {
    what: "it starts again under a boot that it had before",
    fault: (sent, k) => {
      const n = k - (k < 200 ? 0 : k < 400 ? 200 : 400);
      const bootId = k >= 200 && k < 400 ? "00000000000000bb" : "00000000000000aa";
      return changed(sent, { bootId, sequence: n, firstIndex: n * 90, deviceTimeUs: n * 250_000 });
    },
    tells: "device.index",
  },
  {
    what: "it was out of reach for 30 s, brought what it had kept, and its clock was wrong in the middle of it",
    fault: (sent, k) => {
      const late = sent.atS > 90 && sent.atS < 120 ? [{ ...sent, atS: 120 + (k - 360) * 0.01 }] : [sent];
      return late.flatMap((each) => (each.batch.deviceTimeUs > 100e6 ? clock(-hour / 60)(each) : [each]));
    },
    tells: "device.clock",
    outS: 32,
  },
];

/** Silence is told 4 s and what the order waits after the last beat. */
const soonestS = 203.5;
const latestS = 212;

describe("a flat line is told to people within its time although, at 100 s,", () => {
  test.each(lines)("$what", async ({ fault, tells, clock, outS = 5 }) => {
    const played = await play({ fault, ...(clock === undefined ? {} : { clock }) });
    const [toldS] = played.toldS("rhythm.asystole");
    expect(toldS).toBeGreaterThan(soonestS);
    expect(toldS).toBeLessThan(latestS);
    expect(played.blindS(10, 239)).toBeLessThanOrEqual(outS);
    const technical = [...new Set(played.changes.map(({ alert }) => alert.rule).filter((rule) => rule.startsWith("device.")))];
    expect(technical).toEqual(tells === undefined ? [] : [tells]);
  });
});

describe("a strap that says 360 Hz and sends", () => {
  test.each([
    [306, "true"],
    [306, "with-samples"],
    [306, "none"],
    [414, "true"],
    [414, "with-samples"],
    [349, "with-samples"],
    [356, "with-samples"],
    [180, "true"],
  ] as const)("%d Hz, its clock %s, is judged live by the rate at which it sends", async (trueHz, clock) => {
    const played = await play({ trueHz, clock });
    const [toldS] = played.toldS("rhythm.asystole");
    expect(toldS).toBeGreaterThan(soonestS);
    expect(toldS).toBeLessThan(latestS);
    expect(played.blindS(10, 239)).toBeLessThanOrEqual(5);
    const [rate] = played.changes.filter(({ alert }) => alert.rule === "device.rate");
    if (Math.abs(trueHz / 360 - 1) < 0.03) expect(rate).toBeUndefined();
    else {
      expect(rate?.alert).toMatchObject({ limit: 360, unit: "Hz" });
      expect(Math.abs((rate?.alert.value ?? 0) - trueHz)).toBeLessThan(2);
    }
    const rr = played.settled.flatMap(({ input }) =>
      input.kind === "qrs" && input.timeUs > played.settled[0]!.input.timeUs + 90e6 ? [input.rrMs ?? 0] : [],
    );
    const healthy = (await play()).settled.flatMap(({ input }) => (input.kind === "qrs" ? [input.rrMs ?? 0] : []));
    const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
    expect(Math.abs(median(rr) / median(healthy) - 1)).toBeLessThan(0.02);
  });
});

describe("the figures of a stream's time", () => {
  test("say nothing but the rate while all is well", async () => {
    const { timing } = await play({ seconds: 80 });
    expect(timing).toEqual({
      ...{ device: "strap", stream: "ecg", nominalHz: 360, usedHz: 360, measuredHz: 360, lagS: 0 },
      ...{ isUncertain: false, clockFaults: 0, indexFaults: 0, dropped: { late: 0, history: 0 } },
    });
  });

  test("give the rate that arrives beside the one that is stated, and how far the newest is behind", async () => {
    const { timing } = await play({ seconds: 80, trueHz: 306, clock: "with-samples" });
    expect(timing).toMatchObject({ nominalHz: 360, isUncertain: true });
    expect(Math.abs((timing?.usedHz ?? 0) - 306)).toBeLessThan(2);
    expect(Math.abs((timing?.measuredHz ?? 0) - 306)).toBeLessThan(2);
    expect(timing?.lagS).toBeLessThan(1);
  });

  test("count what was corrected, what came too late, and what an earlier start still brought", async () => {
    const wrong = await play({ seconds: 60, fault: once(40, (sent) => [...clock(year)(sent)]) });
    expect(wrong.timing).toMatchObject({ isUncertain: true, clockFaults: 1, indexFaults: 0 });
    const late = await play({ seconds: 60, fault: (sent, k) => [{ ...sent, atS: sent.atS + (k === 80 ? 20 : 0) }] });
    expect(late.timing?.dropped).toEqual({ late: 90, history: 0 });
    const old = await play({
      seconds: 60,
      fault: from(30, (sent, k) => {
        const again = { bootId: "00000000000000bb", sequence: k, firstIndex: k * 90, deviceTimeUs: k * 250_000 };
        return [...changed(sent, again), ...(k % 20 === 10 ? [sent] : [])];
      }),
    });
    expect(old.timing?.dropped).toEqual({ late: 0, history: 540 });
  });
});

/** What a device can do to a header and its way, from a random choice; the offsets of a device stay until the next. */
const disorder = fc.record({
  batches: fc.integer({ min: 1, max: 12 }),
  clockUs: fc.oneof(fc.constantFrom(0, hour, -hour, year, -660_000_000, -900_000), fc.integer({ min: -10 * hour, max: 10 * hour })),
  index: fc.oneof(fc.constantFrom(0, 2 ** 32 - 1, samplesAnHour, -samplesAnHour), fc.integer({ min: -1e6, max: 1e9 })),
  sequence: fc.constantFrom(0, 0, 5000, -20, 2 ** 32),
  boot: fc.constantFrom("aa", "aa", "aa", "bb", "cc"),
  way: fc.constantFrom("plain", "plain", "twice", "late", "lost"),
  stays: fc.boolean(),
});

test("any row of clock, index and boot faults: batches that are right again are all judged live within 5 s, none twice", async () => {
  const faultsFromS = 15;
  const seconds = 75;
  let told = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(disorder, { minLength: 1, maxLength: 14 }),
      fc.constantFrom("true" as const, "none" as const),
      async (row, clockKind) => {
        const plan = row.flatMap((each) => Array.from({ length: each.batches }, () => each));
        const last = row.findLast(({ stays }) => stays);
        const endS = faultsFromS + plan.length / 4;
        const fault: Fault = (sent, k) => {
          const at = k - faultsFromS * 4;
          if (at < 0) return [sent];
          const own = plan[at] ?? last;
          if (own === undefined) return [sent];
          const { batch } = sent;
          const [made] = changed(sent, {
            deviceTimeUs: Math.max(0, batch.deviceTimeUs + own.clockUs),
            firstIndex: Math.max(0, batch.firstIndex + own.index),
            sequence: Math.max(0, batch.sequence + own.sequence),
            bootId: own.boot.padStart(16, "0"),
          }) as [Sent];
          if (at >= plan.length || own.way === "plain") return [made];
          if (own.way === "lost") return [];
          return own.way === "twice" ? [made, { ...made, atS: made.atS + 0.05 }] : [{ ...made, atS: made.atS + 4 }];
        };
        const played = await play({ fault, seconds, flatS: [1000, 1001], clock: clockKind });
        const numbers = played.numbers();
        expect(new Set(numbers).size).toBe(numbers.length);
        // A second for the first contact of a boot, two until numbers have begun again for certain, and what a batch that comes late may still cause.
        const rightS = endS + 5;
        const seen = new Set(numbers);
        const missingS = new Set<number>();
        for (let n = Math.ceil(rightS) * 360; n < (seconds - 3) * 360; n++) if (!seen.has(n)) missingS.add(Math.floor(n / 360));
        expect([...missingS]).toEqual([]);
        expect(played.blindS(rightS + 4, seconds - 1)).toBeLessThanOrEqual(5);
        told += played.changes.length > 0 ? 1 : 0;
      },
    ),
    { numRuns: 30, seed: 20_261_127 },
  );
  expect(told).toBeGreaterThan(15);
});
