import { expect, test } from "vitest";
import { scenario, told, watchedS } from "./testdata/scenario.ts";

const unmeasured = { contact: "unknown", contactMeasured: "none" } as const;
const off = { level: "bad", contact: "off" } as const;
const arrests = ["rhythm.asystole", "rhythm.no-signal"];

/** Pulses at the finger, 0.3 s behind beats that are 0.8 s apart. */
function clip(pulsesToS: number, untilS: number, more: Parameters<ReturnType<typeof scenario>["signal"]>[2] = {}) {
  const on = scenario("clip", "ppg").signal(0, untilS, more);
  for (let s = 0.8; s < pulsesToS; s += 0.8) on.life(s, "pulse", { device: "clip" });
  return on;
}
const strap = (beatsToS: number, untilS: number, more = {}) => scenario().signal(0, untilS, more).beats(0.5, beatsToS, 0.8);

test("a standstill that the pulse shares says so", () => {
  const decisions = strap(100, 130).with(clip(100.5, 130)).run(130);
  const begin = decisions.find((each) => each.kind === "begin" && each.rule === "rhythm.asystole");
  expect(begin).toMatchObject({ device: "strap", cause: { code: "pulse.stopped" } });
  const alone = strap(100, 130)
    .run(130)
    .find((each) => each.kind === "begin" && each.rule === "rhythm.asystole");
  expect(alone).not.toHaveProperty("cause");
});

test("a strap that cannot tell its contact waits for nothing when the pulse of another sensor has stopped with it", () => {
  const decisions = strap(100, 140, unmeasured).with(clip(100.5, 140)).run(140);
  expect(told(decisions, ...arrests)).toEqual([expect.stringMatching(/^rhythm.asystole high from 99.\d+ told 10[45]/)]);
  expect(watchedS(decisions, "rhythm.asystole")).toBeGreaterThan(30);
  expect(told(strap(100, 140, unmeasured).run(140), ...arrests)).toEqual([
    expect.stringMatching(/^rhythm.no-signal high .* told 1(19|2\d)/),
  ]);
});

test("a pulse that stopped at another time, or whose sensor lost the finger, hurries nothing", () => {
  const before = strap(100, 112, unmeasured).with(clip(90, 112)).run(112);
  const lost = strap(100, 112, unmeasured)
    .with(scenario("clip", "ppg").signal(0, 100).signal(100, 112, off).with(clip(100.5, 0)))
    .run(112);
  expect([told(before, ...arrests), told(lost, ...arrests)]).toEqual([[], []]);
});

test("with the ECG off the pulse carries the watch on: no pulse for 4 s and the countdown, on a finger that is there", () => {
  const decisions = scenario().signal(0, 100).signal(100, 260, off).beats(0.5, 100, 0.8).with(clip(180, 260)).run(260);
  expect(told(decisions, ...arrests)).toEqual([expect.stringMatching(/^rhythm.no-signal high from 179.\d+ told 20[01]/)]);
  expect(decisions.find((each) => each.kind === "begin" && each.rule === "rhythm.no-signal")).toMatchObject({
    device: "clip",
    cause: { code: "device.pulse" },
  });
  expect(watchedS(decisions, "rhythm.no-signal")).toBeGreaterThan(150);
});

test.each([
  ["a finger that was taken out", { untilS: 180, after: off }],
  ["a sensor that cannot tell a finger from none", { untilS: 0, after: unmeasured }],
])("%s is no standstill, nor watched", (_name, { untilS, after }) => {
  const finger = scenario("clip", "ppg").signal(0, untilS).signal(untilS, 260, after).with(clip(180, 0));
  const decisions = scenario().signal(0, 100).signal(100, 260, { level: "bad", contact: "off" }).beats(0.5, 100, 0.8).with(finger).run(260);
  expect(told(decisions, ...arrests)).toEqual([]);
  if (untilS === 0) expect(watchedS(decisions, "rhythm.no-signal")).toBe(0);
});

test("a pulse that never went with this person's beats carries nothing on", () => {
  const decisions = scenario().signal(0, 260, off).with(clip(180, 260)).run(260);
  expect([told(decisions, ...arrests), watchedS(decisions, "rhythm.no-signal")]).toEqual([[], 0]);
});

test("it ends when pulses come back, and is not told beside a standstill that the ECG has told", () => {
  const back = clip(180, 300);
  for (let s = 220; s < 300; s += 0.8) back.life(s, "pulse", { device: "clip" });
  const lines = told(scenario().signal(0, 100).signal(100, 300, off).beats(0.5, 100, 0.8).with(back).run(300), ...arrests);
  expect(lines[1]).toMatch(/^rhythm.no-signal ended 22\d/);
  const both = scenario().signal(0, 120).signal(120, 300, off).beats(0.5, 100, 0.8).with(clip(100.5, 300)).run(300);
  expect(told(both, ...arrests)).toEqual([expect.stringMatching(/^rhythm.asystole high/)]);
});
