import { describe, expect, test } from "vitest";
import { virtualClock } from "../device-drivers/contract/clock.ts";
import { Flag, type SampleBlock } from "../device-drivers/contract/sample-block.ts";
import { hearthStream } from "../device-drivers/hearth-stream/driver.ts";
import { maxBatchBytes } from "../device-drivers/hearth-stream/frame.ts";
import { createQrsDetector } from "../models/signal/qrs.ts";
import { createBenchWearable } from "./bench-wearable.ts";
import { loadExcerpt } from "./excerpts/excerpt.ts";
import { recordingSource } from "./excerpts/recording-source.ts";
import type { SignalSource } from "./signal/signal-source.ts";
import { ecgSource, imuSource, ppgSource } from "./signal/synthetic-body.ts";
import { startWearable } from "./wearable.ts";

/** A wearable whose messages go straight into the driver. */
function house() {
  const clock = virtualClock();
  const driver = hearthStream.create({}, "strap");
  const blocks: SampleBlock[] = [];
  const batches: { sequence: number; sizeBytes: number }[] = [];
  const take = (channel: string, bytes: Uint8Array) => {
    const stamps = { timeUs: clock.wallUs(), monotonicUs: clock.monotonicUs(), wallUs: clock.wallUs(), wallQuality: "fake" } as const;
    for (const block of driver.push({ link: "mqtt", device: "strap", channel, bytes, stamps })) blocks.push(block);
  };
  const link = {
    declare: (stream: string, meta: Uint8Array) => take(`${stream}/meta`, meta),
    send(stream: string, sequence: number, bytes: Uint8Array) {
      batches.push({ sequence, sizeBytes: bytes.length });
      take(`${stream}/raw`, bytes);
    },
  };
  const wear = (sources: readonly SignalSource[], batchMs = 250) =>
    startWearable({ sources, link, clock, bootId: "0123456789abcdef", batchMs });
  const of = (stream: string) => blocks.filter(({ descriptor }) => descriptor.stream === stream);
  const counts = (stream: string, channel = 0) => of(stream).flatMap((block) => [...(block.channels[channel] ?? [])]);
  return { clock, driver, link, blocks, batches, wear, of, counts };
}

const strap = async () =>
  recordingSource(await loadExcerpt("mitdb-205"), {
    stream: "ecg",
    placement: "chest",
    channels: [{ lead: "MLII", id: "ecg", kind: "ecg" }],
  });

describe("a virtual wearable", () => {
  test("plays a recording sample for sample at its own rate and goes on counting over the seam", async () => {
    const { clock, driver, wear, of, counts } = house();
    wear([await strap()]);
    clock.advance(45_000);
    const samples = (await loadExcerpt("mitdb-205")).channels[0]?.samples ?? new Int16Array();
    expect(counts("ecg")).toEqual([...samples, ...samples].slice(0, 45 * 360));
    const ends = of("ecg").map(({ firstIndex, count }) => firstIndex + count);
    expect(of("ecg").map(({ firstIndex }) => firstIndex)).toEqual([0, ...ends.slice(0, -1)]);
    expect(driver.counters.discarded).toEqual({});
  });

  test("tells its own time and free-running clock", async () => {
    const { clock, wear, of } = house();
    wear([await strap()]);
    clock.advance(1000);
    expect(of("ecg").map(({ deviceTimeUs, deviceClock }) => [deviceTimeUs, deviceClock])).toEqual(
      [0, 1, 2, 3].map((i) => [i * 250_000, 1]),
    );
  });

  test("numbers batches without a hole and keeps each within the profile's size, after a pause too", () => {
    const { clock, batches, wear, counts } = house();
    wear([imuSource({ seed: 1 })], 60_000);
    clock.advance(60_000);
    expect(counts("imu").length).toBe(6000);
    expect(batches.map(({ sequence }) => sequence)).toEqual(batches.map((_, i) => i));
    for (const { sizeBytes } of batches) expect(sizeBytes).toBeLessThanOrEqual(maxBatchBytes);
  });

  test("with the strap off it says lead off and has no value; on again it goes on where time is", async () => {
    const { clock, wear, of } = house();
    const wearable = wear([await strap()]);
    clock.advance(1000);
    wearable.faults.strap = "flagged";
    clock.advance(1000);
    wearable.faults.strap = "on";
    clock.advance(1000);
    const flags = of("ecg").flatMap(({ flags, count }) => [...(flags ?? new Uint8Array(count))]);
    expect(flags).toEqual([0, Flag.absent | Flag.leadOff, 0].flatMap((bits) => Array.from({ length: 360 }, () => bits)));
  });

  test("with the strap off and no contact sensing it sends nothing, and its indices tell how much is missing", async () => {
    const { clock, wear, of } = house();
    const wearable = wear([await strap()]);
    clock.advance(1000);
    wearable.faults.strap = "silent";
    clock.advance(2000);
    wearable.faults.strap = "on";
    clock.advance(250);
    expect(of("ecg").at(-1)?.firstIndex).toBe(3 * 360);
    expect(of("ecg").length).toBe(5);
  });

  test("motion adds noise of the size asked for, the same in every run", async () => {
    const play = async (motion: number) => {
      const { clock, wear, counts } = house();
      wear([await strap()]).faults.motion = motion;
      clock.advance(5000);
      return counts("ecg");
    };
    const [still, moved, again] = await Promise.all([play(0), play(0.2), play(0.2)]);
    const spreadMv = Math.sqrt(still.reduce((sum, value, i) => sum + (value - (moved[i] ?? 0)) ** 2, 0) / still.length) / 200;
    expect(spreadMv).toBeGreaterThan(0.4);
    expect(spreadMv).toBeLessThan(1.5);
    expect(moved).toEqual(again);
  });

  test("a clock that jumps shows in the device's time only", async () => {
    const { clock, wear, of } = house();
    const wearable = wear([await strap()]);
    clock.advance(500);
    wearable.faults.clockJumpUs = 3_600_000_000;
    clock.advance(500);
    const [a, b] = of("ecg").slice(1, 3);
    expect((b?.deviceTimeUs ?? 0) - (a?.deviceTimeUs ?? 0)).toBe(3_600_250_000);
    expect((b?.firstIndex ?? 0) - (a?.firstIndex ?? 0)).toBe(90);
  });

  test("stops for good", async () => {
    const { clock, wear, blocks } = house();
    const wearable = wear([await strap()]);
    clock.advance(1000);
    wearable.stop();
    clock.advance(1000);
    expect(blocks.length).toBe(4);
  });
});

describe("synthetic bodies", () => {
  const physical = (source: SignalSource, seconds: number, channel = 0) => {
    const { scale = 1 } = source.channels[channel] ?? {};
    return Float32Array.from(source.read(0, seconds * source.rateHz).channels[channel] ?? [], (count) => count * scale);
  };

  test.each([
    ["rest", 50, 80],
    ["walking", 85, 110],
  ] as const)("at %s the ECG has between %i and %i beats a minute, each found", (activity, low, high) => {
    const source = ecgSource({ seed: 5, activity });
    const beats = createQrsDetector({ rateHz: source.rateHz }).push(physical(source, 60));
    expect(beats.length).toBeGreaterThan(low - 3);
    expect(beats.length).toBeLessThan(high);
    const rr = beats.slice(1).map(({ index }, i) => (index - (beats[i]?.index ?? 0)) / source.rateHz);
    expect(Math.max(...rr)).toBeLessThan(1.3);
    expect(Math.min(...rr)).toBeGreaterThan(0.5);
  });

  test("the pulse follows the ECG beat for beat", () => {
    const seconds = 30;
    const ppg = ppgSource({ seed: 5 });
    const wave = physical(ppg, seconds);
    const smooth = wave.map((_, i) => wave.subarray(Math.max(0, i - 2), i + 3).reduce((a, b) => a + b, 0) / 5);
    const peaks = smooth.reduce(
      (count, value, i) => count + (value > 500 && value === Math.max(...smooth.subarray(Math.max(0, i - 12), i + 13)) ? 1 : 0),
      0,
    );
    const ecg = ecgSource({ seed: 5 });
    const beats = createQrsDetector({ rateHz: ecg.rateHz }).push(physical(ecg, seconds));
    expect(Math.abs(peaks - beats.length)).toBeLessThanOrEqual(2);
  });

  test("lying still weighs one g, walking shakes it", () => {
    const spread = (activity: "rest" | "walking") => {
      const vertical = physical(imuSource({ seed: 3, activity }), 20, 1);
      const mean = vertical.reduce((a, b) => a + b, 0) / vertical.length;
      return { mean, deviation: Math.sqrt(vertical.reduce((sum, value) => sum + (value - mean) ** 2, 0) / vertical.length) };
    };
    expect(Math.abs(spread("rest").mean - 9.80665)).toBeLessThan(0.05);
    expect(spread("rest").deviation).toBeLessThan(0.1);
    expect(spread("walking").deviation).toBeGreaterThan(1);
  });

  test("any stretch can be read at any time and the seed is all that matters", () => {
    for (const make of [ecgSource, ppgSource, imuSource]) {
      const whole = make({ seed: 9 }).read(0, 300).channels[0] ?? [];
      expect([...(make({ seed: 9 }).read(100, 50).channels[0] ?? [])]).toEqual([...whole].slice(100, 150));
      expect([...(make({ seed: 10 }).read(0, 300).channels[0] ?? [])]).not.toEqual([...whole]);
    }
  });

  test("the bench wearable sends all three streams at their rates", () => {
    const { clock, link, of, driver } = house();
    createBenchWearable(4, { clock, link });
    clock.advance(2000);
    const total = (stream: string) => of(stream).reduce((sum, { count }) => sum + count, 0);
    expect(["ecg", "ppg", "imu"].map(total)).toEqual([500, 128, 200]);
    expect(driver.counters.discarded).toEqual({});
  });
});
