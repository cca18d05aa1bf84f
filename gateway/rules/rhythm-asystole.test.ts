import { expect, test } from "vitest";
import { scenario, told, watchedS } from "./testdata/scenario.ts";

const arrest = ["rhythm.asystole", "rhythm.no-signal"];
const none = { contactMeasured: "none", contact: "unknown" } as const;

test("no beat for 4 s is told at most 5.4 s after the last one, high, and ends with 10 s of beats", () => {
  for (const lastS of [20.1, 20.5, 20.9]) {
    const decisions = scenario().signal(0, 80).beats(0.5, 20, 0.8).beat(lastS).beats(40.2, 80, 0.8).run(80);
    const [begin, end] = decisions.filter(
      (decision) => "rule" in decision && decision.rule === "rhythm.asystole" && decision.kind !== "watched",
    );
    expect(begin).toMatchObject({ kind: "begin", priority: "high", onsetUs: Math.round(lastS * 1e6) });
    const delayS = ((begin as { timeUs: number }).timeUs - lastS * 1e6) / 1e6;
    expect(delayS).toBeGreaterThanOrEqual(4.4);
    expect(delayS).toBeLessThanOrEqual(5.4);
    expect(end).toMatchObject({ kind: "end", endUs: 40_200_000, timeUs: 51_000_000 });
    expect(decisions.flatMap((decision) => (decision.kind === "rhythm" ? [decision.label] : []))).toEqual(["(ASYS", "(N"]);
  }
});

test("a given contact counts as measured", () => {
  expect(told(scenario().signal(0, 40, { contactMeasured: "given" }).beats(0.5, 20, 0.8).run(40), ...arrest)).toHaveLength(1);
});

test("a blow to an electrode whose contact is only given delays it by the settling time; a measured contact is believed", () => {
  const blow = (contactMeasured: "given" | "measured", untilS: number) =>
    scenario()
      .signal(0, 20, { contactMeasured })
      .signal(20, 21, { contactMeasured, level: "poor" })
      .signal(21, untilS, { contactMeasured })
      .beats(0.5, 20, 0.8)
      .run(untilS);
  expect(told(blow("given", 30), ...arrest)).toEqual([]);
  expect(told(blow("given", 40), ...arrest)).toEqual(["rhythm.asystole high from 19.7 told 31 = 11.3"]);
  expect(told(blow("measured", 40), ...arrest)).toEqual(["rhythm.asystole high from 19.7 told 25 = 5.3"]);
});

test("poor templates do not gate it, but contact, saturation and noise do", () => {
  const flatWith = (more: object) => told(scenario().signal(0, 20).signal(20, 60, more).beats(0.5, 20, 0.8).run(60), ...arrest);
  expect(flatWith({ level: "poor" })).toHaveLength(1);
  expect(flatWith({ level: "bad", contact: "off" })).toEqual([]);
  expect(flatWith({ level: "poor", saturated: true })).toEqual([]);
  expect(flatWith({ level: "poor", noisy: true })).toEqual([]);
  expect(flatWith({ level: "bad", contact: "unknown" })).toEqual([]);
});

test("missing samples are unknown, never an arrest", () => {
  expect(told(scenario().signal(0, 20).beats(0.5, 20, 0.8).run(300))).toEqual([]);
  expect(told(scenario().signal(0, 20).gap(20, 50).signal(50, 80).beats(0.5, 20, 0.8).beats(50.3, 80, 0.8).run(80))).toEqual([]);
});

test("a flat line after contact returns is told once the sensor has settled", () => {
  const decisions = scenario().signal(0, 20).signal(20, 30, { contact: "off", level: "bad" }).signal(30, 60).beats(0.5, 20, 0.8).run(60);
  expect(told(decisions, "rhythm.asystole")).toEqual(["rhythm.asystole high from 30 told 40 = 10"]);
});

test("a single spike in a flat line neither ends nor repeats it", () => {
  const lines = told(scenario().signal(0, 80).beats(0.5, 20, 0.8).beat(33).run(80), ...arrest);
  expect(lines).toHaveLength(1);
});

test("a pulse or beats of another source contradict the flat trace", () => {
  const flat = scenario().signal(0, 60).beats(0.5, 20, 0.8);
  for (let s = 19; s < 60; s += 0.8) flat.life(s, "pulse");
  expect(told(flat.run(60), ...arrest)).toEqual([]);
  const second = scenario("patch", "ecg").signal(0, 60).beats(0.5, 60, 0.8);
  expect(told(scenario().signal(0, 60).beats(0.5, 20, 0.8).with(second).run(60), ...arrest)).toEqual([]);
});

test("when the pulse stops too, it is told", () => {
  const flat = scenario().signal(0, 60).beats(0.5, 20, 0.8);
  for (let s = 19; s < 30; s += 0.8) flat.life(s, "pulse");
  expect(told(flat.run(60), ...arrest)).toEqual(["rhythm.asystole high from 19.7 told 33 = 13.3"]);
});

test("without measured contact it is no-signal, after a look and a countdown of 15 s", () => {
  expect(told(scenario().signal(0, 60, none).beats(0.5, 20, 0.8).run(60), ...arrest)).toEqual([
    "rhythm.no-signal high from 19.7 told 40 = 20.3",
  ]);
});

test("signs of removal excuse the silence until beats have come back", () => {
  const off = scenario()
    .signal(0, 20, none)
    .signal(20, 21, { ...none, removal: true, level: "poor" })
    .signal(21, 200, none)
    .beats(0.5, 20, 0.8);
  expect(told(off.run(200), ...arrest)).toEqual([]);
  const again = scenario()
    .signal(0, 20, none)
    .signal(20, 21, { ...none, removal: true, level: "poor" })
    .signal(21, 120, none)
    .beats(0.5, 20, 0.8)
    .beats(30, 60, 0.8);
  expect(told(again.run(120), ...arrest)).toHaveLength(1);
});

test("movement starts the look anew, and beats or a removal end the alarm", () => {
  expect(told(scenario().signal(0, 60, none).beats(0.5, 20, 0.8).life(30, "movement").run(48), ...arrest)).toEqual([]);
  const back = scenario().signal(0, 80, none).beats(0.5, 20, 0.8).beats(50, 80, 0.8);
  expect(told(back.run(80), ...arrest)[1]).toMatch(/^rhythm.no-signal ended 50 /);
  const removed = scenario()
    .signal(0, 50, none)
    .signal(50, 51, { ...none, removal: true })
    .signal(51, 80, none)
    .beats(0.5, 20, 0.8);
  expect(told(removed.run(80), ...arrest)[1]).toBe("rhythm.no-signal ended 51 told 51");
});

test("asystole is watched where contact is known, no-signal where it is not", () => {
  const known = scenario().signal(0, 60).beats(0.5, 60, 0.8).run(60);
  expect([watchedS(known, "rhythm.asystole"), watchedS(known, "rhythm.no-signal")]).toEqual([49.75, 0]);
  const unknown = scenario().signal(0, 60, none).beats(0.5, 60, 0.8).run(60);
  expect([watchedS(unknown, "rhythm.asystole"), watchedS(unknown, "rhythm.no-signal")]).toEqual([0, 49.75]);
});
