import { expect, test } from "vitest";
import { heartRate } from "./heart-rate.ts";
import { defaultProfile } from "./index.ts";
import { scenario, told, watchedS } from "./testdata/scenario.ts";

const high = "hr.high";

test("a 60-s mean over 150 bpm for 60 s is told, and ends 10 s after it is 5 bpm below", () => {
  const decisions = scenario()
    .signal(0, 400)
    .beats(0.5, 100, 0.75)
    .beats(100, 300, 60 / 170)
    .beats(300, 400, 0.75)
    .run(400);
  const lines = told(decisions, high);
  expect(lines).toHaveLength(2);
  const begin = decisions.find((decision) => decision.kind === "begin" && decision.rule === high);
  if (begin?.kind !== "begin") throw new Error("not told");
  expect(begin).toMatchObject({ priority: "medium", unit: "bpm", limit: 150 });
  // The mean RR of 60 s crosses 400 ms when 133 beats at 353 ms and 18 at 750 ms fill it: 47 s after the change.
  expect(begin.onsetUs / 1e6).toBeGreaterThan(145);
  expect(begin.onsetUs / 1e6).toBeLessThan(149);
  expect(begin.timeUs - begin.onsetUs).toBe(60_000_000);
  const end = decisions.find((decision) => decision.kind === "end" && decision.rule === high);
  if (end?.kind !== "end") throw new Error("not ended");
  expect(end.timeUs - end.endUs).toBe(10_000_000);
  expect(end.endUs / 1e6).toBeGreaterThan(303);
});

test("59 s beyond the limit are not told", () => {
  // 60 s at 170 bpm keep the mean above the limit for about 26 s.
  expect(
    told(
      scenario()
        .signal(0, 400)
        .beats(0.5, 100, 0.75)
        .beats(100, 160, 60 / 170)
        .beats(160, 400, 0.75)
        .run(400),
    ),
  ).toEqual([]);
});

test("a low rate is told the same way", () => {
  const lines = told(scenario().signal(0, 260).beats(0.5, 260, 1.6).run(260));
  expect(lines).toEqual([expect.stringMatching(/^hr.low medium from \d+ told \d+ = 38$/)]);
});

test("own limits are off until set; each side switches alone, with its 10 s", () => {
  const signal = () => scenario().signal(0, 120).beats(0.5, 60, 0.75).beats(60.2, 120, 0.5);
  expect(told(signal().run(120))).toEqual([]);
  expect(told(signal().run(120, { hrLimitLowBpm: 50 }))).toEqual([]);
  const [line] = told(signal().run(120, { hrLimitHighBpm: 110 }));
  expect(line).toMatch(/^hr.limit-high medium from 6[6-9] told 7[6-9] = /);
});

test("single outliers move no mean over a limit", () => {
  const odd = scenario().signal(0, 200).beats(0.5, 100, 0.75).beat(100.1).beats(100.75, 200, 0.75);
  expect(told(odd.run(200, { hrLimitHighBpm: 90, hrLimitLowBpm: 70 }))).toEqual([]);
});

test("missing data and poor signal make the rate unknown, drop a pending delay and tell no vital sign", () => {
  const lost = scenario()
    .signal(0, 150)
    .beats(0.5, 150, 60 / 170)
    .gap(150, 180)
    .signal(180, 240)
    .beats(180.1, 240, 60 / 170);
  const whole = scenario()
    .signal(0, 240)
    .beats(0.5, 240, 60 / 170);
  expect(told(whole.run(122), high)).toHaveLength(1);
  expect(
    told(
      scenario()
        .signal(0, 100)
        .beats(0.5, 100, 60 / 170)
        .gap(100, 130)
        .signal(130, 200)
        .beats(130.1, 200, 60 / 170)
        .run(200),
      high,
    ),
  ).toEqual([]);
  const decisions = lost.run(240);
  expect(told(decisions, high)).toHaveLength(1);
  const silent = decisions.filter(
    (decision) => decision.kind === "vital" && decision.timeUs > 155_500_000 && decision.timeUs < 190_000_000,
  );
  expect(silent).toEqual([]);
  const poor = scenario()
    .signal(0, 200, { level: "poor" })
    .beats(0.5, 200, 60 / 170)
    .run(200);
  expect(told(poor)).toEqual([]);
  expect(watchedS(poor, "hr.high")).toBe(0);
});

test("without contact there is no rate, whatever the detector finds", () => {
  const off = scenario()
    .signal(0, 200, { contact: "off" })
    .beats(0.5, 200, 60 / 170)
    .run(200);
  expect(off.filter(({ kind }) => kind === "vital")).toEqual([]);
  expect(told(off, high)).toEqual([]);
});

test("the vital sign comes every 15 s, of the last 15 s", () => {
  const decisions = scenario().signal(0, 91).beats(0.5, 91, 0.75).run(91);
  const vitals = decisions.filter((decision) => decision.kind === "vital");
  expect(vitals.map(({ timeUs, value }) => [timeUs / 1e6, value])).toEqual([30, 45, 60, 75, 90].map((s) => [s, 80]));
  expect(watchedS(decisions, "hr.high")).toBeGreaterThan(30);
});

test("two ECGs of one person tell one condition, and the second goes on with it where the first falls silent", () => {
  const fast = 60 / 170;
  const first = scenario("strap").signal(0, 240).beats(0.5, 240, fast);
  const second = scenario("patch").signal(0, 400).beats(0.6, 300, fast).beats(300, 400, 0.75);
  const decisions = first.with(second).run(400);
  const lines = told(decisions, high);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/^hr.high ended 31\d/);
  expect(decisions.find(({ kind }) => kind === "end")).toMatchObject({ device: "strap" });
});

test("a limit that a version with one for each stream held goes on, and ends for every device that it was told of", () => {
  const facts = (device: string) => ({
    device,
    stream: "ecg",
    level: "good",
    contact: "on",
    contactMeasured: "measured",
    judgedUs: 99e6,
    settledUs: 10e6,
    goodSinceUs: 0,
    clearSinceUs: 0,
    gapEndUs: 0,
    hasBeats: true,
    beatless: false,
    putOnUs: 0,
  });
  const lane = (worst?: number) => ({
    endUs: [],
    rrMs: [],
    limits: [[high, { crossedUs: 0, active: worst === undefined ? undefined : { worst, backUs: undefined } }]],
  });
  const saved = {
    gate: [facts("strap"), facts("patch")],
    lanes: [
      ["strap/ecg", lane(170)],
      ["patch/ecg", lane(165)],
    ],
  };
  const rule = heartRate.create(defaultProfile, structuredClone(saved));
  const inputs = scenario("strap").signal(99, 200).beats(99.5, 200, 0.75).inputs(200);
  const ends = inputs.flatMap((input) => rule.push(input)).flatMap((each) => (each.kind === "end" ? [each.device] : []));
  expect(ends).toEqual(["strap", "patch"]);
});
