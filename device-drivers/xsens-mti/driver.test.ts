import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testDriver } from "../../test/conformance/driver-suite.ts";
import { xsensMti } from "./driver.ts";
import { decodeMtData2, encodeMtData2, encodeXbus, type MtData2, type NumberFormat } from "./frame.ts";

const read = (name: string) => new Uint8Array(readFileSync(new URL(`./testdata/${name}`, import.meta.url)));
const files = ["1", "2", "3", "4"];
const stamps = { timeUs: 5e6, monotonicUs: 1e6, wallUs: 5e6, wallQuality: "fake" } as const;
const push = (driver: ReturnType<typeof xsensMti.create>, bytes: Uint8Array) =>
  driver.push({ link: "tty", device: "imu", channel: "", bytes, stamps });

/** Items of one message by name, numbers in order, from the independent decoder's text. */
function goldenFrames(name: string): Map<string, number[]>[] {
  return new TextDecoder()
    .decode(read(`${name}-output.golden`))
    .trim()
    .split("\n\n")
    .map((frame) => {
      const items = new Map<string, number[]>();
      let values: number[] = [];
      for (const line of frame.split("\n")) {
        if (line.startsWith(" ")) values.push(Number(line.trim().replace(/^[XYZ]:/, "")));
        else {
          values = [];
          items.set(line.replace(/[(:].*/, ""), values);
        }
      }
      return items;
    });
}

testDriver("xsens-mti", xsensMti, {
  options: {},
  bytes: read("3-output.bin"),
  sampleCount: 96,
  sync: Uint8Array.of(0xfa, 0xff),
  isChecked: true,
});

describe("real recordings of an MTi", () => {
  test.each(files)("file %s decodes to what an independent decoder found", (name) => {
    const driver = xsensMti.create({}, "imu");
    const blocks = push(driver, read(`${name}-output.bin`));
    const all = goldenFrames(name);
    expect(all.length).toBe(100);
    // Satellite messages take a number of the packet counter and carry no measurement.
    const golden = all.filter((frame) => frame.has("Acceleration") || frame.has("RateOfTurn"));
    expect(golden.length).toBeGreaterThanOrEqual(95);
    expect(blocks.length).toBe(golden.length);
    blocks.forEach((block, i) => {
      const frame = golden[i];
      const none = [Number.NaN, Number.NaN, Number.NaN];
      const expected = [...(frame?.get("Acceleration") ?? none), ...(frame?.get("RateOfTurn") ?? none)].map(Math.fround);
      expect(block.channels.map((channel) => channel[0])).toEqual(expected);
      expect(block.deviceTimeUs).toBe((frame?.get("SampleTimeFine")?.[0] ?? 0) * 100);
      expect(block.firstIndex).toBe(i);
    });
    expect(driver.counters).toMatchObject({ frames: 100, bytesSkipped: 0, checksumFails: 0, sequenceGaps: 0, discarded: {} });
  });

  test("all four formats follow each other in one stream", () => {
    const driver = xsensMti.create({}, "imu");
    const blocks = files.flatMap((name) => push(driver, read(`${name}-output.bin`)));
    expect(driver.counters).toMatchObject({ frames: 400, bytesSkipped: 0, discarded: {} });
    expect(blocks.length).toBeGreaterThan(380);
  });
});

const base: MtData2 = { acceleration: [0.5, -9.75, 1], rateOfTurn: [0.125, 0, -0.25] };
const message = (counter: number, more: MtData2 = {}, fine = counter * 100) =>
  encodeMtData2({ packetCounter: counter & 0xffff, sampleTimeFine: fine >>> 0, ...base, ...more });

describe("messages that are missing or incomplete", () => {
  test("behind a lost message the index goes on one further", () => {
    const driver = xsensMti.create({}, "imu");
    const blocks = [1, 2, 4].flatMap((counter) => push(driver, message(counter)));
    expect(blocks.map(({ kind, firstIndex, count }) => [kind, firstIndex, count])).toEqual([
      ["samples", 0, 1],
      ["samples", 1, 1],
      ["samples", 3, 1],
    ]);
    expect(driver.counters.sequenceGaps).toBe(1);
  });

  test("the packet counter and the time may wrap", () => {
    const driver = xsensMti.create({}, "imu");
    const blocks = [65_534, 65_535, 65_536, 65_537].flatMap((counter, i) => push(driver, message(counter, {}, 2 ** 32 - 200 + 100 * i)));
    expect(blocks.map(({ kind, firstIndex }) => [kind, firstIndex])).toEqual([0, 1, 2, 3].map((index) => ["samples", index]));
    const times = blocks.map(({ deviceTimeUs }) => deviceTimeUs);
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 10_000, 20_000, 30_000]);
  });

  test("a loss longer than the counter's range is measured by the time", () => {
    const driver = xsensMti.create({}, "imu");
    const lost = 3 * 65_536 + 17;
    const blocks = [0, lost].flatMap((counter) => push(driver, message(counter)));
    expect(blocks.map(({ firstIndex }) => firstIndex)).toEqual([0, lost]);
  });

  test("counter and time that begin again are a restart with a new boot id", () => {
    const driver = xsensMti.create({}, "imu");
    const blocks = [...push(driver, message(5000)), ...push(driver, message(3))];
    expect(blocks.map(({ kind, firstIndex }) => [kind, firstIndex])).toEqual([
      ["samples", 0],
      ["samples", 0],
    ]);
    expect(blocks[0]?.bootId).not.toBe(blocks[1]?.bootId);
  });

  test("an item that is missing is absent in its channels only, and all of them missing is an absent sample", () => {
    const driver = xsensMti.create({}, "imu");
    push(driver, message(0));
    const [withoutGyro] = push(driver, encodeMtData2({ packetCounter: 1, sampleTimeFine: 100, acceleration: [1, 2, 3] }));
    push(driver, encodeMtData2({ packetCounter: 2, sampleTimeFine: 200, quaternion: [1, 0, 0, 0] }));
    const [empty] = push(driver, encodeMtData2({ packetCounter: 3, sampleTimeFine: 300, quaternion: [1, 0, 0, 0] }));
    expect(withoutGyro?.channels.map((channel) => channel[0])).toEqual([1, 2, 3, Number.NaN, Number.NaN, Number.NaN]);
    expect(withoutGyro?.flags).toBeUndefined();
    expect(empty?.flags).toEqual(Uint8Array.of(32));
  });

  test("orientation becomes a stream of its own once it is there", () => {
    const driver = xsensMti.create({}, "imu");
    const blocks = push(driver, message(0, { quaternion: [1, 0, 0, 0] }));
    expect(blocks.map(({ descriptor }) => descriptor.stream)).toEqual(["imu", "quaternion"]);
    expect(blocks[1]?.channels.map((channel) => channel[0])).toEqual([1, 0, 0, 0]);
  });

  test("a device that runs faster than configured is discarded and counted, not played at the wrong speed", () => {
    const driver = xsensMti.create({ rateHz: 50 }, "imu");
    const blocks = Array.from({ length: 200 }, (_, counter) => push(driver, message(counter))).flat();
    expect(blocks.length).toBe(1);
    expect(driver.counters.discarded).toEqual({ "driver.rate_mismatch": 199 });
  });

  test("a device that runs slower than configured has gaps between its samples", () => {
    const driver = xsensMti.create({ rateHz: 200 }, "imu");
    const blocks = [0, 1, 2].flatMap((counter) => push(driver, message(counter)));
    expect(blocks.map(({ kind, firstIndex, count }) => [kind, firstIndex, count])).toEqual([
      ["samples", 0, 1],
      ["samples", 2, 1],
      ["samples", 4, 1],
    ]);
  });

  test("a message without a measurement takes no index, whatever its time", () => {
    const driver = xsensMti.create({}, "imu");
    const satellite = encodeMtData2({ packetCounter: 2, sampleTimeFine: 40 });
    const blocks = [message(1), satellite, message(3, {}, 200), message(4, {}, 300)].flatMap((bytes) => push(driver, bytes));
    expect(blocks.map(({ kind, firstIndex }) => [kind, firstIndex])).toEqual([0, 1, 2].map((index) => ["samples", index]));
    expect(driver.counters).toMatchObject({ frames: 4, sequenceGaps: 0, discarded: {} });
  });

  test("other messages are counted and skipped", () => {
    const driver = xsensMti.create({}, "imu");
    push(driver, encodeXbus(0x31, new Uint8Array(0)));
    expect(driver.counters.discarded).toEqual({ "driver.other_message": 1 });
    expect(driver.counters.bytesSkipped).toBe(0);
  });
});

describe("the frame", () => {
  test("a sync pattern inside the values doesn't split a message", () => {
    const inside = new DataView(new ArrayBuffer(4));
    inside.setUint32(0, 0xfaff3603);
    const value = inside.getFloat32(0);
    const driver = xsensMti.create({}, "imu");
    const bytes = [0, 1, 2].map((counter) => message(counter, { acceleration: [value, value, value] }));
    const blocks = bytes.flatMap((each) => push(driver, each));
    expect(blocks.length).toBe(3);
    expect(blocks[2]?.channels[0]?.[0]).toBe(value);
  });

  test("a message swallowed by a false header is found when the header turns out false", () => {
    const driver = xsensMti.create({}, "imu");
    const falseHeader = Uint8Array.of(0xfa, 0xff, 0x36, 0xff, 0x01, 0x2c);
    const blocks = [falseHeader, ...Array.from({ length: 20 }, (_, counter) => message(counter))].flatMap((bytes) => push(driver, bytes));
    expect(blocks.length).toBe(20);
    expect(driver.counters).toMatchObject({ checksumFails: 1, bytesSkipped: 6, resyncs: 1 });
  });

  test("decoding is the inverse of encoding in every number format", () => {
    const tolerance = [2 ** -23, 2 ** -20, 2 ** -31, 0];
    const triple = fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.constantFrom<NumberFormat>(0, 1, 2, 3),
        fc.integer({ min: 0, max: 65_535 }),
        triple,
        triple,
        (format, packetCounter, a, g) => {
          const bytes = encodeMtData2({ packetCounter, sampleTimeFine: packetCounter * 3, acceleration: a, rateOfTurn: g }, format);
          const decoded = decodeMtData2(bytes.subarray(4, -1));
          expect(decoded?.packetCounter).toBe(packetCounter);
          expect(decoded?.sampleTimeFine).toBe(packetCounter * 3);
          [...a, ...g].forEach((value, i) => {
            const back = [...(decoded?.acceleration ?? []), ...(decoded?.rateOfTurn ?? [])][i] ?? Number.NaN;
            expect(Math.abs(back - value)).toBeLessThanOrEqual((tolerance[format] ?? 0) * Math.max(1, Math.abs(value)));
          });
        },
      ),
    );
  });
});

describe("what it cannot use", () => {
  const codes = (bytes: Uint8Array) => {
    const driver = xsensMti.create({}, "imu");
    push(driver, bytes);
    return driver.refusals().map(({ code }) => code);
  };

  test("another device's text is no frame, and a frame whose sum is always wrong is told as that", () => {
    expect(codes(new TextEncoder().encode("S512\r\nB72\r\nQ830\r\n".repeat(20)))).toEqual(["driver.no_frame"]);
    const broken = message(1);
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 0xff;
    expect(codes(broken)).toEqual(["driver.bad_checksum"]);
  });

  test("a device in its configuration mode, or one that measures nothing, is told apart from a silent one", () => {
    expect(codes(encodeXbus(0x3e, new Uint8Array(0)))).toEqual(["driver.other_message"]);
    expect(codes(encodeMtData2({ packetCounter: 1, sampleTimeFine: 100 }))).toEqual(["driver.no_sample"]);
  });

  test("the first measurement ends it", () => {
    const driver = xsensMti.create({}, "imu");
    push(driver, new TextEncoder().encode("boot v1.2 ready"));
    expect(driver.refusals().length).toBe(1);
    push(driver, message(1));
    expect(driver.refusals()).toEqual([]);
  });
});
