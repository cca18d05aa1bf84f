import { expect, test } from "vitest";
import { scenario, told, watchedS } from "./testdata/scenario.ts";

const off = { contact: "off", level: "bad" } as const;

test("lead-off is told after 10 s, low, becomes medium after 15 min, and ends 10 s after contact", () => {
  const decisions = scenario().signal(0, 20).signal(20, 1000, off).signal(1000, 1020).run(1020);
  expect(told(decisions, "device.lead-off")).toEqual(["device.lead-off low from 20 told 30", "device.lead-off ended 1000 told 1010"]);
  expect(decisions.filter(({ kind }) => kind === "update")).toEqual([
    { kind: "update", rule: "device.lead-off", device: "strap", timeUs: 920_000_000, priority: "medium" },
  ]);
});

test("9 s without contact, a single second, and a hole in the data tell nothing", () => {
  expect(told(scenario().signal(0, 20).signal(20, 29, off).signal(29, 60).run(60))).toEqual([]);
  expect(told(scenario().signal(0, 20).signal(20, 21, off).signal(21, 60).run(60))).toEqual([]);
  expect(told(scenario().signal(0, 20).signal(20, 25, off).run(120))).toEqual([]);
  expect(told(scenario().signal(0, 20).signal(20, 25, off).gap(25, 60).signal(60, 68, off).signal(68, 90).run(90))).toEqual([]);
});

test("two streams of one device that lose the skin are one condition", () => {
  const band = scenario("strap", "resp").signal(0, 20).signal(20, 45, off).signal(45, 80);
  const lines = told(scenario().signal(0, 20).signal(20, 40, off).signal(40, 80).with(band).run(80), "device.lead-off");
  expect(lines).toEqual(["device.lead-off low from 20 told 30", "device.lead-off ended 45 told 55"]);
});

test("a sensor without contact sensing is not watched for it", () => {
  expect(watchedS(scenario().signal(0, 60, { contactMeasured: "none", contact: "unknown" }).run(60), "device.lead-off")).toBe(0);
  expect(watchedS(scenario().signal(0, 60).run(60), "device.lead-off")).toBe(59.25);
});

test("signal quality is told after more than 5 min below good and ends after 1 min of good", () => {
  const poor = { level: "poor", noisy: true } as const;
  const decisions = scenario().signal(0, 20).signal(20, 400, poor).signal(400, 500).run(500);
  expect(told(decisions, "signal.quality")).toEqual(["signal.quality low from 20 told 321", "signal.quality ended 400 told 460"]);
  expect(told(scenario().signal(0, 20).signal(20, 320, poor).signal(320, 500).run(500))).toEqual([]);
  const blink = scenario().signal(0, 20).signal(20, 200, poor).signal(200, 201).signal(201, 400, poor).run(400);
  expect(told(blink)).toHaveLength(1);
});

test("a sensor that is off the skin has no signal quality to complain about", () => {
  expect(told(scenario().signal(0, 20).signal(20, 900, off).run(900), "signal.quality")).toEqual([]);
});

const beatless = { beatless: true } as const;
const unmeasured = { contactMeasured: "none", contact: "unknown" } as const;
const updates = (decisions: ReturnType<ReturnType<typeof scenario>["run"]>) =>
  decisions.flatMap((decision) => (decision.kind === "update" ? [`${decision.rule} ${decision.priority} ${decision.timeUs / 1e6}`] : []));

test("an ECG in which no heart is seen is told after 30 s, becomes medium after 2 min, and ends with the beats", () => {
  const decisions = scenario()
    .signal(0, 150, { ...unmeasured, ...beatless })
    .signal(150, 200, unmeasured)
    .run(200);
  expect(told(decisions)).toEqual(["signal.quality low from 0 told 30 = 30", "signal.quality ended 151 told 151"]);
  expect(updates(decisions)).toEqual(["signal.quality medium 120"]);
});

test("noise and a rail in between count as long as no heart is seen; samples that do not come are nobody's fault here", () => {
  const flat = { ...unmeasured, ...beatless };
  const hand = scenario();
  for (let s = 0; s < 40; s += 8)
    hand.signal(s, s + 4, flat).signal(s + 4, s + 8, { ...flat, level: "bad", contact: "unknown", saturated: true });
  expect(told(hand.run(40))).toEqual(["signal.quality low from 0 told 30 = 30"]);
  expect(
    told(
      scenario()
        .signal(0, 25, flat)
        .signal(25, 60, { ...flat, level: "bad" })
        .run(60),
    ),
  ).toEqual([]);
});

test("a sensor that says that it is off, or sends nothing any more, has its own alert", () => {
  const flat = { ...unmeasured, ...beatless };
  const lost = { contact: "off", level: "bad" } as const;
  const off = scenario()
    .signal(0, 40, flat)
    .signal(40, 60, { ...lost, ...beatless });
  expect(told(off.run(60), "signal.quality")).toEqual(["signal.quality low from 0 told 30 = 30", "signal.quality ended 41 told 41"]);
  expect(told(scenario().signal(0, 40, flat).run(110), "signal.quality")[1]).toBe("signal.quality ended 100.25 told 100.25");
});

test("an arrest covers it, and when the strap proves to be off it is told as bad as it has become", () => {
  const flat = scenario().signal(0, 20, unmeasured).beats(0.5, 20, 0.8).signal(20, 30, unmeasured);
  const decisions = flat
    .signal(30, 200, { ...unmeasured, ...beatless })
    .signal(200, 201, { ...unmeasured, ...beatless, removal: true })
    .run(201);
  expect(told(decisions, "signal.quality", "rhythm.no-signal")).toEqual([
    "rhythm.no-signal high from 19.7 told 40 = 20.3",
    "signal.quality low from 30 told 60 = 30 (by rhythm.no-signal)",
    "rhythm.no-signal ended 201 told 201",
    "signal.quality medium from 30 told 201 = 120",
  ]);
});

test("five minutes of poor signal without a beat are one alert, which becomes medium", () => {
  const poor = { level: "poor", noisy: true } as const;
  const noise = scenario()
    .signal(0, 200, poor)
    .signal(200, 500, { ...poor, ...beatless })
    .run(500);
  expect(told(noise, "signal.quality")).toEqual(["signal.quality low from 200 told 230 = 30"]);
  const late = scenario()
    .signal(0, 310, poor)
    .signal(310, 500, { ...poor, ...beatless })
    .run(500);
  expect(told(late, "signal.quality")).toEqual(["signal.quality low from 0 told 301"]);
  expect(updates(late)).toEqual(["signal.quality medium 430"]);
});

test("what nobody saw was not poor: behind a long hole the five minutes begin anew, behind a short one they go on", () => {
  const poor = { level: "poor", noisy: true } as const;
  const holed = (holeS: number) =>
    told(
      scenario()
        .signal(0, 20)
        .signal(20, 200, poor)
        .gap(200, 200 + holeS)
        .signal(200 + holeS, 400, poor)
        .run(400),
      "signal.quality",
    );
  expect([holed(30), holed(1).length]).toEqual([[], 1]);
});
