import { expect, test } from "vitest";
import type { Fact } from "../facts/fact.ts";
import type { HeartRateFact } from "../facts/heart-rate.ts";
import { createOneHeartRate } from "./one-heart-rate.ts";
import { numbersOf, scenario, told, us } from "./testdata/scenario.ts";

/** What is known at each second: "72 ecg strap", "–" or the two that differ. */
function known(inputs: readonly Fact[], one = createOneHeartRate()): string[] {
  return inputs.flatMap((input) => words(one.push(input)));
}
function words(fact: HeartRateFact | undefined): string[] {
  if (fact === undefined) return [];
  const { reading, disagreement } = fact;
  if (reading !== undefined) return [`${Math.round(reading.bpm)} ${reading.kind} ${reading.device}`];
  return [disagreement === undefined ? "–" : disagreement.between.map(({ bpm, device }) => `${Math.round(bpm)} ${device}`).join(" or ")];
}
const at = (lines: readonly string[], s: number) => lines[s - 1];
/** Each change once, with its second. */
const turns = (lines: readonly string[]) => lines.flatMap((line, i) => (line === lines[i - 1] ? [] : [`${i + 1}: ${line}`]));

test("an ECG alone tells the rate of its newest beats, and none before its signal has settled", () => {
  const lines = known(scenario().signal(0, 60).beats(0.5, 30, 0.75).beats(30, 60, 0.5).inputs(60));
  expect(at(lines, 11)).toBe("–");
  expect(at(lines, 25)).toBe("80 ecg strap");
  expect(at(lines, 45)).toBe("120 ecg strap");
});

test("beats come before a device's own number, which stands where there is no ECG, and says so", () => {
  const strap = scenario().signal(0, 60).beats(0.5, 60, 0.75);
  expect(turns(known(strap.with(numbersOf("clip", 0, 120, 82)).inputs(120))).slice(0, 4)).toEqual([
    "1: –",
    "2: 82 device clip",
    "24: 80 ecg strap",
    "67: 82 device clip",
  ]);
});

test("a moment without an ECG changes no source, and one that comes back is believed after ten seconds", () => {
  const strap = scenario()
    .signal(0, 40)
    .signal(40, 42, { level: "poor" })
    .signal(42, 60)
    .signal(60, 70, { level: "poor" })
    .signal(70, 120)
    .beats(0.5, 120, 0.75);
  const sources = known(strap.with(numbersOf("clip", 0, 120, 82)).inputs(120)).map((line) => line.split(" ").slice(1).join(" "));
  const seen = turns(sources).slice(2);
  expect(seen).toEqual(["24: ecg strap", "41: ", "43: ecg strap", "61: ", "64: device clip", "83: ecg strap"]);
});

test("a sensor that has fallen silent leaves its last rate with its time; one that is judged poor takes it back", () => {
  const silent = createOneHeartRate();
  const facts = scenario()
    .signal(0, 40)
    .beats(0.5, 40, 0.75)
    .inputs(100)
    .flatMap((input) => silent.push(input) ?? []);
  expect(facts.at(-1)?.reading?.atUs).toBeLessThan(us(40));
  const poor = scenario().signal(0, 40).signal(40, 100, { level: "poor" }).beats(0.5, 40, 0.75);
  expect(known(poor.inputs(100)).at(-1)).toBe("–");
});

test("good sensors more than 10 beats/min apart for 30 s leave no number; nearer, or for less, they do", () => {
  const strap = () => scenario().signal(0, 200).beats(0.5, 200, 0.75);
  expect(
    turns(
      known(
        strap()
          .with(numbersOf("clip", 100, 200, 95))
          .inputs(150),
      ),
    ).slice(-2),
  ).toEqual(["14: 80 ecg strap", "132: 80 strap or 95 clip"]);
  expect(
    known(
      strap()
        .with(numbersOf("clip", 100, 200, 90))
        .inputs(200),
    ).at(-1),
  ).toBe("80 ecg strap");
  expect(
    known(
      strap()
        .with(numbersOf("clip", 100, 124, 95))
        .inputs(200),
    ),
  ).not.toContain("80 strap or 95 clip");
});

test("they are believed again when they have agreed for 30 s, and a silence of one is no agreement", () => {
  const strap = scenario().signal(0, 400).beats(0.5, 400, 0.75);
  const clip = numbersOf("clip", 50, 100, 95)
    .with(numbersOf("clip", 140, 160, 95))
    .with(numbersOf("clip", 160, 200, 82));
  const lines = turns(known(strap.with(clip).inputs(260))).slice(2);
  expect(lines).toEqual(["82: 80 strap or 95 clip", "192: 80 ecg strap"]);
});

test("a third sensor that agrees with the best bears it out: the number stays, and the finding names the odd one", () => {
  const strap = scenario().signal(0, 200).beats(0.5, 200, 0.75);
  const one = createOneHeartRate();
  const inputs = strap
    .with(numbersOf("clip", 50, 200, 95))
    .with(numbersOf("watch", 50, 200, 82))
    .inputs(200);
  const last = inputs.flatMap((input) => one.push(input) ?? []).at(-1);
  expect(last?.reading).toMatchObject({ device: "strap" });
  expect(last?.disagreement?.between.map(({ device }) => device)).toEqual(["strap", "clip"]);
});

test("what is known after a restart is what would have been known without one", () => {
  const strap = scenario().signal(0, 100).signal(100, 110, { level: "poor" }).signal(110, 200).beats(0.5, 200, 0.75);
  const inputs = strap.with(numbersOf("clip", 60, 200, 95)).inputs(200);
  const whole = known(inputs);
  for (let cut = 7; cut < inputs.length; cut += 97) {
    const before = createOneHeartRate();
    const lines = known(inputs.slice(0, cut), before);
    expect([...lines, ...known(inputs.slice(cut), createOneHeartRate(structuredClone(before.state())))]).toEqual(whole);
  }
});

test("the finding is one technical alert that names both sensors, and the vital sign is silent while it lasts", () => {
  const strap = scenario().signal(0, 300).beats(0.5, 300, 0.75);
  const decisions = strap
    .with(numbersOf("clip", 100, 200, 95))
    .with(numbersOf("clip", 200, 300, 82))
    .run(300);
  expect(told(decisions, "device.disagree")).toEqual(["device.disagree low from 102 told 132 = 15", "device.disagree ended 232 told 232"]);
  const begin = decisions.find((each) => each.kind === "begin");
  expect(begin).toMatchObject({
    device: "clip",
    alertKind: "technical",
    between: [
      { device: "strap", kind: "ecg", bpm: 80 },
      { device: "clip", kind: "device", bpm: 95 },
    ],
  });
  const own = decisions.flatMap((each) => (each.kind === "vital" && each.device === undefined ? [each.timeUs / 1e6] : []));
  expect(own.filter((s) => s >= 132 && s < 232)).toEqual([]);
  expect(own).toContain(120);
  expect(own).toContain(240);
});
