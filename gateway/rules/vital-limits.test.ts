import { expect, test } from "vitest";
import type { VitalCode } from "../../device-drivers/contract/event.ts";
import type { Fact } from "../facts/fact.ts";
import { createRules, defaultProfile } from "./index.ts";
import type { RuleDecision, RuleProfile } from "./rule.ts";
import { scenario, told, us, watchedS } from "./testdata/scenario.ts";

type Value = number | undefined;
const base = { device: "clip", stream: "oxi" } as const;

/** One number a second from `fromS` on: a value, or none. */
function numbers(code: VitalCode, fromS: number, values: readonly Value[], everyS = 1): Fact[] {
  return values.map((value, i) => {
    const timeUs = us(fromS + (i + 1) * everyS);
    const given = value === undefined ? { without: "absent" as const } : { value };
    return {
      kind: "vital",
      ...base,
      code,
      channel: `${code}-1`,
      timeUs,
      unit: "%",
      freshUs: timeUs + Math.max(10e6, 2.5e6 * everyS),
      ...given,
    };
  });
}
const of = (value: Value, seconds: number): Value[] => Array.from({ length: seconds }, () => value);

function run(facts: readonly Fact[], untilS: number, profile: Partial<RuleProfile>, others = scenario()): RuleDecision[] {
  const rules = createRules({ ...defaultProfile, ...profile });
  const inputs = [...others.inputs(untilS), ...facts].sort(
    (a, b) => a.timeUs - b.timeUs || (a.kind === "tick" ? 1 : b.kind === "tick" ? -1 : 0),
  );
  return [...inputs.flatMap((input) => rules.push(input)), ...rules.flush()];
}

test("oxygen below the person's limit for 30 s is told, and ends after 30 s above it", () => {
  const facts = numbers("spo2", 0, [...of(95, 20), ...of(86, 60), ...of(93, 60)]);
  const decisions = run(facts, 140, { spo2LimitLowPct: 90 });
  expect(told(decisions, "spo2.low")).toEqual(["spo2.low medium from 21 told 51 = 86", "spo2.low ended 81 told 111"]);
  expect(decisions.find(({ kind }) => kind === "begin")).toMatchObject({
    unit: "%",
    limit: 90,
    device: "clip",
    // What its strip shows.
    stream: "oxi",
    channel: "spo2-1",
    cause: { stream: "oxi" },
  });
});

test("29 s below the limit, or one low number among good ones, are not told", () => {
  const short = numbers("spo2", 0, [...of(95, 20), ...of(86, 30), ...of(95, 60)]);
  const single = numbers("spo2", 0, [...of(95, 20), 60, ...of(95, 60), 60, ...of(95, 30)]);
  for (const facts of [short, single]) expect(told(run(facts, 120, { spo2LimitLowPct: 90 }), "spo2.low")).toEqual([]);
});

test("no value and missing data are unknown: they drop a pending delay and end nothing", () => {
  const without = numbers("spo2", 0, [...of(86, 25), undefined, ...of(86, 29)]);
  expect(told(run(without, 60, { spo2LimitLowPct: 90 }), "spo2.low")).toEqual([]);
  const hole = [...numbers("spo2", 0, of(86, 25)), ...numbers("spo2", 60, of(86, 25))];
  expect(told(run(hole, 100, { spo2LimitLowPct: 90 }), "spo2.low")).toEqual([]);
  const gone = numbers("spo2", 0, [...of(86, 40), ...of(undefined, 100)]);
  expect(told(run(gone, 150, { spo2LimitLowPct: 90 }), "spo2.low")).toEqual(["spo2.low medium from 1 told 31 = 86"]);
});

test("all limits are off until set, and each side and each vital sign switches alone", () => {
  const facts = [
    ...numbers("spo2", 0, of(70, 100)),
    ...numbers("temp", 0, of(40.1, 100)),
    ...numbers("resp", 0, of(4, 100)),
    ...numbers("hr", 0, of(170, 100)),
  ];
  const rules = (profile: Partial<RuleProfile>) => told(run(facts, 100, profile)).map((line) => line.split(" ")[0]);
  expect(rules({})).toEqual([]);
  expect(rules({ tempLimitLowCel: 35, respLimitHighPerMin: 30, hrLimitLowBpm: 50 })).toEqual([]);
  expect(rules({ tempLimitHighCel: 38 })).toEqual(["temp.limit-high"]);
  expect(rules({ respLimitLowPerMin: 8 })).toEqual(["resp.limit-low"]);
  expect(rules({ hrLimitHighBpm: 120 })).toEqual(["hr.limit-high"]);
});

test("beats and the device's own number are one condition: it ends when both say so, not when a number that errs does", () => {
  const ecg = scenario("clip").signal(0, 60).signal(60, 90, { level: "poor", noisy: true }).signal(90, 200);
  ecg.beats(0.4, 60, 0.46).beats(90.4, 150, 0.46).beats(150.4, 200, 0.75);
  const facts = numbers("hr", 0, [...of(130, 100), ...of(95, 100)]);
  const lines = told(run(facts, 200, { hrLimitHighBpm: 120 }, ecg), "hr.limit-high");
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/^hr\.limit-high ended 15\d/);
});

test("a number of a low rate is judged too: the second sample beyond the limit tells it", () => {
  const facts = numbers("temp", 0, [36.8, 38.4, 38.6, 38.9], 60);
  expect(told(run(facts, 250, { tempLimitHighCel: 38 }), "temp.limit-high")).toEqual(["temp.limit-high medium from 120 told 180 = 38.6"]);
});

test("while an ECG is awake its beats tell the heart rate, not another device's number", () => {
  const facts = numbers("hr", 0, of(170, 100));
  const ecg = scenario().signal(0, 100).beats(0.5, 100, 0.75);
  expect(told(run(facts, 100, { hrLimitHighBpm: 120 }, ecg), "hr.limit-high")).toEqual([]);
  const off = scenario().signal(0, 100, { contact: "off", level: "bad" });
  expect(told(run(facts, 100, { hrLimitHighBpm: 120 }, off), "hr.limit-high")).toHaveLength(1);
});

test("each number is a vital sign every 15 s with its source and time; none is told twice, none without a value, none that is old", () => {
  const decisions = run(numbers("spo2", 0, [...of(97, 20), ...of(undefined, 12), 96]), 120, {});
  const vitals = decisions.filter((decision) => decision.kind === "vital");
  expect(vitals).toEqual([{ kind: "vital", code: "spo2", ...base, timeUs: us(15), value: 97, unit: "%" }]);
  const late = run(numbers("spo2", 0, of(97, 44)), 120, {}).filter((decision) => decision.kind === "vital");
  expect(late.map(({ timeUs }) => timeUs / 1e6)).toEqual([15, 30, 44]);
});

test("a limit is watched while its number comes, and only where it is set", () => {
  const facts = numbers("spo2", 0, [...of(97, 60), ...of(undefined, 60)]);
  const decisions = run(facts, 120, { spo2LimitLowPct: 90 });
  expect(watchedS(decisions, "spo2.low")).toBeGreaterThan(55);
  expect(watchedS(decisions, "spo2.low")).toBeLessThan(65);
  expect(watchedS(run(facts, 120, {}), "spo2.low")).toBe(0);
  expect(createRules(defaultProfile).ids.some((id) => /^(spo2|temp|resp)\./.test(id))).toBe(false);
});

test("numbers make no ECG of their stream: nothing about heartbeats is watched or told by them", () => {
  const decisions = run(numbers("hr", 0, of(70, 120)), 120, {}, scenario("clip", "oxi").signal(0, 120));
  expect(told(decisions)).toEqual([]);
  const high = run(numbers("hr", 0, of(170, 120)), 120, { hrLimitHighBpm: 120 }, scenario("clip", "oxi").signal(0, 120));
  expect(told(high)).toHaveLength(1);
  expect(watchedS(decisions, "rhythm.asystole") + watchedS(decisions, "rhythm.no-signal")).toBe(0);
});

test("a restart in the middle changes no decision", () => {
  const inputs = [...scenario().inputs(140), ...numbers("spo2", 0, [...of(95, 20), ...of(86, 60), ...of(93, 60)])].sort(
    (a, b) => a.timeUs - b.timeUs,
  );
  const profile = { ...defaultProfile, spo2LimitLowPct: 90 };
  const whole = createRules(profile);
  const expected = inputs.flatMap((input) => whole.push(input));
  for (const at of [90, 250, 333, 500]) {
    const first = createRules(profile);
    const decided = inputs.slice(0, at).flatMap((input) => first.push(input));
    const second = createRules(profile, structuredClone(first.state()));
    expect([...decided, ...inputs.slice(at).flatMap((input) => second.push(input))]).toEqual(expected);
  }
});
