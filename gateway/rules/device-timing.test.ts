import { expect, it } from "vitest";
import type { Fact } from "../facts/fact.ts";
import { deviceTiming } from "./device-timing.ts";
import { defaultProfile } from "./index.ts";
import { told, us } from "./testdata/scenario.ts";

type Said = { fault: "clock" | "index" } | { fault: "rate"; rateHz: number; nominalHz: number };

function run(said: readonly (Said & { atS: number; stream?: string })[], untilS: number) {
  const inputs: Fact[] = said.map(({ atS, stream = "ecg", ...fault }) => ({
    kind: "timing",
    device: "strap",
    stream,
    timeUs: us(atS),
    ...fault,
  }));
  for (let s = 0.25; s <= untilS; s += 0.25) inputs.push({ kind: "tick", timeUs: us(s) });
  let rule = deviceTiming.create(defaultProfile);
  return inputs
    .sort((a, b) => a.timeUs - b.timeUs)
    .flatMap((input) => {
      rule = deviceTiming.create(defaultProfile, structuredClone(rule.state()));
      return rule.push(input);
    });
}

it("a wrong clock is told at once and once, and ends when it has been right for two minutes", () => {
  expect(
    told(
      run(
        [
          { fault: "clock", atS: 10 },
          { fault: "clock", atS: 40 },
        ],
        200,
      ),
    ),
  ).toEqual(["device.clock low from 10 told 10", "device.clock ended 160 told 160"]);
});

it("wrong numbers end when they have been right for a minute", () => {
  expect(told(run([{ fault: "index", atS: 10 }], 100))).toEqual(["device.index low from 10 told 10", "device.index ended 70 told 70"]);
});

it("a wrong rate is told with the measured and the stated one when it has lasted, and ends when it is right", () => {
  const rate = (rateHz: number, atS: number) => ({ fault: "rate" as const, rateHz, nominalHz: 360, atS });
  expect(told(run([rate(306.2, 20), rate(306.4, 30), rate(360, 90)], 100))).toEqual([
    "device.rate low from 20 told 40 = 306",
    "device.rate ended 90 told 90",
  ]);
  expect(told(run([rate(306, 20), rate(360, 35)], 100))).toEqual([]);
  expect(told(run([rate(352, 20)], 100))).toEqual([]);
});

it("one device with two wrong streams is told once, and ends with the last of them", () => {
  expect(
    told(
      run(
        [
          { fault: "index", atS: 10 },
          { fault: "index", atS: 30, stream: "ppg" },
        ],
        120,
      ),
    ),
  ).toEqual(["device.index low from 10 told 10", "device.index ended 90 told 90"]);
});
