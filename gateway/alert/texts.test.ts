import { expect, test } from "vitest";
import type { AlertRecord, SpokeAgain } from "../../device-drivers/contract/event.ts";
import { createRules, defaultProfile } from "../rules/index.ts";
import { technicalRules } from "./technical.ts";
import { catalogue, noLongerWorn, renderAlert, renderClear, renderClosed, renderRejected, renderTaken } from "./texts.ts";

const raised = [
  ...createRules({
    ...{ ...defaultProfile, hrLimitHighBpm: 120, hrLimitLowBpm: 50, spo2LimitLowPct: 90 },
    ...{ tempLimitHighCel: 38, tempLimitLowCel: 35, respLimitHighPerMin: 30, respLimitLowPerMin: 8 },
  }).ids,
  ...Object.keys(technicalRules),
  "data.missing",
];
const slots = { person: "Person A", device: "Chest strap", clock: (timeUs: number) => `${timeUs / 1e6} s`, nowUs: 70_000_000 };

function alert(rule: string, more: Partial<AlertRecord> = {}): AlertRecord {
  const times = { onsetUs: 60_000_000, raisedUs: 62_000_000, lastSeenUs: 66_000_000 };
  const base = {
    id: "a1",
    person: "p1",
    rule,
    device: "strap",
    priority: "high",
    kind: "physiological",
    state: "active",
    mode: "real",
    count: 1,
    quality: "good",
  } as const;
  return { ...base, ...times, value: 156, unit: "bpm", limit: 150, snoozes: [], deliveries: [], ...more };
}

test("every rule that can be raised has its texts", () => {
  expect(raised.length).toBeGreaterThan(15);
  expect(raised.filter((rule) => catalogue[rule] === undefined)).toEqual([]);
});

test("every text renders without an empty slot, with a title of at most 160 characters", () => {
  const bare = (rule: string) => {
    const { value: _v, unit: _u, limit: _l, ...rest } = alert(rule);
    return rest;
  };
  for (const rule of Object.keys(catalogue)) {
    for (const each of [
      alert(rule),
      bare(rule),
      alert(rule, { mode: "demo", quality: "unknown", acknowledgedBy: "Person B", acknowledgedAtUs: 65_000_000 }),
    ]) {
      for (const { title, body, lock } of [renderAlert(each, slots), renderClear(each, slots), renderTaken(each, slots)]) {
        expect(`${title} ${body} ${lock}`).not.toMatch(/undefined|NaN|null|\[object|\{|\}| {2}/);
        expect(title.length).toBeGreaterThan(5);
        expect(body.length).toBeGreaterThan(5);
        expect(title.length).toBeLessThanOrEqual(160);
        expect(`${title} ${body}`).not.toMatch(/\bnormal\b/i);
        expect(lock).not.toMatch(/Person|156/);
      }
    }
  }
});

test("an alert says who, what, value, limit, since when, age, quality, and that it is no diagnosis", () => {
  const { title, body, lock } = renderAlert(alert("hr.high", { priority: "medium" }), slots);
  expect(title).toBe("Person A: heart rate 156 bpm, over 150 bpm");
  expect(body).toBe(
    "Chest strap, signal good. Since 60 s; newest data 4 s old. Ends when it is 5 below the limit for 10 s. Automatic, not a diagnosis. Hearth is not a medical device.",
  );
  expect(lock).toBe("Hearth: please check");
});

test("DEMO or TEST stands first in every title that is not real", () => {
  expect(renderAlert(alert("rhythm.vt", { mode: "demo" }), slots).title).toMatch(/^DEMO Person A/);
  expect(renderAlert(alert("rhythm.vt", { mode: "test" }), slots).lock).toMatch(/^TEST Hearth/);
  expect(renderAlert(alert("rhythm.vt", { mode: "test" }), { ...slots, person: "x".repeat(300) }).title).toHaveLength(160);
});

test("an unknown rule is told, in words, rather than not at all; its id stands in the text alone", () => {
  const { title, body } = renderAlert(alert("rule.of-tomorrow"), slots);
  expect(title).toBe("Chest strap: something that has no words here yet");
  expect(body).toContain("rule.of-tomorrow");
  expect(renderClear(alert("rule.of-tomorrow"), slots).title).not.toContain("rule.of-tomorrow");
});

test("what speaks for missing data says that nothing is known of the person, as soon as somebody is told of it", () => {
  const low = { kind: "technical", priority: "low" } as const;
  expect(renderAlert(alert("device.lead-off", low), slots).body).not.toContain("We do not know");
  expect(renderAlert(alert("device.lead-off", { ...low, priority: "medium" }), slots).body).toContain(
    "We do not know from it how Person A is.",
  );
});

test("one that was closed because its sensor is gone says so, and nothing of how things are", () => {
  const closed = alert("data.missing", { kind: "technical", state: "closed", closeReason: noLongerWorn, value: 900, unit: "s" });
  const { title, body } = renderClosed(closed, slots);
  expect(title).toBe("Closed: Chest strap");
  expect(body).toBe("Person A: no data for 15 min. The sensor is no longer in use here.");
});

test("a strap that shows no heartbeat is told as that, and a poor signal as a poor signal", () => {
  const { value: _, ...poor } = alert("signal.quality", { unit: "s" });
  expect(renderAlert(poor, slots).title).toBe("Chest strap: poor signal");
  expect(renderAlert(alert("signal.quality", { value: 30, unit: "s" }), slots).title).toBe("Chest strap: no heartbeat seen for 30 s");
});

test("whoever was promised quiet hears first why it is over", () => {
  const by = { acknowledgedBy: "Person B", acknowledgedAtUs: 30e6 } as const;
  const body = (spokeAgain: SpokeAgain) => renderAlert(alert("hr.high", { spokeAgain }), slots).body;
  expect(body({ why: "new", ...by, endedUs: 40e6 })).toMatch(
    /^A new one: the one that Person B acknowledged at 30 s ended at 40 s\. Chest strap/,
  );
  expect(body({ why: "worse", ...by })).toMatch(/^Person B acknowledged it at 30 s; it has become worse since\. /);
  expect(body({ why: "higher", ...by })).toMatch(/^Person B acknowledged it at 30 s; it has become more urgent since\. /);
  expect(body({ why: "still-true", ...by })).toMatch(/^Person B acknowledged it at 30 s, and it is still so\. /);
});

test("the message that somebody has taken it says how long it is quiet, and what is told all the same", () => {
  const by = { acknowledgedBy: "Person B", acknowledgedAtUs: 61e6, acknowledgedUntilUs: 1861e6 } as const;
  expect(renderTaken(alert("hr.high", by), slots).body).toContain("Quiet until 1861 s, unless it becomes worse, or ends and begins again.");
  expect(renderTaken(alert("hr.high", { ...by, endedUs: 62e6 }), slots).body).toContain(
    "It ended at 62 s; if it begins again, a new message",
  );
});

test("what somebody said is told with it: who can't come and why, who has it and what they do", () => {
  const note = { by: "Carer B", atUs: 61e6 };
  const rejected = alert("hr.high", { notes: [{ ...note, verb: "reject", text: "I am abroad" }] });
  expect(renderRejected(rejected, slots).body).toMatch(/^Carer B can't come: “I am abroad” /);
  const taken = alert("hr.high", { acknowledgedBy: "Carer B", notes: [{ ...note, verb: "acknowledge", text: "On my way." }] });
  expect(renderTaken(taken, slots).body).toMatch(/^“On my way.” /);
  expect(renderTaken({ ...taken, notes: rejected.notes ?? [] }, slots).body).not.toContain("abroad");
});
