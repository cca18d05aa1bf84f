import { expect, it } from "vitest";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { Analyser } from "./analyser.ts";
import { ecg } from "./ecg/analyser.ts";
import { analysersOf, openStage, stageVersion } from "./index.ts";
import { life } from "./motion/analyser.ts";
import type { Placed } from "./reorder.ts";

const channel = (id: string, kind: "ecg" | "acc" | "spo2", unit: string) => ({ id, kind, unit, scale: 1, offset: 0 });
const acc = ["x", "y", "z"].map((id) => channel(id, "acc", "g"));
const descriptor = (...channels: ReturnType<typeof channel>[]): StreamDescriptor => ({
  ...{ device: "strap", stream: "all", rateHz: 250, contact: "measured", sentinels: [], channels },
});
const strap = descriptor(channel("ecg", "ecg", "mV"), ...acc);
/** Signs of life are given beside an ECG here. */
const { notBeside: _, ...lifeBeside } = life;
const both: readonly Analyser[] = [ecg, lifeBeside];

/** A spike each second on the ECG; the body turns every five seconds. */
function seconds(fromS: number, toS: number): Placed[] {
  return Array.from({ length: toS - fromS }, (_none, i) => {
    const s = fromS + i;
    const of = (value: (at: number) => number) => Float32Array.from({ length: 250 }, (_value, at) => value(at));
    const isUp = Math.floor(s / 5) % 2 === 0;
    const beat = of((at) => [0.2, 0.6, 1, 0.6, 0.2, -0.2][at - 100] ?? 0);
    const channels = [beat, of(() => (isUp ? 1 : 0)), of(() => (isUp ? 0 : 1)), of(() => 0)];
    return {
      kind: "samples",
      descriptor: strap,
      bootId: "b",
      firstIndex: s * 250,
      count: 250,
      startUs: s * 1e6,
      arrivalUs: (s + 1) * 1e6,
      channels,
    } as Placed;
  });
}

it("gives a stream to every analyser that wants it: an ECG and acceleration in one stream give beats and movement", () => {
  const stage = openStage(strap, [], undefined, both);
  const items = seconds(0, 60).flatMap((block) => stage.push(block));
  const count = (kind: string) => items.filter((item) => item.kind === kind).length;
  expect(count("qrs")).toBeGreaterThan(40);
  expect(count("life")).toBeGreaterThan(0);
  // Each second is judged once, by the first of the list.
  expect(count("quality")).toBe(60);
  expect(items.every((item) => item.kind !== "quality" || item.beatless !== undefined)).toBe(true);
  expect(
    stage.push({ kind: "gap", bootId: "b", firstIndex: 15_000, count: 250, startUs: 60e6 }).filter(({ kind }) => kind === "gap"),
  ).toHaveLength(1);
});

it("goes on after a restart with each of them", () => {
  const whole = openStage(strap, [], undefined, both);
  const expected = seconds(0, 60).flatMap((block) => whole.push(block));
  const first = openStage(strap, [], undefined, both);
  const items = seconds(0, 33).flatMap((block) => first.push(block));
  const second = openStage(strap, [], structuredClone(first.state()), both);
  items.push(...seconds(33, 60).flatMap((block) => second.push(block)));
  expect(items).toEqual(expected);
});

it("goes on from what an earlier version kept of a signal and its numbers", () => {
  const mixed = descriptor(...acc, channel("spo2", "spo2", "%"));
  const stage = openStage(mixed, []);
  stage.push(seconds(0, 1)[0] as Placed);
  const { byName } = stage.state() as { byName: Record<string, unknown> };
  const again = openStage(mixed, [], { base: byName.life, vitals: byName.vital });
  expect(again.state()).toEqual(stage.state());
  expect(again.passedUs).toBe(1e6);
});

it("gives signs of life no stream that has an ECG, and a stream that nobody knows to them alone", () => {
  const names = (of: StreamDescriptor) => analysersOf(of).map(({ name }) => name);
  expect(names(strap)).toEqual(["ecg"]);
  expect(names(descriptor(channel("ecg", "ecg", "mV"), channel("spo2", "spo2", "%")))).toEqual(["ecg", "vital"]);
  expect(names(descriptor(...acc, channel("spo2", "spo2", "%")))).toEqual(["life", "vital"]);
  expect(names(descriptor(channel("spo2", "spo2", "%")))).toEqual(["vital"]);
  expect(names(descriptor(channel("ecg", "ecg", "furlong")))).toEqual(["life"]);
  expect(stageVersion(descriptor(...acc, channel("spo2", "spo2", "%")))).toBe("life-1+vital-1");
});
