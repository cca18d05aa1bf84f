/** What the ECG stage makes of samples that are none: holes, sentinels and what a device has made up. */

import { beforeAll, describe, expect, test } from "vitest";
import { Flag, type StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { loadExcerpt } from "../../../firmware-sim/excerpts/excerpt.ts";
import type { Placed, PlacedBlock } from "../reorder.ts";
import type { StreamItem, StreamStage } from "../stream-item.ts";
import { createEcgStream } from "./ecg-stream.ts";

let signal: Int16Array;
let rateHz: number;
let descriptor: StreamDescriptor;

beforeAll(async () => {
  const excerpt = await loadExcerpt("mitdb-205");
  const [ecg] = excerpt.channels;
  if (ecg === undefined) throw new Error("no ECG");
  rateHz = excerpt.rateHz;
  signal = Int16Array.from(ecg.samples.slice(0, 16 * rateHz));
  const channels = [{ id: "MLII", kind: "ecg" as const, unit: ecg.unit, scale: ecg.scale, offset: ecg.offset }];
  descriptor = { device: "d", stream: "ecg", rateHz, channels, sentinels: [], contact: "measured" };
});

const open = (contact: StreamDescriptor["contact"] = "measured"): StreamStage =>
  createEcgStream({ descriptor: { ...descriptor, contact }, channel: descriptor.channels[0] as never, models: [] });
const block = (fromS: number, toS: number, more: { startUs?: number; flags?: number } = {}): PlacedBlock => {
  const samples = signal.slice(fromS * rateHz, toS * rateHz);
  const { startUs = fromS * 1e6, flags } = more;
  return {
    ...{
      kind: "samples",
      bootId: "b",
      firstIndex: fromS * rateHz,
      count: samples.length,
      startUs,
      arrivalUs: startUs,
      channels: [samples],
    },
    ...(flags === undefined ? {} : { flags: new Uint8Array(samples.length).fill(flags) }),
  };
};
const gap = (fromS: number, toS: number): Placed => ({
  ...{ kind: "gap", bootId: "b", firstIndex: fromS * rateHz, count: (toS - fromS) * rateHz, startUs: fromS * 1e6 },
});
const qrsOf = (items: readonly StreamItem[]) => items.flatMap((item) => (item.kind === "qrs" ? [item] : []));
const qualityOf = (items: readonly StreamItem[]) => items.flatMap((item) => (item.kind === "quality" ? [item] : []));

describe("the ECG stage", () => {
  test("finds beats at their time, each with the distance from the one before", () => {
    const beats = qrsOf(open().push(block(0, 16)));
    expect(beats.length).toBeGreaterThan(10);
    expect(beats[0]?.rrMs).toBeUndefined();
    for (const [i, beat] of beats.slice(1).entries()) {
      expect(beat.rrMs).toBeCloseTo((beat.timeUs - (beats[i]?.timeUs ?? 0)) / 1000, 1);
      expect(beat.knownUs).toBeGreaterThan(beat.timeUs);
    }
  });

  test.each([
    ["made up by the device", Flag.synthetic],
    ["absent", Flag.absent],
    ["off the skin", Flag.leadOff],
    ["not worn", Flag.notWorn],
  ])("does not analyse samples that are %s", (_what, flags) => {
    const items = open().push(block(0, 16, { flags }));
    expect(qrsOf(items)).toEqual([]);
    expect(new Set(qualityOf(items).map(({ level }) => level))).toEqual(new Set(["bad"]));
  });

  test("analyses samples of a person in movement", () => {
    expect(qrsOf(open().push(block(0, 16, { flags: Flag.motion })))).toEqual(qrsOf(open().push(block(0, 16))));
  });

  test("measures no distance between two beats across a gap", () => {
    const stage = open();
    const before = qrsOf(stage.push(block(0, 8)));
    const items = stage.push(gap(8, 10));
    expect(items.at(-1)).toEqual({ kind: "gap", device: "d", stream: "ecg", fromUs: 8_000_000, timeUs: 10_000_000 });
    const after = qrsOf(stage.push(block(10, 16)));
    expect(before.at(-1)?.rrMs).toBeGreaterThan(0);
    expect(after.length).toBeGreaterThan(3);
    expect(after[0]?.timeUs).toBeGreaterThan(10_000_000);
    expect(after.map(({ rrMs }) => rrMs === undefined)).toEqual(after.map((_, i) => i === 0));
  });

  test("says that a heart which stops in a gap is not seen, and stands on the axis behind a gap of any length", () => {
    const stage = open();
    stage.push(block(0, 8));
    const items = stage.push({ ...gap(8, 3608) });
    expect(qualityOf(items).length).toBe(10);
    expect(qualityOf(items).every(({ level, contact }) => level === "bad" && contact === "unknown")).toBe(true);
    expect(stage.passedUs).toBe(3_608_000_000);
    const beats = qrsOf(stage.push(block(8, 16, { startUs: 3_608_000_000 })));
    expect(beats[0]?.timeUs).toBeGreaterThan(3_608_000_000);
    expect(beats.at(-1)?.timeUs).toBeLessThan(3_616_000_000);
    expect(beats[0]?.rrMs).toBeUndefined();
  });

  test("tells contact only where it is measured and the signal can be trusted", () => {
    const contact = (items: readonly StreamItem[]) => [...new Set(qualityOf(items).map((each) => each.contact))];
    expect(contact(open().push(block(0, 4)))).toEqual(["on"]);
    expect(contact(open("none").push(block(0, 4)))).toEqual(["unknown"]);
    expect(contact(open().push(block(0, 4, { flags: Flag.leadOff })))).toEqual(["off"]);
    expect(contact(open().push(block(0, 4, { flags: Flag.absent })))).toEqual(["unknown"]);
  });

  test("goes on from its state at any place of a block, a gap behind it included", () => {
    const parts = [block(0, 5), block(5, 8), gap(8, 9), block(9, 12), block(12, 16)];
    const whole = open();
    const expected = parts.map((part) => whole.push(part));
    for (let cut = 1; cut < parts.length; cut++) {
      const first = open();
      for (const part of parts.slice(0, cut)) first.push(part);
      const second = createEcgStream({ descriptor, channel: descriptor.channels[0] as never, models: [] }, structuredClone(first.state()));
      expect(second.passedUs).toBe(first.passedUs);
      expect(parts.slice(cut).map((part) => second.push(part))).toEqual(expected.slice(cut));
    }
  });
});
