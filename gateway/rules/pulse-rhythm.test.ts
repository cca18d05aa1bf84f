import { expect, test } from "vitest";
import { pulseOf, scenario, told, watchedS } from "./testdata/scenario.ts";

const rule = "pulse.irregular";
/** Fixed numbers without rhythm, as in atrial fibrillation. */
const uneven = Array.from({ length: 211 }, (_, i) => 0.55 + ((0.55 * (((Math.sin(i * 12.9898) * 43758.5453) % 1) + 1)) % 0.55));

test("a pulse without rhythm is told once after more than a minute, low, and ends when it has been steady for a minute", () => {
  const decisions = scenario()
    .with(pulseOf("clip", 0, 100, 0.8))
    .with(pulseOf("clip", 100, 300, uneven))
    .with(pulseOf("clip", 300, 500, 0.8))
    .run(500);
  const [begin, end, ...more] = told(decisions);
  expect(more).toEqual([]);
  expect(begin).toMatch(/^pulse.irregular low from 1[2-4]\d told 1[5-8]\d$/);
  expect(end).toMatch(/^pulse.irregular ended 3[2-4]\d told (3[89]|40)\d$/);
  expect(decisions.find(({ kind }) => kind === "begin")).toMatchObject({ device: "clip", cause: { code: "device.pulse" } });
});

test.each([
  ["a steady pulse", [0.8]],
  ["breathing that moves the rate", Array.from({ length: 12 }, (_, i) => 0.85 + 0.12 * Math.sin((2 * Math.PI * i) / 12))],
  ["every third beat early", [0.8, 0.55, 1.05]],
  ["every second beat early", [0.6, 1.0]],
  ["single early beats that do not reach the finger", [0.8, 0.8, 0.8, 1.6, 0.8, 0.8]],
])("%s is not irregular", (_name, row) => {
  const decisions = scenario()
    .with(pulseOf("clip", 0, 400, row))
    .run(400);
  expect(told(decisions, rule)).toEqual([]);
  expect(watchedS(decisions, rule)).toBeGreaterThan(300);
});

test("a good ECG that is regular says that the irregularity is the sensor's; one that is irregular too does not", () => {
  const ecg = (rr: number | undefined) => {
    const strap = scenario().signal(0, 300);
    if (rr !== undefined) return strap.beats(0.5, 300, rr);
    let s = 0.5;
    for (let i = 0; s < 300; i++) {
      strap.beat(s);
      s += uneven[i % uneven.length] ?? 1;
    }
    return strap;
  };
  expect(
    told(
      ecg(0.8)
        .with(pulseOf("clip", 0, 300, uneven))
        .run(300),
      rule,
    ),
  ).toEqual([]);
  expect(
    told(
      ecg(undefined)
        .with(pulseOf("clip", 0, 300, uneven))
        .run(300),
      rule,
    ),
  ).toHaveLength(1);
});

test("doubtful pulses and a minute of which too little is known are neither irregular nor watched", () => {
  const doubtful = scenario()
    .with(pulseOf("clip", 0, 300, uneven, 0.7))
    .run(300);
  expect([told(doubtful), watchedS(doubtful, rule)]).toEqual([[], 0]);
  const short = scenario();
  for (let s = 0; s < 300; s += 60) short.with(pulseOf("clip", s, s + 30, uneven));
  const decisions = short.run(300);
  expect([told(decisions, rule), watchedS(decisions, rule)]).toEqual([[], 0]);
});

test("a pause of the pulse is told where no ECG is awake, and only between steady pulses", () => {
  const paused = [0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 3.4, 0.8];
  const lines = told(
    scenario()
      .with(pulseOf("clip", 0, 13, paused))
      .run(40),
  );
  expect(lines).toEqual(["pulse.pause low from 5.6 told 11.2 = 3.4", "pulse.pause ended 9 told 11.2"]);
  expect(
    told(
      scenario()
        .with(pulseOf("clip", 0, 13, paused, 0.85))
        .run(40),
    ),
  ).toEqual([]);
  const unsteady = [0.8, 0.8, 0.8, 0.8, 0.8, 0.5, 1.1, 3.4, 0.8];
  expect(
    told(
      scenario()
        .with(pulseOf("clip", 0, 13, unsteady))
        .run(40),
    ),
  ).toEqual([]);
  const strap = scenario().signal(0, 60).beats(0.5, 60, 0.8);
  expect(told(strap.with(pulseOf("clip", 14, 27, paused)).run(60))).toEqual([]);
});

test("pulses beside which a sensor was shaken are neither irregular nor watched", () => {
  const moving = scenario().with(pulseOf("clip", 0, 300, uneven));
  for (let s = 1; s <= 300; s++)
    moving.items.push({ atUs: s * 1e6, rank: 0, input: { kind: "shaken", device: "band", stream: "imu", timeUs: s * 1e6, rmsG: 0.3 } });
  const decisions = moving.run(300);
  expect([told(decisions), watchedS(decisions, rule)]).toEqual([[], 0]);
});
