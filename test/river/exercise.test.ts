/** A heart rate that climbs on exercise while steps shake the wrist: what is said of it, by which sensor, and when nothing is. The motion is generated. */

import { expect, test } from "vitest";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { Fact } from "../../gateway/facts/fact.ts";
import type { HeartRateFact } from "../../gateway/facts/heart-rate.ts";
import { createRules, defaultProfile } from "../../gateway/rules/index.ts";
import type { RuleDecision } from "../../gateway/rules/rule.ts";
import { scenario, told, us, watchedS } from "../../gateway/rules/testdata/scenario.ts";
import { openStage } from "../../gateway/stream/index.ts";
import { completeUs } from "../../gateway/stream/stream-item.ts";

const rateHz = 64;
const untilS = 360;
const moves = { fromS: 60, toS: 240 } as const;
const stepsHz = 2.2;

/** 75 at rest, up to 150 while running, down to 100 behind it. */
function truthBpm(s: number): number {
  if (s < moves.fromS) return 75;
  if (s < moves.toS) return Math.min(150, 75 + ((s - moves.fromS) * 75) / 120);
  return Math.max(100, 150 - (s - moves.toS));
}

const isMoving = (s: number) => s >= moves.fromS && s < moves.toS;
const stepAt = (s: number) => Math.sin(2 * Math.PI * stepsHz * s) + 0.4 * Math.sin(4 * Math.PI * stepsHz * s + 0.7);

/** Facts of a band's pleth, whose light the steps shake, and of its acceleration where it measures one. */
function band(hasMotion: boolean): { atUs: number; rank: number; input: Fact }[] {
  const base = { device: "band", rateHz, sentinels: [], contact: "measured" } as const;
  const channel = (id: string, kind: "ppg" | "acc", unit: string) => ({ id, kind, unit, scale: 1, offset: 0 });
  const pleth: StreamDescriptor = { ...base, stream: "ppg", channels: [channel("ir", "ppg", "1")] };
  const motion: StreamDescriptor = { ...base, stream: "imu", channels: ["x", "y", "z"].map((id) => channel(id, "acc", "g")) };
  const count = rateHz * untilS;
  const times = Array.from({ length: count }, (_, i) => i / rateHz);
  let beat = 0;
  const light = Float32Array.from(times, (s) => {
    beat += truthBpm(s) / 60 / rateHz;
    const phase = beat % 1;
    const stroke = Math.exp(-((phase - 0.2) ** 2) / 0.008) + 0.35 * Math.exp(-((phase - 0.5) ** 2) / 0.01);
    return stroke + (isMoving(s) ? stepAt(s) : 0);
  });
  const size = Float32Array.from(times, (s) => 1 + (isMoving(s) ? 0.4 * stepAt(s) : 0.01 * Math.sin(40 * s)));
  const still = new Float32Array(count);
  const facts = (descriptor: StreamDescriptor, channels: Float32Array[]) => {
    const block = { kind: "samples", bootId: "b", firstIndex: 0, count, startUs: 0, arrivalUs: 0, channels } as const;
    const items = openStage(descriptor, []).push(block);
    return items.flatMap((item) => (item.kind === "window" ? [] : [{ atUs: completeUs(item), rank: 1, input: item }]));
  };
  return [...facts(pleth, [light]), ...(hasMotion ? facts(motion, [still, still, size]) : [])];
}

function strap() {
  const on = scenario("strap").signal(0, untilS);
  for (let s = 0.5; s < untilS; s += 60 / truthBpm(s)) on.beat(s);
  return on;
}

function live(on: ReturnType<typeof scenario>): { known: (HeartRateFact | undefined)[]; decisions: RuleDecision[] } {
  const rules = createRules(defaultProfile);
  const known: (HeartRateFact | undefined)[] = [];
  const decisions = on.inputs(untilS).flatMap((input) => {
    const decided = rules.push(input);
    if (input.kind === "tick" && input.timeUs % us(1) === 0) known.push(rules.heartRate);
    return decided;
  });
  return { known, decisions: [...decisions, ...rules.flush()] };
}

/** Seconds in which a number of now is shown, and those in which it was farther than 10 from any truth of its last 10 s. */
function shown(known: readonly (HeartRateFact | undefined)[]) {
  const seconds = known.flatMap((fact, i) =>
    fact?.reading !== undefined && fact.timeUs <= fact.reading.freshUs
      ? [{ s: i + 1, bpm: fact.reading.bpm, kind: fact.reading.kind }]
      : [],
  );
  const isWrong = ({ s, bpm }: { s: number; bpm: number }) =>
    !Array.from({ length: 11 }, (_, ago) => truthBpm(s - ago)).some((truth) => Math.abs(truth - bpm) <= 10);
  return { seconds, wrong: seconds.filter(isWrong) };
}

const bandAlone = scenario("band");
bandAlone.items.push(...band(true));

test("a band that knows that it is shaken says nothing of the heart meanwhile, is right before and after, and watches no more than it says", () => {
  const { known, decisions } = live(bandAlone);
  const { seconds, wrong } = shown(known);
  expect(wrong).toEqual([]);
  expect(seconds.filter(({ s }) => s > moves.fromS + 8 && s <= moves.toS)).toEqual([]);
  expect(seconds.filter(({ s }) => s > 15 && s < moves.fromS).length).toBeGreaterThan(40);
  expect(seconds.filter(({ s }) => s > moves.toS + 15).length).toBeGreaterThan(90);
  expect(told(decisions)).toEqual([]);
  expect(watchedS(decisions, "hr.high")).toBeLessThan(untilS - (moves.toS - moves.fromS));
});

test("beside it a strap tells the climbing rate, with no finding about a band that says nothing", () => {
  const { known, decisions } = live(strap().with(bandAlone));
  const { seconds, wrong } = shown(known);
  expect(wrong).toEqual([]);
  expect(seconds.filter(({ kind }) => kind === "ecg").length).toBeGreaterThan(untilS - 40);
  expect(told(decisions, "device.disagree")).toEqual([]);
});

test("a band without an accelerometer counts the steps: beside a strap that is a finding and no number, never a wrong one", () => {
  const blind = scenario("band");
  blind.items.push(...band(false));
  const { known, decisions } = live(strap().with(blind));
  expect(shown(known).wrong).toEqual([]);
  expect(told(decisions, "device.disagree")[0]).toMatch(/^device.disagree low from (6|7|8|9)\d/);
});
