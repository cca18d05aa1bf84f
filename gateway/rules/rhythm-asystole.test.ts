import { expect, test } from "vitest";
import { createRules, defaultProfile } from "./index.ts";
import { scenario, told, watchedS } from "./testdata/scenario.ts";

const arrest = ["rhythm.asystole", "rhythm.no-signal"];
const none = { contactMeasured: "none", contact: "unknown" } as const;
const beatless = { beatless: true } as const;

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

/** 70 s of beats and then none, with pulses 0.25 s behind the beats and on at their pace. */
const withPulses = (toS: number, of: (n: number) => number = (n) => 0.75 + 0.8 * n) => {
  const flat = scenario().signal(0, 120).beats(0.5, 70, 0.8);
  for (let n = 0; of(n) < toS; n++) flat.life(of(n), "pulse");
  return flat;
};

test("a pulse that has gone with the beats for a minute contradicts the flat trace; so do beats of another ECG", () => {
  expect(told(withPulses(120).run(120), ...arrest)).toEqual([]);
  const second = scenario("patch", "ecg").signal(0, 120).beats(0.5, 120, 0.8);
  expect(told(scenario().signal(0, 120).beats(0.5, 70, 0.8).with(second).run(120), ...arrest)).toEqual([]);
});

test("when the pulse stops with the beats, or soon after them, it is told in time; once it has outlived them, 10 s after it", () => {
  expect(told(withPulses(70).run(120), ...arrest)).toEqual(["rhythm.asystole high from 69.3 told 74 = 4.7"]);
  expect(told(withPulses(73).run(120), ...arrest)).toEqual(["rhythm.asystole high from 69.3 told 76 = 6.7"]);
  expect(told(withPulses(80).run(120), ...arrest)).toEqual(["rhythm.asystole high from 69.3 told 90 = 20.7"]);
});

test("a pulse that has outlived the ECG may lose strokes in movement for less than 10 s", () => {
  const moved = withPulses(80);
  for (let s = 87.55; s < 120; s += 0.8) moved.life(s, "pulse");
  expect(told(moved.run(120), ...arrest)).toEqual([]);
});

test("a pulse that has not gone with the beats before says nothing", () => {
  const inTime = ["rhythm.asystole high from 69.3 told 74 = 4.7"];
  const silent = scenario().signal(0, 120).beats(0.5, 70, 0.8);
  for (let s = 69; s < 120; s += 0.8) silent.life(s, "pulse");
  expect(told(silent.run(120), ...arrest)).toEqual(inTime);
  expect(told(withPulses(120, (n) => 0.5 + n).run(120), ...arrest)).toEqual(inTime);
  const lateOn = withPulses(120, (n) => 40.75 + 0.8 * n);
  expect(told(lateOn.run(120), ...arrest)).toEqual(inTime);
  const strangers = scenario("patch", "ecg").signal(0, 120).beats(0.2, 120, 0.93);
  expect(told(scenario().signal(0, 120).beats(0.5, 70, 0.8).with(strangers).run(120), "rhythm.asystole")).toEqual(inTime);
});

test("what is left of a pulse when it has become a third as high, or keeps another time, says nothing", () => {
  const fading = withPulses(70.5);
  for (let s = 71; s < 120; s += 0.8) fading.life(s, "pulse", { amplitude: 30 });
  expect(told(fading.run(120), ...arrest)).toHaveLength(1);
  const hasty = withPulses(70.5);
  for (let s = 71; s < 120; s += 0.3) hasty.life(s, "pulse");
  expect(told(hasty.run(120), ...arrest)).toHaveLength(1);
});

test("belief outlasts a restart, and a state of the time before it begins without", () => {
  const inputs = withPulses(120).inputs(120);
  const rulesOf = (state?: unknown) => createRules(defaultProfile, state);
  const first = rulesOf();
  for (const input of inputs.slice(0, 900)) first.push(input);
  const rest = (state: unknown) => {
    const rules = rulesOf(state);
    return told(
      inputs.slice(900).flatMap((input) => rules.push(input)),
      ...arrest,
    );
  };
  const state = structuredClone(first.state()) as { families: Record<string, Record<string, unknown>> };
  expect(rest(state)).toEqual([]);
  const old = structuredClone(state);
  const { life: _, ...asystole } = old.families["rhythm-asystole"] ?? {};
  old.families["rhythm-asystole"] = { ...asystole, pulses: [] };
  expect(rest(old)).toHaveLength(1);
});

test("a sensor on the skin that is silent from its first sample is told after 15 s; one that may lie on a table is not", () => {
  expect(told(scenario().signal(0, 60, beatless).run(60), ...arrest)).toEqual(["rhythm.asystole high from 0 told 14 = 14"]);
  expect(
    told(
      scenario()
        .signal(0, 600, { ...none, ...beatless })
        .run(600),
      ...arrest,
    ),
  ).toEqual([]);
  const noisy = scenario()
    .signal(0, 12, { ...beatless, noisy: true, level: "poor" })
    .signal(12, 22, beatless)
    .signal(22, 60)
    .beats(21, 60, 0.8);
  expect(told(noisy.run(60), ...arrest)).toEqual([]);
});

test("beats of another ECG speak for a sensor that has never shown any", () => {
  const first = scenario("patch", "ecg").signal(0, 60).beats(0.5, 60, 0.8);
  expect(told(scenario().signal(10, 60, beatless).with(first).run(60), ...arrest)).toEqual([]);
});

test("a strap without contact sensing that was away for two minutes has to show a beat before its silence means anything", () => {
  const away = (toS: number) => scenario().signal(0, 40, none).beats(0.5, 40, 0.8).gap(40, toS).signal(toS, 300, none);
  expect(told(away(100).run(300), ...arrest)).toHaveLength(1);
  expect(told(away(170).run(300), ...arrest)).toEqual([]);
  expect(told(away(170).beats(180, 200, 0.8).run(300), ...arrest)).toEqual(["rhythm.no-signal high from 199.2 told 219 = 19.8"]);
  const unheard = scenario().signal(0, 40, none).beats(0.5, 40, 0.8).signal(170, 300, none);
  expect(told(unheard.run(300), ...arrest)).toEqual([]);
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

test("a turn of a body that has turned while beats were seen starts the look anew; any other movement does not", () => {
  const still = scenario().signal(0, 60, none).beats(0.5, 20, 0.8).life(30, "movement");
  expect(told(still.run(60), ...arrest)).toEqual(["rhythm.no-signal high from 19.7 told 40 = 20.3"]);
  const turned = scenario().signal(0, 60, none).beats(0.5, 20, 0.8).life(15, "movement").life(30, "movement");
  expect(told(turned.run(60), ...arrest)).toEqual(["rhythm.no-signal high from 19.7 told 50 = 30.3"]);
  const another = scenario().signal(0, 60, none).beats(0.5, 20, 0.8).life(15, "movement").life(30, "movement", { device: "watch" });
  expect(told(another.run(60), ...arrest)).toEqual(["rhythm.no-signal high from 19.7 told 40 = 20.3"]);
});

test("beats or a removal end the alarm", () => {
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

test("nothing is watched through a strap that has shown no beat, or that was taken off", () => {
  const never = scenario()
    .signal(0, 300, { ...none, ...beatless })
    .run(300);
  for (const rule of [...arrest, "rhythm.pause", "rhythm.vt", "hr.low", "hr.high"]) expect(watchedS(never, rule)).toBe(0);
  const off = scenario()
    .signal(0, 30, none)
    .signal(30, 31, { ...none, removal: true, level: "poor" })
    .signal(31, 41, none)
    .signal(41, 300, { ...none, ...beatless })
    .beats(0.5, 30, 0.8)
    .run(300);
  expect(watchedS(off, "rhythm.no-signal")).toBeLessThan(22);
  for (const rule of ["rhythm.pause", "rhythm.vt"]) expect(watchedS(off, rule)).toBeLessThan(32);
});
