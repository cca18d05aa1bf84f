import { expect, test } from "vitest";
import type { HeartRateFact, RateReading } from "../facts/heart-rate.ts";
import { heartRateView } from "./heart-rate-view.ts";

const reading = (device: string, bpm: number): RateReading => ({
  ...{ device, stream: "s", kind: "ecg", quality: "good", bpm, meanBpm: bpm, atUs: 8e6, freshUs: 13e6 },
});
const known = (more: Partial<HeartRateFact>): HeartRateFact => ({ kind: "heart-rate", timeUs: 9e6, sources: 1, ...more });

test("a rate is shown with its age and its source, and of a sensor that another wears by now it is nobody's", () => {
  const fact = known({ reading: reading("strap", 72.4) });
  expect(heartRateView(fact, () => true, 10e6)).toEqual({
    heartRateBpm: 72,
    heartRateAgeS: 2,
    heartRateSource: { device: "strap", stream: "s", kind: "ecg", quality: "good", freshUs: 13e6 },
  });
  expect(heartRateView(fact, (device) => device !== "strap", 10e6)).toEqual({});
  expect(heartRateView(undefined, () => true, 10e6)).toEqual({});
});

test("sensors that contradict each other are shown as long as this person wears both", () => {
  const between = [reading("strap", 72.4), reading("clip", 95)] as const;
  const fact = known({ disagreement: { sinceUs: 1, between } });
  const shown = heartRateView(fact, () => true, 10e6);
  expect(shown.heartRateBpm).toBeUndefined();
  expect(shown.heartRateDisagreement?.between.map(({ device, bpm }) => `${bpm} ${device}`)).toEqual(["72 strap", "95 clip"]);
  expect(heartRateView(fact, (device) => device !== "clip", 10e6)).toEqual({});
});
