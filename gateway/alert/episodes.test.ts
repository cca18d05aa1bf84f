import { expect, test } from "vitest";
import type { AlertRecord, Priority } from "../../device-drivers/contract/event.ts";
import type { ConditionBegin } from "../rules/rule.ts";
import { createEpisodes } from "./episodes.ts";
import { recordOf } from "./lifecycle.ts";

const s = (seconds: number) => seconds * 1_000_000;
const nowUs = s(100_000);

function past(saved?: readonly AlertRecord[]) {
  let serial = 0;
  return createEpisodes((begin) => recordOf({ id: `e${++serial}`, person: "p1", mode: "real" }, begin), saved);
}

function begin(rule: string, atS: number, priority: Priority = "medium", more: Partial<ConditionBegin> = {}): ConditionBegin {
  return {
    ...{ kind: "begin", rule, device: "strap", stream: "ecg", priority, alertKind: "physiological", quality: "good" },
    ...{ onsetUs: s(atS - 2), timeUs: s(atS) },
    ...more,
  };
}
const end = (rule: string, atS: number) => ({ kind: "end", rule, device: "strap", endUs: s(atS), timeUs: s(atS) }) as const;
const update = (rule: string, atS: number, more: object) => ({ kind: "update", rule, device: "strap", timeUs: s(atS), ...more }) as const;

test("a condition of the past becomes one closed record a minute after it ended, and nobody is told", () => {
  const episodes = past();
  expect(episodes.decide(begin("hr.high", 100, "medium", { value: 160 }))).toMatchObject({
    id: "e1",
    state: "active",
    count: 1,
    value: 160,
  });
  expect(episodes.tick(s(500), nowUs)).toEqual([]);
  episodes.decide(end("hr.high", 500));
  expect(episodes.tick(s(560), nowUs)).toEqual([]);
  const closed = episodes.tick(s(561), nowUs);
  expect(closed).toHaveLength(1);
  expect(closed[0]).toMatchObject({
    ...{ why: "closed", notify: false, audit: { atUs: nowUs, detail: { past: true, rule: "hr.high" } } },
    alert: { id: "e1", state: "closed", endedUs: s(500), lastSeenUs: s(500), closeReason: "It was over before its data came." },
  });
  expect([episodes.tick(s(900), nowUs), episodes.state()]).toEqual([[], []]);
});

test("within a minute of its end it is the same episode: counted, with the worst value and the higher priority, and its end is taken back", () => {
  const episodes = past();
  episodes.decide(begin("hr.high", 100, "high", { value: 170 }));
  episodes.decide(end("hr.high", 120));
  expect(episodes.decide(begin("hr.high", 150, "medium", { value: 160 }))).toMatchObject({
    id: "e1",
    count: 2,
    value: 170,
    priority: "high",
  });
  expect(episodes.tick(s(400), nowUs)).toEqual([]);
  episodes.decide(begin("hr.low", 410, "medium"));
  episodes.decide(end("hr.low", 420));
  expect(episodes.decide(begin("hr.low", 430, "high"))).toMatchObject({ count: 2, priority: "high" });
});

test("later it is another one: the first is closed with the next tick, the second goes on by itself", () => {
  const episodes = past();
  episodes.decide(begin("hr.high", 100, "high", { value: 170 }));
  episodes.decide(end("hr.high", 120));
  expect(episodes.decide(begin("hr.high", 200, "medium", { value: 155 }))).toMatchObject({
    id: "e2",
    count: 1,
    value: 155,
    priority: "medium",
  });
  expect(episodes.state().map(({ id }) => id)).toEqual(["e1", "e2"]);
  expect(episodes.tick(s(201), nowUs).map(({ alert }) => [alert.id, alert.endedUs])).toEqual([["e1", s(120)]]);
  expect(episodes.state().map(({ id }) => id)).toEqual(["e2"]);
});

test("another device's or another rule's condition is another episode, and a covered one is none", () => {
  const episodes = past();
  episodes.decide(begin("hr.high", 100));
  expect(episodes.decide(begin("hr.high", 100, "medium", { device: "patch" }))?.id).toBe("e2");
  expect(episodes.decide(begin("rhythm.vt", 100))?.id).toBe("e3");
  expect(episodes.decide(begin("rhythm.pause", 100, "medium", { inhibitedBy: "device.lead-off" }))).toBeUndefined();
  expect(episodes.state()).toHaveLength(3);
});

test("while it holds it grows worse and never better; of one that is over nothing changes any more", () => {
  const episodes = past();
  episodes.decide(begin("hr.low", 100, "medium", { value: 38 }));
  expect(episodes.decide(update("hr.low", 110, { value: 30, priority: "high" }))).toBeUndefined();
  episodes.decide(update("hr.low", 120, { value: 35, priority: "low" }));
  episodes.decide(update("hr.low", 130, {}));
  expect(episodes.state()[0]).toMatchObject({ value: 30, priority: "high", lastSeenUs: s(130), device: "strap", count: 1 });
  episodes.decide(end("hr.low", 140));
  episodes.decide(update("hr.low", 145, { value: 20 }));
  episodes.decide(end("hr.low", 150));
  expect(episodes.state()[0]).toMatchObject({ value: 30, endedUs: s(140), lastSeenUs: s(140) });
  episodes.decide(begin("device.lead-off", 100));
  episodes.decide(update("device.lead-off", 130, {}));
  episodes.decide({ kind: "end", rule: "device.lead-off", device: "strap", endUs: s(120), timeUs: s(131) });
  expect(episodes.state()[1]).toMatchObject({ endedUs: s(120), lastSeenUs: s(130) });
  expect(episodes.state()[1]).not.toHaveProperty("value");
  episodes.decide(update("rhythm.vt", 150, { value: 1 }));
  episodes.decide(end("rhythm.vt", 150));
  expect(episodes.state()).toHaveLength(2);
});

test("where the past ends everything is closed: what still holds with that as the reason, and never before it began", () => {
  const episodes = past();
  episodes.decide(begin("rhythm.vt", 60, "high"));
  episodes.decide(end("rhythm.vt", 70));
  episodes.decide(begin("rhythm.vt", 200, "high"));
  episodes.decide(begin("hr.high", 100));
  episodes.decide(begin("hr.low", 302, "medium"));
  const closed = episodes.end(s(250), nowUs).map(({ alert }) => [alert.rule, alert.state, alert.endedUs, alert.closeReason]);
  const goesOn = "It still held where the live signal begins.";
  expect(closed).toEqual([
    ["rhythm.vt", "closed", s(70), "It was over before its data came."],
    ["rhythm.vt", "closed", s(250), goesOn],
    ["hr.high", "closed", s(250), goesOn],
    ["hr.low", "closed", s(300), goesOn],
  ]);
  expect([episodes.state(), episodes.end(s(260), nowUs)]).toEqual([[], []]);
});

test("a restart in the middle changes nothing", () => {
  const steps: ((episodes: ReturnType<typeof past>) => unknown)[] = [
    (episodes) => episodes.decide(begin("hr.high", 100, "medium", { value: 160 })),
    (episodes) => episodes.decide(end("hr.high", 120)),
    (episodes) => episodes.decide(begin("rhythm.vt", 130, "high")),
    (episodes) => episodes.decide(update("rhythm.vt", 140, { value: 190 })),
    (episodes) => episodes.decide(begin("hr.high", 150, "medium", { value: 155 })),
    (episodes) => episodes.decide(end("hr.high", 160)),
    (episodes) => episodes.tick(s(300), nowUs),
    (episodes) => episodes.end(s(310), nowUs),
  ];
  const whole = past();
  const uncut = steps.map((step) => step(whole));
  for (let cut = 3; cut <= steps.length; cut++) {
    const before = past();
    const head = steps.slice(0, cut).map((step) => step(before));
    const after = past(structuredClone(before.state()));
    expect([...head, ...steps.slice(cut).map((step) => step(after))]).toEqual(uncut);
  }
});
