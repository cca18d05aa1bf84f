import { expect, test } from "vitest";
import type { OwnStatus, Person } from "../../client/wire.ts";
import { createFakeGateway, openFakeHost, settled } from "../../node-red/fake-host.ts";
import { vitals } from "./node.ts";
import { createNews, readingsOf, vitalChoice } from "./readings.ts";

const personOf = (more: Partial<Person> = {}): Person => ({
  ...{
    id: "person-a",
    name: "Person A",
    heart_rate_bpm: 70,
    heart_rate_age_s: 1,
    heart_rate_source: null,
    quality: "good",
    devices: ["strap"],
    open_alerts: 0,
  },
  ...{ vitals: [], watched_s: {} },
  presence: { state: "home", by: null, since: null, until: null, seen_again_at: null, overdue: false },
  ...more,
});
const oxygen = {
  ...{ code: "spo2", device: "clip", stream: "spo2", unit: "%", value: 96, without: null, by: null },
  ...{ at: "2026-01-01T00:00:00.000Z", fresh_until: "2026-01-01T00:00:30.000Z" },
};
const atS = (second: number) => Date.parse("2026-01-01T00:00:00.000Z") + second * 1000;

test("a number has its age and quality; one that is no longer the present's is not known, never old", () => {
  const person = personOf({ vitals: [oxygen] });
  expect(readingsOf(person, atS(10)).map(({ code, value, age_s, quality }) => [code, value, age_s, quality])).toEqual([
    ["hr", 70, 1, "good"],
    ["spo2", 96, 10, "good"],
  ]);
  expect(readingsOf(person, atS(31))[1]).toMatchObject({ value: null, age_s: 31, quality: "unknown" });
  const without = personOf({ vitals: [{ ...oxygen, value: null, without: "implausible" }] });
  expect(readingsOf(without, atS(1))[1]).toMatchObject({ value: null, quality: "bad", without: "implausible", device: "clip" });
});

test("the heart rate has the quality of the sensor that it is from, where that is not the ECG", () => {
  const source = { device: "clip", stream: "ppg", kind: "ppg", quality: "poor", fresh_until: "2026-01-01T00:00:30.000Z" } as const;
  expect(readingsOf(personOf({ quality: "unknown", heart_rate_source: source }), atS(1))[0]).toMatchObject({ code: "hr", quality: "poor" });
});

test("on change: a step, becoming unknown or known, and another quality are news; the same again and what drifts below the step is not", () => {
  const news = createNews(vitalChoice({ mode: "change", step: "3" }));
  const look = (more: Partial<Person>) => news(readingsOf(personOf(more), atS(0))).length;
  expect([{}, {}, { heart_rate_bpm: 72 }, { heart_rate_bpm: 73 }, { heart_rate_bpm: 75 }].map(look)).toEqual([1, 0, 0, 1, 0]);
  expect([{ heart_rate_bpm: null }, { heart_rate_bpm: null }, { heart_rate_bpm: 70 }].map(look)).toEqual([1, 0, 1]);
  expect([{ quality: "poor" } as const, { quality: "poor" } as const].map(look)).toEqual([1, 0]);
  // Somebody who was gone is news again.
  expect([news([]).length, look({ quality: "poor" })]).toEqual([0, 1]);
});

test("at even times everything wanted is sent, and what is not wanted never", () => {
  const choice = vitalChoice({ mode: "interval", everyS: "30", persons: "person-a", codes: "hr" });
  expect(choice).toMatchObject({ everyS: 30, step: undefined });
  const news = createNews(choice);
  const people = [personOf({ vitals: [oxygen] }), personOf({ id: "person-b" })].flatMap((person) => readingsOf(person, atS(0)));
  expect([news(people), news(people)].map((each) => each.map(({ person, code }) => `${person} ${code}`))).toEqual([
    ["person-a hr"],
    ["person-a hr"],
  ]);
});

test("settings that are nonsense become the usual ones", () => {
  expect(vitalChoice({ mode: 7, step: "much", everyS: -1, persons: {} })).toEqual({ persons: [], codes: [], step: 1, everyS: 1 });
  expect(vitalChoice({ mode: "interval", everyS: "1e9" }).everyS).toBe(3600);
});

test("it looks while the gateway is there and not while it is away; messages carry value, quality and age", async () => {
  let bpm = 70;
  const { gateway, become, asked, listeners } = createFakeGateway(async () => ({ people: [personOf({ heart_rate_bpm: bpm })] }));
  const node = openFakeHost(vitals, { mode: "change", step: 1 }, gateway);
  await node.pass(5000);
  expect(asked).toEqual([]);
  become({ kind: "live", status: {} as OwnStatus });
  await settled();
  expect(node.sent).toMatchObject([
    { topic: "person-a/hr", payload: 70, quality: "good", age_s: 1, unit: "/min", person_name: "Person A" },
  ]);
  bpm = 75;
  await node.pass(3000);
  expect([asked.length, node.sent.length]).toEqual([4, 2]);
  expect(node.line()).toEqual({ look: "good", key: "vitals.status.value", values: { code: "hr", value: 75, unit: "/min", sent: 2 } });
  become({ kind: "connecting" });
  await node.pass(3000);
  expect(asked.length).toBe(4);
  await node.close();
  expect([listeners(), node.timers()]).toEqual([0, 0]);
});
