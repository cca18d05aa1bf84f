import { expect, test } from "vitest";
import type { AlertLog } from "./alert-log.ts";
import { createLiveState } from "./live-state.ts";

const startedUs = 1_000_000_000;
const at = (s: number) => startedUs + s * 1_000_000;

test("watched time counts to this moment and from the start of the process, told or not", () => {
  const liveState = createLiveState(startedUs, {} as AlertLog);
  const open = new Map([["rhythm.vt", { fromUs: at(-20), toUs: at(5) }]]);
  const tick = (s: number) => liveState.fact("person-a", { kind: "tick", timeUs: at(s) }, open);
  tick(5);
  expect(liveState.person("person-a").watchedS).toEqual({ "rhythm.vt": 5 });
  open.set("rhythm.vt", { fromUs: at(-20), toUs: at(40) });
  expect(liveState.person("person-a").watchedS).toEqual({ "rhythm.vt": 40 });
  open.clear();
  liveState.events("person-a", [{ kind: "watched", rule: "rhythm.vt", fromUs: at(-20), toUs: at(40) }]);
  expect(liveState.person("person-a").watchedS).toEqual({ "rhythm.vt": 40 });
  open.set("rhythm.vt", { fromUs: at(60), toUs: at(62) });
  expect(liveState.person("person-a").watchedS).toEqual({ "rhythm.vt": 42 });
  expect(liveState.person("person-b").watchedS).toEqual({});
});

test("an ECG in which no heart is seen, or looked for, is not shown as a good signal", () => {
  const liveState = createLiveState(startedUs, {} as AlertLog);
  const channels = [{ id: "II", kind: "ecg" as const, unit: "mV", scale: 1, offset: 0 }];
  const descriptor = { device: "strap", stream: "ecg", rateHz: 250, channels, sentinels: [], contact: "none" as const };
  const second = { bootId: "boot", firstIndex: 0, count: 250, startUs: at(0), arrivalUs: at(1), channels: [new Float32Array(250)] };
  liveState.placed("person-a", descriptor, { kind: "samples", ...second });
  const judged = { kind: "quality", device: "strap", stream: "ecg", contact: "unknown", contactMeasured: "none" } as const;
  const marks = { saturated: false, flat: true, noisy: false, removal: false };
  const shown = (level: "good" | "poor", beatless?: boolean) => {
    const seen = beatless === undefined ? {} : { beatless };
    liveState.fact("person-a", { ...judged, ...marks, timeUs: at(1), level, ...seen }, new Map());
    return [liveState.person("person-a").quality, liveState.streams()[0]?.quality];
  };
  expect(shown("good", true)).toEqual(["unknown", "unknown"]);
  expect(shown("good", false)).toEqual(["good", "good"]);
  expect(shown("poor", true)).toEqual(["poor", "poor"]);
  // At a rate at which nothing looks for beats.
  expect(shown("good")).toEqual(["unknown", "unknown"]);
});
