import { expect, test } from "vitest";
import { numbersOf, pulseOf, scenario, told, watchedS } from "./testdata/scenario.ts";

const high = "hr.high";
const off = { level: "bad", contact: "off" } as const;

test("a high rate by the pulse is told where no ECG knows it, from which sensor, and ends by the pulse", () => {
  const decisions = scenario()
    .with(pulseOf("clip", 0, 240, 60 / 170))
    .with(pulseOf("clip", 240, 400, 0.75))
    .run(400);
  const [begin, end] = told(decisions, high);
  expect(begin).toMatch(/^hr.high medium from \d+ told \d+ = 170$/);
  expect(end).toMatch(/^hr.high ended 2[4-6]\d/);
  expect(decisions.find(({ kind }) => kind === "begin")).toMatchObject({
    device: "clip",
    stream: "ppg",
    channel: "ir",
    cause: { code: "device.pulse" },
  });
  expect(watchedS(decisions, high)).toBeGreaterThan(340);
});

test("a pulse of doubtful quality begins nothing and watches nothing", () => {
  const decisions = scenario()
    .with(pulseOf("clip", 0, 300, 60 / 170, 0.7))
    .run(300);
  expect(told(decisions)).toEqual([]);
  expect(watchedS(decisions, high)).toBe(0);
});

test("while an ECG knows the rate the pulse begins nothing, however fast it is", () => {
  const strap = scenario().signal(0, 300).beats(0.5, 300, 0.75);
  expect(told(strap.with(pulseOf("clip", 0, 300, 60 / 170)).run(300), high)).toEqual([]);
});

test("one condition is begun by the ECG, goes on by the pulse when the ECG falls silent, and ends once", () => {
  const fast = 60 / 170;
  const strap = scenario().signal(0, 200).beats(0.5, 200, fast).signal(200, 500, off);
  const clip = pulseOf("clip", 0, 350, fast).with(pulseOf("clip", 350, 500, 0.75));
  const decisions = strap.with(clip).run(500, { hrLimitHighBpm: 120 });
  for (const rule of [high, "hr.limit-high"]) {
    const lines = told(decisions, rule);
    expect(lines).toHaveLength(2);
    expect(Number(/ended (\d+)/.exec(lines[1] ?? "")?.[1])).toBeGreaterThan(350);
  }
  const ends = decisions.flatMap((each) => (each.kind === "end" && each.rule === high ? [each.device] : []));
  expect(ends).toEqual(["strap"]);
});

test("a device's own number begins nothing beside a good pulse, and one that began goes on as the same condition", () => {
  const beside = scenario()
    .with(pulseOf("clip", 0, 200, 0.75))
    .with(numbersOf("watch", 0, 200, 140));
  expect(told(beside.run(200, { hrLimitHighBpm: 120 }), "hr.limit-high")).toEqual([]);
  const later = numbersOf("watch", 0, 100, 140)
    .with(numbersOf("watch", 100, 200, 80))
    .with(pulseOf("clip", 60, 150, 60 / 140))
    .with(pulseOf("clip", 150, 240, 0.75));
  const decisions = scenario().with(later).run(240, { hrLimitHighBpm: 120 });
  expect(told(decisions, "hr.limit-high")).toHaveLength(2);
  expect(decisions.find(({ kind }) => kind === "end")).toMatchObject({ device: "watch" });
});

test("the one heart rate goes on by the pulse as a vital sign of its own", () => {
  const strap = scenario().signal(0, 100).beats(0.5, 100, 0.75).signal(100, 200, off);
  const decisions = strap.with(pulseOf("clip", 0, 200, 0.72)).run(200);
  const own = decisions.flatMap((each) =>
    each.kind === "vital" && each.device === undefined ? [`${each.timeUs / 1e6}: ${each.value}`] : [],
  );
  expect(own).toContain("90: 80");
  expect(own).toContain("120: 83");
  expect(own).toContain("195: 83");
});
