import { expect, test } from "vitest";
import type { Priority } from "../../device-drivers/contract/event.ts";
import type { ConditionBegin } from "../rules/rule.ts";
import { createAlertCore } from "./core.ts";

const s = (seconds: number) => seconds * 1_000_000;
const min = (minutes: number) => s(60 * minutes);
const carer = { role: "caregiver", name: "Person B" } as const;
const other = { role: "caregiver", name: "Person C" } as const;
const patient = { role: "patient", name: "Person A" } as const;

function core() {
  let serial = 0;
  return createAlertCore({ newId: () => `a${++serial}`, mode: "real" });
}

function begin(rule: string, priority: Priority, timeUs: number, more: Partial<ConditionBegin> = {}): ConditionBegin {
  return {
    kind: "begin",
    rule,
    device: "strap",
    stream: "ecg",
    priority,
    alertKind: "physiological",
    onsetUs: timeUs - s(2),
    timeUs,
    quality: "good",
    ...more,
  };
}
const end = (rule: string, timeUs: number) => ({ kind: "end", rule, device: "strap", endUs: timeUs - s(1), timeUs }) as const;
const told = (changes: readonly { why: string; notify: boolean }[]) => changes.map(({ why, notify }) => `${why}${notify ? "!" : ""}`);

test("a condition raises one alert with everything it knows", () => {
  const [raised] = core().decide(
    "p1",
    begin("rhythm.vt", "high", s(100), { value: 150, unit: "bpm", limit: 100, model: { id: "m", version: "1" } }),
    s(101),
  );
  expect(raised).toMatchObject({ why: "raised", notify: true, audit: { what: "alert.raised", by: "gateway", subject: "a1" } });
  expect(raised?.alert).toMatchObject({
    id: "a1",
    person: "p1",
    state: "active",
    mode: "real",
    onsetUs: s(98),
    raisedUs: s(100),
    count: 1,
    value: 150,
    limit: 100,
  });
});

test("the same key again counts and keeps the worst value; another person or device is another alert", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", s(100), { value: 150 }), s(100));
  const again = alerts.decide("p1", begin("rhythm.vt", "high", s(130), { value: 140 }), s(130));
  expect(told(again)).toEqual(["retriggered"]);
  expect(again[0]?.alert).toMatchObject({ id: "a1", count: 2, value: 150, lastSeenUs: s(130) });
  expect(alerts.decide("p2", begin("rhythm.vt", "high", s(130)), s(130))[0]?.alert.id).toBe("a2");
  expect(alerts.decide("p1", begin("rhythm.vt", "high", s(130), { device: "patch" }), s(130))[0]?.alert.id).toBe("a3");
});

test("a high alert stays until a named person acknowledges it, though the condition ended", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", s(100)), s(100));
  const [ended] = alerts.decide("p1", end("rhythm.vt", s(120)), s(120));
  expect(ended?.alert).toMatchObject({ state: "active", endedUs: s(119) });
  alerts.tick(min(600));
  expect(alerts.held()).toHaveLength(1);
  const acted = alerts.act("a1", "acknowledge", carer, {}, min(601));
  expect(acted.alert).toMatchObject({
    state: "resolved",
    acknowledgedBy: "Person B",
    acknowledgedAtUs: min(601),
    acknowledgedUntilUs: min(631),
  });
  expect(told(alerts.tick(min(603)))).toEqual(["closed"]);
  expect(alerts.held()).toEqual([]);
});

test("medium and low resolve by themselves; all clear goes to those who were told", () => {
  const alerts = core();
  alerts.decide("p1", begin("hr.high", "medium", s(100)), s(100));
  alerts.decide("p1", begin("device.lead-off", "low", s(100)), s(100));
  alerts.delivered("a1", "page", "1", s(101));
  expect(told(alerts.decide("p1", end("hr.high", s(150)), s(150)))).toEqual(["ended!"]);
  expect(told(alerts.decide("p1", end("device.lead-off", s(150)), s(150)))).toEqual(["ended"]);
  expect(alerts.held().map(({ state }) => state)).toEqual(["resolved", "resolved"]);
  expect(told(alerts.tick(s(208)))).toEqual([]);
  expect(told(alerts.tick(s(210)))).toEqual(["closed", "closed"]);
});

test("back within 60 s is the same alert without a new message; later it is a new one", () => {
  const alerts = core();
  alerts.decide("p1", begin("hr.high", "medium", s(100)), s(100));
  alerts.decide("p1", end("hr.high", s(150)), s(150));
  const [same] = alerts.decide("p1", begin("hr.high", "medium", s(200)), s(200));
  expect(same).toMatchObject({ why: "retriggered", notify: false, alert: { id: "a1", state: "active", count: 2 } });
  expect(same?.alert.endedUs).toBeUndefined();
  alerts.decide("p1", end("hr.high", s(250)), s(250));
  expect(told(alerts.decide("p1", begin("hr.high", "medium", s(320)), s(320)))).toEqual(["raised!", "closed"]);
});

test("short runs are told once an hour and counted in between", () => {
  const alerts = core();
  const run = (atS: number) => [
    ...alerts.decide("p1", begin("rhythm.vt-run", "medium", s(atS)), s(atS)),
    ...alerts.decide("p1", end("rhythm.vt-run", s(atS + 3)), s(atS + 3)),
  ];
  expect(told(run(100))).toEqual(["raised!", "ended"]);
  expect(told(run(1000))).toEqual(["retriggered", "ended"]);
  expect(told(run(3600))).toEqual(["retriggered", "ended"]);
  expect(alerts.held()[0]?.count).toBe(3);
  expect(told(run(3800))).toEqual(["raised!", "closed", "ended"]);
});

test("a rising priority keeps the id, ends every quiet and is told", () => {
  const alerts = core();
  alerts.decide("p1", begin("data.missing", "medium", s(100)), s(100));
  alerts.act("a1", "acknowledge", carer, { minutes: 60 }, s(110));
  alerts.act("a1", "snooze", carer, {}, s(110));
  const [escalated] = alerts.decide(
    "p1",
    { kind: "update", rule: "data.missing", device: "strap", timeUs: s(600), priority: "high" },
    s(600),
  );
  expect(escalated).toMatchObject({ why: "escalated", notify: true, alert: { id: "a1", priority: "high", state: "active", snoozes: [] } });
  expect(escalated?.alert.acknowledgedBy).toBeUndefined();
  expect(
    told(alerts.decide("p1", { kind: "update", rule: "data.missing", device: "strap", timeUs: s(601), priority: "medium" }, s(601))),
  ).toEqual(["worse"]);
});

test("an inhibited condition raises nothing, and other decisions are none of the core's business", () => {
  const alerts = core();
  expect(alerts.decide("p1", begin("hr.high", "medium", s(1), { inhibitedBy: "rhythm.vt" }), s(1))).toEqual([]);
  expect(alerts.decide("p1", end("hr.high", s(5)), s(5))).toEqual([]);
  expect(alerts.decide("p1", { kind: "vital", code: "hr", timeUs: 1, value: 70, unit: "bpm" }, 1)).toEqual([]);
});

test("an acknowledgement is told, lasts 30 min, and speaks again only if the condition is still true", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", s(100)), s(100));
  alerts.delivered("a1", "page", "1", s(100));
  const first = alerts.act("a1", "acknowledge", carer, {}, s(200));
  expect([first.already, told(first.changes)]).toEqual([false, ["acknowledged!"]]);
  const late = alerts.act("a1", "acknowledge", other, {}, s(300));
  expect([late.already, late.changes, late.alert.acknowledgedBy]).toEqual([true, [], "Person B"]);
  expect(alerts.tick(s(200) + min(30) - 1)).toEqual([]);
  const [again] = alerts.tick(s(200) + min(30));
  expect(again).toMatchObject({ why: "speaks-again", notify: true, alert: { state: "active" } });
  expect(again?.alert.acknowledgedBy).toBeUndefined();
});

test("the same key, not worse, stays quiet under an acknowledgement; clearly worse breaks it", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", s(100), { value: 150 }), s(100));
  alerts.act("a1", "acknowledge", carer, {}, s(110));
  alerts.decide("p1", end("rhythm.vt", s(120)), s(120));
  const [again] = alerts.decide("p1", begin("rhythm.vt", "high", s(150), { value: 150 }), s(150));
  expect(again).toMatchObject({ why: "retriggered", notify: false, alert: { state: "acknowledged", acknowledgedBy: "Person B" } });
  const update = (value: number, atS: number) =>
    alerts.decide("p1", { kind: "update", rule: "rhythm.vt", device: "strap", timeUs: s(atS), value }, s(atS));
  expect(told(update(165, 151))).toEqual(["worse"]);
  expect(told(update(185, 152))).toEqual(["worse!"]);
});

test("a repeated message goes by the ladder: high at 2, 5, 10, 20 and then every 5 min, medium every 30, low never", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", 0), 0);
  alerts.decide("p1", begin("hr.high", "medium", 0), 0);
  alerts.decide("p1", begin("device.lead-off", "low", 0), 0);
  const at: string[] = [];
  for (let minutes = 0; minutes <= 40; minutes += 0.5)
    for (const { alert } of alerts.tick(min(minutes))) at.push(`${alert.priority} ${minutes}`);
  expect(at).toEqual(["high 2", "high 5", "high 10", "high 20", "high 25", "high 30", "medium 30", "high 35", "high 40"]);
});

test("steps that were slept through become one message, and an alert that nobody answers expires after 24 h without vanishing", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", 0), 0);
  expect(told(alerts.tick(min(60)))).toEqual(["repeated!"]);
  expect(told(alerts.tick(min(24 * 60)))).toEqual(["expired!"]);
  expect(alerts.tick(min(25 * 60))).toEqual([]);
  expect(alerts.held()[0]?.state).toBe("expired");
  expect(alerts.act("a1", "acknowledge", carer, {}, min(26 * 60)).alert.state).toBe("acknowledged");
});

test("what comes back after its alert has expired is told again, with a ladder and a day of its own", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.asystole", "high", 0), 0);
  alerts.decide("p1", end("rhythm.asystole", min(1)), min(1));
  expect(told(alerts.tick(min(24 * 60)))).toEqual(["expired!"]);
  const later = min(7 * 24 * 60);
  const back = alerts.decide("p1", begin("rhythm.asystole", "high", later), later);
  expect(told(back)).toEqual(["retriggered!"]);
  expect(back[0]?.alert).toMatchObject({ id: "a1", state: "active", count: 2 });
  expect(told(alerts.tick(later + min(2)))).toEqual(["repeated!"]);
  expect(told(alerts.tick(later + min(24 * 60)))).toEqual(["expired!"]);
});

test("what ended by a clock that was years ahead is no reason to tell less of what begins by the right one", () => {
  const alerts = core();
  const ahead = min(60 * 24 * 3650);
  alerts.decide("p1", begin("rhythm.asystole", "high", ahead), ahead);
  alerts.act("a1", "acknowledge", carer, {}, ahead + s(10));
  alerts.decide("p1", end("rhythm.asystole", ahead + s(20)), ahead + s(20));
  expect(told(alerts.decide("p1", begin("rhythm.asystole", "high", s(100)), s(100)))).toEqual(["raised!", "closed"]);
});

test("a high one that is told again after a restart waits a day for an answer from then on", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", 0), 0);
  const restarted = core();
  const later = min(30 * 60);
  expect(told(restarted.reopen(alerts.held(), later))).toEqual(["still-open-after-restart!"]);
  expect(restarted.tick(later + s(5))).toEqual([]);
  expect(told(restarted.tick(later + min(2)))).toEqual(["repeated!"]);
});

test("a reject is told at once and starts the ladder again; the next person can take it", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", 0), 0);
  expect(told(alerts.act("a1", "reject", carer, {}, min(4)).changes)).toEqual(["rejected!"]);
  expect(alerts.act("a1", "reject", other, {}, min(4)).already).toBe(true);
  expect(alerts.tick(min(5))).toEqual([]);
  expect(told(alerts.tick(min(6)))).toEqual(["repeated!"]);
  expect(alerts.act("a1", "acknowledge", other, {}, min(7)).alert).toMatchObject({ state: "acknowledged", acknowledgedBy: "Person C" });
  expect(alerts.act("a1", "reject", carer, {}, min(8)).already).toBe(true);
});

test("one person's second reject is already done, also when a channel has taken the first; somebody else's is told", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", 0), 0);
  alerts.act("a1", "reject", carer, {}, min(1));
  alerts.delivered("a1", "console", "line-7", min(1));
  expect(alerts.act("a1", "reject", carer, {}, min(2)).already).toBe(true);
  expect(told(alerts.act("a1", "reject", other, {}, min(2)).changes)).toEqual(["rejected!"]);
});

test("what somebody says with an acknowledgement or a reject stands at the alert and in the audit, the last ten of it", () => {
  const alerts = core();
  alerts.decide("p1", begin("hr.high", "medium", s(100)), s(100));
  const refused = alerts.act("a1", "reject", carer, { reason: " I am abroad " }, s(110));
  expect(refused.alert.notes).toEqual([{ by: "Person B", verb: "reject", atUs: s(110), text: "I am abroad" }]);
  expect(refused.changes[0]?.audit.detail).toMatchObject({ reason: " I am abroad " });
  const taken = alerts.act("a1", "acknowledge", other, { reason: "On my way" }, s(120));
  expect(taken.alert.notes?.map(({ by, text }) => `${by}: ${text}`)).toEqual(["Person B: I am abroad", "Person C: On my way"]);
  expect(taken.changes[0]?.audit.detail).toMatchObject({ minutes: 30, reason: "On my way" });
  // A late press has changed nothing and says so.
  const late = alerts.act("a1", "acknowledge", carer, { reason: "me too" }, s(121));
  expect([late.already, late.alert.notes?.length]).toEqual([true, 2]);
  for (let i = 0; i < 12; i++) {
    alerts.act("a1", "reject", other, { reason: `no ${i}` }, s(130 + 2 * i));
    alerts.act("a1", "acknowledge", other, {}, s(131 + 2 * i));
  }
  expect(alerts.held()[0]?.notes?.map(({ text }) => text)).toEqual(Array.from({ length: 10 }, (_, i) => `no ${i + 2}`));
});

test("a patient's press on a high alert is told to the carers and does not stop the ladder; on a medium one it counts", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", 0), 0);
  alerts.decide("p1", begin("hr.high", "medium", 0), 0);
  const pressed = alerts.act("a1", "acknowledge", patient, {}, s(5));
  expect([told(pressed.changes), pressed.alert.state]).toEqual([["patient-pressed!"], "active"]);
  expect(alerts.act("a1", "acknowledge", patient, {}, s(6)).already).toBe(true);
  expect(alerts.tick(min(2)).map(({ alert }) => alert.rule)).toEqual(["rhythm.vt"]);
  expect(alerts.act("a2", "acknowledge", patient, {}, s(7)).alert.acknowledgedBy).toBe("Person A");
});

test("a snooze is one person's, has bounds, and a second press is already done", () => {
  const alerts = core();
  alerts.decide("p1", begin("hr.high", "medium", 0), 0);
  expect(alerts.act("a1", "snooze", carer, { minutes: 720 }, s(1)).alert.snoozes).toEqual([{ by: "Person B", untilUs: s(1) + min(720) }]);
  expect(alerts.act("a1", "snooze", carer, {}, s(2)).already).toBe(true);
  expect(alerts.act("a1", "snooze", other, {}, s(3)).alert.snoozes.map(({ by }) => by)).toEqual(["Person B", "Person C"]);
  alerts.decide("p1", begin("rhythm.vt", "high", 0), 0);
  expect(() => alerts.act("a2", "snooze", carer, { minutes: 60 }, s(1))).toThrow(expect.objectContaining({ code: "alert.bad_request" }));
  expect(() => alerts.act("a1", "snooze", carer, { minutes: 721 }, s(1))).toThrow(expect.objectContaining({ code: "alert.bad_request" }));
});

test("what may not be done is refused with its code", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", 0), 0);
  const refusal = (...args: Parameters<typeof alerts.act>) => {
    try {
      alerts.act(...args);
    } catch (error) {
      return (error as { code: string }).code;
    }
    return undefined;
  };
  expect(refusal("none", "acknowledge", carer, {}, 0)).toBe("alert.unknown");
  expect(refusal("a1", "acknowledge", { role: "integrator", name: "x" }, {}, 0)).toBe("alert.not_allowed");
  expect(refusal("a1", "close", patient, { reason: "x" }, 0)).toBe("alert.not_allowed");
  expect(refusal("a1", "close", carer, {}, 0)).toBe("alert.bad_request");
  expect(refusal("a1", "acknowledge", { role: "caregiver", name: " " }, {}, 0)).toBe("alert.bad_request");
  expect(refusal("a1", "acknowledge", carer, { minutes: 60 }, 0)).toBe("alert.bad_request");
});

test("closing needs a reason, is signed, and a late press on it answers already", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", 0), 0);
  const closed = alerts.act("a1", "close", carer, { reason: "electrode test" }, s(9)).alert;
  expect(closed).toMatchObject({ state: "closed", closeReason: "electrode test", acknowledgedBy: "Person B" });
  alerts.tick(s(10));
  expect(alerts.act("a1", "acknowledge", other, {}, s(11), closed)).toMatchObject({ already: true, alert: { acknowledgedBy: "Person B" } });
  expect(told(alerts.decide("p1", begin("rhythm.vt", "high", s(20)), s(20)))).toEqual(["raised!"]);
});

test("a channel's receipt makes it notified, once", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", 0), 0);
  const [delivered] = alerts.delivered("a1", "page", "7", s(1));
  expect(delivered).toMatchObject({
    notify: false,
    alert: { state: "notified", deliveries: [{ channel: "page", receipt: "7", atUs: s(1) }] },
  });
  expect(alerts.delivered("a1", "page", "7", s(2))).toEqual([]);
  expect(alerts.delivered("none", "page", "7", s(2))).toEqual([]);
});

test("after a restart: open highs are told again, quiet and identity stay, and what was written but never sent goes out", () => {
  const before = core();
  before.decide("p1", begin("rhythm.vt", "high", 0), 0);
  before.decide("p1", begin("rhythm.asystole", "high", 0), 0);
  before.decide("p1", begin("hr.high", "medium", 0), 0);
  before.decide("p1", begin("hr.low", "medium", 0), 0);
  before.act("a2", "acknowledge", carer, {}, s(5));
  before.delivered("a4", "page", "1", s(5));
  const after = core();
  const changes = after.reopen(before.held(), min(5));
  expect(changes.map(({ alert, why, notify }) => [alert.id, why, notify])).toEqual([
    ["a1", "still-open-after-restart", true],
    ["a3", "still-open-after-restart", true],
  ]);
  expect(after.held().find(({ id }) => id === "a2")).toMatchObject({ state: "acknowledged", acknowledgedUntilUs: s(5) + min(30) });
  expect(told(after.tick(s(5) + min(30)))).toContain("speaks-again!");
  expect(after.decide("p1", end("rhythm.vt", min(6)), min(6))[0]?.alert.id).toBe("a1");
});

test("data from a backlog raise no live alarm, but the alert is there", () => {
  const alerts = core();
  expect(told(alerts.decide("p1", begin("rhythm.vt", "high", 0), min(11)))).toEqual(["raised"]);
  alerts.decide("p1", { kind: "end", rule: "rhythm.vt", device: "strap", endUs: s(20), timeUs: s(30) }, min(11));
  expect(alerts.tick(min(30)).some(({ notify }) => notify)).toBe(false);
  expect(alerts.held()[0]?.state).toBe("active");
});

test("what began in a backlog and is still true when the backlog is over is told", () => {
  const alerts = core();
  const raised = alerts.decide("p1", begin("rhythm.vt", "high", 0), min(11));
  expect(raised.some(({ notify }) => notify)).toBe(false);
  expect(alerts.tick(min(11) + s(29))).toEqual([]);
  expect(alerts.tick(min(11) + s(31)).map(({ why, notify }) => [why, notify])).toEqual([["speaks-again", true]]);
});

test("more than 20 messages an hour for one person are kept back, highs and other people never", () => {
  const alerts = core();
  const raise = (person: string, i: number, priority: Priority = "medium") =>
    alerts.decide(person, begin(`rule.${i}`, priority, s(i)), s(i))[0]?.notify;
  const sent = Array.from({ length: 25 }, (_, i) => raise("p1", i));
  expect(sent.filter(Boolean)).toHaveLength(20);
  expect(raise("p1", 30, "high")).toBe(true);
  expect(raise("p2", 31)).toBe(true);
  expect(raise("p1", 3700)).toBe(true);
});

test("one that came late is told when it comes live", () => {
  const alerts = core();
  expect(told(alerts.decide("p1", begin("rhythm.vt", "high", s(100)), min(60)))).toEqual(["raised"]);
  alerts.decide("p1", end("rhythm.vt", s(120)), min(60));
  expect(told(alerts.decide("p1", begin("rhythm.vt", "high", s(200)), min(60)))).toEqual(["retriggered"]);
  alerts.decide("p1", end("rhythm.vt", s(220)), min(60));
  expect(told(alerts.decide("p1", begin("rhythm.vt", "high", min(62)), min(62)))).toEqual(["retriggered!"]);
  alerts.decide("p1", end("rhythm.vt", min(63)), min(63));
  expect(told(alerts.decide("p1", begin("rhythm.vt", "high", min(64)), min(64)))).toEqual(["retriggered"]);
});

test("who could not take a medium one may say so again of the high one it became", () => {
  const alerts = core();
  alerts.decide("p1", begin("hr.high", "medium", 0), 0);
  alerts.act("a1", "reject", carer, {}, min(1));
  alerts.decide("p1", { kind: "update", rule: "hr.high", device: "strap", timeUs: min(5), priority: "high" }, min(5));
  expect(told(alerts.act("a1", "reject", carer, {}, min(6)).changes)).toEqual(["rejected!"]);
});

test("what explains a silence that is told already waits, and is told when data come while it is still true", () => {
  const alerts = core();
  const technical = { alertKind: "technical" } as const;
  alerts.decide("p1", begin("data.missing", "medium", s(120), technical), s(120));
  expect(alerts.decide("p1", begin("signal.quality", "low", s(300), technical), s(300))).toEqual([]);
  expect(alerts.decide("p1", begin("device.lead-off", "low", s(310), technical), s(310))).toEqual([]);
  expect(alerts.decide("p1", begin("device.lead-off", "low", s(310), { ...technical, device: "clip" }), s(310))).toHaveLength(1);
  expect(alerts.decide("p1", end("device.lead-off", s(330)), s(330))).toEqual([]);
  const changes = alerts.decide("p1", end("data.missing", s(400)), s(400));
  expect(changes.map(({ why, alert }) => `${why} ${alert.rule}`)).toEqual(["ended data.missing", "raised signal.quality"]);
  expect(changes[1]?.alert).toMatchObject({ onsetUs: s(298), raisedUs: s(400) });
});

test("an alert that lost its object is closed with the reason, and whoever was told hears of it; nothing ends it again", () => {
  const alerts = core();
  alerts.decide("p1", begin("data.missing", "high", s(120), { alertKind: "technical" }), s(120));
  alerts.delivered("a1", "sms", "r1", s(121));
  const [closed] = alerts.retire(alerts.held(), "gone", s(200));
  expect(closed).toMatchObject({ why: "closed", notify: true, alert: { state: "closed", closeReason: "gone", endedUs: s(200) } });
  expect(alerts.held()).toEqual([]);
  expect(alerts.decide("p1", end("data.missing", s(300)), s(300))).toEqual([]);
  expect(alerts.retire(closed === undefined ? [] : [closed.alert], "gone", s(301))).toEqual([]);
});

test("the audit says of each change what it is about and how it stands, who did it, and its details", () => {
  const alerts = core();
  const [raised] = alerts.decide("p1", begin("hr.high", "medium", s(100)), s(101));
  const of = { person: "p1", rule: "hr.high", device: "strap", priority: "medium" };
  expect(raised?.audit).toEqual({
    ...{ atUs: s(101), what: "alert.raised", by: "gateway", subject: "a1" },
    detail: { ...of, state: "active", count: 1, late: false },
  });
  expect(alerts.act("a1", "acknowledge", carer, { minutes: 15 }, s(102)).changes[0]?.audit).toEqual({
    ...{ atUs: s(102), what: "alert.acknowledged", by: "Person B", subject: "a1" },
    detail: { ...of, state: "acknowledged", count: 1, minutes: 15 },
  });
});

test("what the last run closed is not taken over, and a condition that ends explains nothing that is silent elsewhere", () => {
  const before = core();
  before.decide("p1", begin("hr.high", "medium", 0), 0);
  const closed = before.act("a1", "close", carer, { reason: "done" }, s(1)).alert;
  const after = core();
  expect([after.reopen([closed], s(2)), after.held()]).toEqual([[], []]);
  expect(after.decide("p1", begin("hr.high", "medium", s(3)), s(3))[0]?.alert).toMatchObject({ count: 1 });
});

test("one that had expired is told anew with a ladder of its own, and a patient's press of before counts no more", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", 0), 0);
  alerts.act("a1", "acknowledge", patient, {}, s(1));
  alerts.tick(min(24 * 60));
  expect(alerts.held()[0]?.state).toBe("expired");
  const backUs = min(30 * 60);
  expect(told(alerts.decide("p1", begin("rhythm.vt", "high", backUs), backUs))).toEqual(["retriggered!"]);
  expect(told(alerts.act("a1", "acknowledge", patient, {}, backUs + s(1)).changes)).toEqual(["patient-pressed!"]);
  expect(alerts.tick(backUs + min(1.9))).toEqual([]);
  expect(told(alerts.tick(backUs + min(2)))).toEqual(["repeated!"]);
});

test("a cause of a silence that goes on waits through the end of anything else", () => {
  const alerts = core();
  const technical = { alertKind: "technical" } as const;
  alerts.decide("p1", begin("data.missing", "medium", s(120), technical), s(120));
  alerts.decide("p1", begin("signal.quality", "low", s(300), technical), s(300));
  alerts.decide("p1", begin("hr.high", "medium", s(300)), s(300));
  expect(told(alerts.decide("p1", end("hr.high", s(310)), s(310)))).toEqual(["ended"]);
  expect(told(alerts.decide("p1", end("data.missing", s(400)), s(400)))).toEqual(["ended", "raised"]);
});

test("an update keeps the worst value and says when it was last seen, and tells nobody while nobody had taken it", () => {
  const alerts = core();
  alerts.decide("p1", begin("hr.high", "medium", 0, { value: 160 }), 0);
  const update = (timeUs: number, more: object) => ({ kind: "update", rule: "hr.high", device: "strap", timeUs, ...more }) as const;
  const [worse] = alerts.decide("p1", update(s(5), { value: 175 }), s(6));
  expect(worse).toMatchObject({ why: "worse", notify: false, alert: { value: 175, lastSeenUs: s(5), state: "active" } });
  expect(alerts.decide("p1", update(s(9), { value: 155 }), s(9))[0]?.alert).toMatchObject({ value: 175, lastSeenUs: s(9) });
  expect(alerts.held()[0]).toMatchObject({ value: 175, lastSeenUs: s(9) });
});

test("what breaks the quiet takes the acknowledgement and the snoozes with it: somebody has to take it anew", () => {
  const alerts = core();
  alerts.decide("p1", begin("hr.high", "medium", 0, { value: 160 }), 0);
  alerts.act("a1", "acknowledge", carer, {}, s(10));
  alerts.act("a1", "snooze", carer, {}, s(10));
  const [worse] = alerts.decide("p1", { kind: "update", rule: "hr.high", device: "strap", timeUs: s(20), value: 180 }, s(20));
  expect(worse).toMatchObject({ why: "worse", notify: true, alert: { state: "active", value: 180, snoozes: [] } });
  expect(worse?.alert).not.toHaveProperty("acknowledgedBy");
  expect(alerts.act("a1", "acknowledge", carer, {}, s(30)).already).toBe(false);
});

test("one that came late and is news now climbs its ladder from then on; 30 s after a backlog, to the second, it speaks", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", s(100)), min(60));
  alerts.decide("p1", end("rhythm.vt", s(120)), min(60));
  expect(told(alerts.decide("p1", begin("rhythm.vt", "high", min(70)), min(70)))).toEqual(["retriggered!"]);
  expect([alerts.tick(min(71.9)), told(alerts.tick(min(72)))]).toEqual([[], ["repeated!"]]);
  const late = core();
  late.decide("p1", begin("rhythm.vt", "high", 0), min(11));
  expect(told(late.tick(min(11) + s(30)))).toEqual(["speaks-again!"]);
});

test("that nobody answered is told of what was told, and of nothing else", () => {
  const alerts = core();
  alerts.decide("p1", begin("device.battery", "low", 0, { alertKind: "technical" }), 0);
  alerts.decide("p1", begin("hr.high", "medium", 0), 0);
  expect(told(alerts.tick(min(24 * 60)))).toEqual(["expired", "expired!"]);
});

test("what is closed is held no longer: only the store knows it", () => {
  const alerts = core();
  alerts.decide("p1", begin("hr.high", "medium", 0), 0);
  alerts.decide("p1", end("hr.high", s(10)), s(10));
  expect(told(alerts.tick(s(80)))).toEqual(["closed"]);
  expect(() => alerts.act("a1", "close", carer, { reason: "done" }, s(81))).toThrow(expect.objectContaining({ code: "alert.unknown" }));
});

test("what begins anew within the quiet of an ended alert is told at once, and says whose quiet it does not keep", () => {
  const alerts = core();
  alerts.decide("p1", begin("rhythm.vt", "high", s(100)), s(100));
  alerts.decide("p1", end("rhythm.vt", s(120)), s(120));
  alerts.act("a1", "acknowledge", carer, {}, s(135));
  expect(told(alerts.tick(s(181)))).toEqual(["closed"]);
  const [anew] = alerts.decide("p1", begin("rhythm.vt", "high", s(182)), s(182));
  const spokeAgain = { why: "new", acknowledgedBy: "Person B", acknowledgedAtUs: s(135), endedUs: s(119) };
  expect(anew).toMatchObject({ why: "raised", notify: true, alert: { id: "a2", state: "active", spokeAgain } });
  // Whoever takes this one has read it.
  expect(alerts.act("a2", "acknowledge", carer, {}, s(190)).alert).not.toHaveProperty("spokeAgain");
  // Neither another device nor the time after the quiet has anything to do with it.
  expect(alerts.decide("p1", begin("rhythm.vt", "high", s(183), { device: "patch" }), s(183))[0]?.alert).not.toHaveProperty("spokeAgain");
  alerts.decide("p1", end("rhythm.vt", s(200)), s(200));
  alerts.tick(s(300));
  expect(alerts.decide("p1", begin("rhythm.vt", "high", min(40)), min(40))[0]?.alert).not.toHaveProperty("spokeAgain");
});

test("the same is known after a restart, and of a new one that begins before the old one was put away", () => {
  const first = core();
  first.decide("p1", begin("rhythm.vt", "high", s(100)), s(100));
  first.decide("p1", end("rhythm.vt", s(120)), s(120));
  first.act("a1", "acknowledge", carer, {}, s(135));
  const [over] = first.tick(s(181));
  const next = core();
  expect(next.reopen(over === undefined ? [] : [over.alert], s(182))).toEqual([]);
  expect(next.held()).toEqual([]);
  expect(next.decide("p1", begin("rhythm.vt", "high", s(182)), s(182))[0]?.alert.spokeAgain).toMatchObject({ why: "new" });

  const untidied = core();
  untidied.decide("p1", begin("rhythm.vt", "high", s(100)), s(100));
  untidied.decide("p1", end("rhythm.vt", s(120)), s(120));
  untidied.act("a1", "acknowledge", carer, {}, s(135));
  expect(untidied.decide("p1", begin("rhythm.vt", "high", s(182)), s(182))[0]?.alert.spokeAgain).toMatchObject({ why: "new" });
});

test("an acknowledgement that ends says why: still true, worse, or more urgent", () => {
  const taken = () => {
    const alerts = core();
    alerts.decide("p1", begin("hr.high", "medium", s(100), { value: 160 }), s(100));
    alerts.act("a1", "acknowledge", carer, {}, s(110));
    return alerts;
  };
  const by = { acknowledgedBy: "Person B", acknowledgedAtUs: s(110) };
  expect(taken().tick(s(110) + min(30))[0]?.alert.spokeAgain).toEqual({ why: "still-true", ...by });
  const update = { kind: "update", rule: "hr.high", device: "strap", timeUs: s(120) } as const;
  expect(taken().decide("p1", { ...update, value: 190 }, s(120))[0]?.alert.spokeAgain).toEqual({ why: "worse", ...by });
  expect(taken().decide("p1", { ...update, priority: "high" }, s(120))[0]?.alert.spokeAgain).toEqual({ why: "higher", ...by });
});

test("however many names ask for quiet, an alert keeps 32 of them; those whose time is over make room", () => {
  const alerts = core();
  alerts.decide("p1", begin("spo2.low", "medium", s(0)), s(0));
  const ask = (i: number, atUs: number) => alerts.act("a1", "snooze", { role: "caregiver", name: `Person ${i}` }, { minutes: 15 }, atUs);
  const refused = Array.from({ length: 1000 }, (_, i) => {
    try {
      return ask(i, s(1)).already;
    } catch (error) {
      return (error as { code: string }).code;
    }
  }).filter((said) => said === "alert.bad_request");
  expect(refused).toHaveLength(1000 - 32);
  expect(ask(2000, s(2) + min(15)).alert.snoozes).toHaveLength(1);
});
