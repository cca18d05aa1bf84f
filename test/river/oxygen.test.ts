/** Oxygen from a device that computes it, from its numbers to the rule: what it sends for "nothing" is neither a value nor an alarm, and light alone is no oxygen. */

import { expect, test } from "vitest";
import { type Channel, Flag, type StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { createRules, defaultProfile } from "../../gateway/rules/index.ts";
import { scenario, told } from "../../gateway/rules/testdata/scenario.ts";
import { openStage } from "../../gateway/stream/index.ts";
import { completeUs } from "../../gateway/stream/stream-item.ts";

const channel = (kind: Channel["kind"], unit: string): Channel => ({ id: kind, kind, unit, scale: 1, offset: 0 });
const clip = (of: Channel, rateHz: number): StreamDescriptor => ({
  ...{ device: "clip", stream: "oxi", rateHz, channels: [of], sentinels: [], contact: "measured" },
});

/** What comes of one number a second under a limit of 90 %; a number with a flag is one that the device named as no value. */
function decided(descriptor: StreamDescriptor, values: readonly (number | readonly [number, flag: number])[]) {
  const samples = Float32Array.from(values, (each) => (typeof each === "number" ? each : each[0]));
  const flags = Uint8Array.from(values, (each) => (typeof each === "number" ? 0 : each[1]));
  const block = { kind: "samples", bootId: "b", firstIndex: 0, count: samples.length, startUs: 0, arrivalUs: 0 } as const;
  const items = openStage(descriptor, []).push({ ...block, channels: [samples], flags });
  const untilS = Math.ceil(samples.length / descriptor.rateHz);
  const on = scenario("clip");
  on.items.push(...items.flatMap((item) => (item.kind === "window" ? [] : [{ atUs: completeUs(item), rank: 1, input: item }])));
  const rules = createRules({ ...defaultProfile, spo2LimitLowPct: 90 });
  const decisions = [...on.inputs(untilS).flatMap((input) => rules.push(input)), ...rules.flush()];
  return { told: told(decisions, "spo2.low"), vitals: items.filter((item) => item.kind === "vital") };
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const oximeter = clip(channel("spo2", "%"), 1);

test("a minute of what oximeters send for nothing is no low oxygen: 0, 127 and 255, and the number that the device has named", () => {
  for (const nothing of [0, 127, 255, [127, Flag.absent], [85, Flag.absent], [85, Flag.notWorn]] as const) {
    const { told, vitals } = decided(oximeter, [...times(20, 96), ...times(60, nothing), ...times(20, 96)]);
    expect(told).toEqual([]);
    expect(vitals.filter((vital) => "value" in vital)).toHaveLength(40);
  }
});

test("a low one between them is counted only where it was measured for the whole delay", () => {
  expect(decided(oximeter, [...times(20, 96), ...times(25, 85), ...times(5, 127), ...times(25, 85), ...times(20, 96)]).told).toEqual([]);
  expect(decided(oximeter, [...times(20, 96), ...times(45, 85)]).told).toEqual([expect.stringMatching(/^spo2.low medium from 21/)]);
});

test("a pleth gives no oxygen, however it is scaled", () => {
  for (const unit of ["1", "%"]) {
    const light = Array.from({ length: 25 * 60 }, (_, i) => 60 + 20 * Math.sin(i / 3));
    const { told, vitals } = decided(clip(channel("ppg", unit), 25), light);
    expect([told, vitals]).toEqual([[], []]);
  }
});
