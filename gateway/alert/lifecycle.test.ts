import { expect, test } from "vitest";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { ConditionBegin } from "../rules/rule.ts";
import { again, datedBy, isOver, mustBeHeard, newEntry, recordOf } from "./lifecycle.ts";

const s = (seconds: number) => seconds * 1_000_000;
const day = s(86_400);
const begin: ConditionBegin = {
  ...{ kind: "begin", rule: "hr.high", device: "strap", stream: "ecg", priority: "medium", alertKind: "physiological", quality: "poor" },
  ...{ onsetUs: s(40), timeUs: s(100), value: 160, unit: "bpm", limit: 150, cause: { code: "c" }, model: { id: "m", version: "1" } },
};
const record = (more: Partial<AlertRecord> = {}): AlertRecord => ({ ...recordOf({ id: "a", person: "p1", mode: "test" }, begin), ...more });

test("a record says everything that the condition says, and nothing that it does not", () => {
  expect(record()).toEqual({
    about: { stream: "ecg" },
    ...{ id: "a", person: "p1", mode: "test", rule: "hr.high", device: "strap", priority: "medium", kind: "physiological" },
    ...{ state: "active", onsetUs: s(40), raisedUs: s(100), lastSeenUs: s(100), count: 1, quality: "poor" },
    ...{ value: 160, unit: "bpm", limit: 150, cause: { code: "c" }, model: { id: "m", version: "1" }, snoozes: [], deliveries: [] },
  });
  const { value: _v, unit: _u, limit: _l, cause: _c, model: _m, ...bare } = begin;
  const { value: _1, unit: _2, limit: _3, cause: _4, model: _5, ...rest } = record();
  const made = recordOf({ id: "a", person: "p1", mode: "test" }, bare);
  expect([made, Object.keys(made).sort()]).toEqual([rest, Object.keys(rest).sort()]);
});

test("a condition that comes back takes back its end, counts, and brings its news: the worst value and the newest cause", () => {
  const back = again(
    record({ endedUs: s(200), state: "resolved" }),
    { ...begin, timeUs: s(230), value: 155, cause: { code: "d" } },
    s(231),
  );
  expect(back).toMatchObject({ state: "active", count: 2, lastSeenUs: s(230), value: 160, cause: { code: "d" } });
  expect(back).not.toHaveProperty("endedUs");
  const { value: _, cause: _c, ...silent } = begin;
  expect(again(record(), silent, s(231))).toMatchObject({ value: 160, cause: { code: "c" } });
  expect(again(record(), { ...begin, value: 170 }, s(231)).value).toBe(170);
});

test.each([
  ["active", "active"],
  ["notified", "notified"],
  ["rejected", "rejected"],
  ["resolved", "active"],
  ["expired", "active"],
] as const)("one that was %s is %s when it comes back", (before, after) => {
  expect(again(record({ state: before }), begin, s(231)).state).toBe(after);
});

test("an acknowledgement goes on until its time is over, and is gone then", () => {
  const acknowledgedUntilUs = s(300);
  const taken = record({ state: "acknowledged", acknowledgedBy: "Person B", acknowledgedAtUs: s(110), acknowledgedUntilUs });
  expect(again(taken, begin, s(299))).toMatchObject({ state: "acknowledged", acknowledgedBy: "Person B" });
  const late = again(taken, begin, s(300));
  expect([late.state, late.acknowledgedBy, late.acknowledgedAtUs, late.acknowledgedUntilUs]).toEqual([
    "active",
    undefined,
    undefined,
    undefined,
  ]);
  expect(again({ ...taken, state: "resolved" }, begin, s(299)).state).toBe("acknowledged");
});

test("every date of a clock that was ahead is brought to now, and none of a clock that was right", () => {
  const ahead = record({
    ...{ onsetUs: day + s(40), raisedUs: day + s(100), lastSeenUs: day + s(150) },
    ...{ acknowledgedAtUs: day + s(110), acknowledgedUntilUs: day + s(1910), snoozes: [{ by: "Person C", untilUs: day + s(1000) }] },
  });
  expect(datedBy(ahead, s(500))).toEqual({
    ...ahead,
    ...{ onsetUs: s(440), raisedUs: s(500), lastSeenUs: s(500), acknowledgedAtUs: s(510), acknowledgedUntilUs: s(2310) },
    snoozes: [{ by: "Person C", untilUs: s(1400) }],
  });
  expect(datedBy({ ...ahead, lastSeenUs: day + s(70) }, s(500)).lastSeenUs).toBe(s(470));
  const bare = datedBy(record({ raisedUs: day }), s(500));
  expect("acknowledgedAtUs" in bare || "acknowledgedUntilUs" in bare).toBe(false);
  // A minute ahead is a matter of delays, not of clocks.
  const near = record({ raisedUs: s(560) });
  expect([datedBy(near, s(500)) === near, datedBy(near, s(499)).raisedUs]).toEqual([true, s(499)]);
});

test("a minute after its end it is over; a short run an hour after it was raised", () => {
  const entry = (more: Partial<AlertRecord>) => newEntry(record(more), 0);
  expect([s(160), s(161)].map((nowUs) => isOver(entry({ endedUs: s(100) }), nowUs))).toEqual([false, true]);
  // Ended by a clock that was ahead.
  expect(isOver(entry({ endedUs: day }), s(100))).toBe(true);
  expect(isOver(entry({}), day)).toBe(false);
  const run = entry({ rule: "rhythm.vt-run", raisedUs: s(100), endedUs: s(110) });
  expect([s(3699), s(3700)].map((nowUs) => isOver(run, nowUs))).toEqual([false, true]);
});

test("after a restart is heard again: a high that nobody took, and a medium that never reached a channel", () => {
  const deliveries = [{ channel: "page", receipt: "1", atUs: s(101) }];
  const heard = (more: Partial<AlertRecord>) => mustBeHeard(record(more));
  const high = (more: Partial<AlertRecord> = {}) => heard({ priority: "high", ...more });
  expect([high(), high({ state: "notified", deliveries }), high({ state: "rejected" })]).toEqual([true, true, true]);
  const over = ["resolved", "expired", "closed"] as const;
  expect([high({ acknowledgedBy: "Person B" }), ...over.map((state) => high({ state }))]).toEqual([false, false, false, false]);
  expect([heard({}), heard({ deliveries }), heard({ state: "notified" })]).toEqual([true, false, false]);
  expect([heard({ priority: "low" }), heard({ priority: "info" })]).toEqual([false, false]);
});

test("an entry begins its ladder now, and waits for an answer since it was raised", () => {
  expect(newEntry(record(), s(500))).toEqual({
    ...{ alert: record(), ladderUs: s(500), steps: 0, waitedUs: s(100), acknowledgedValue: 160 },
    ...{ patientPressed: false, rejectedBy: [], isLate: false },
  });
});
