import { expect, test } from "vitest";
import { checkMeta, metaRows } from "./meta-fields.ts";

const channel = { id: "ecg", kind: "ecg", unit: "mV", scale: 0.005, offset: 0 };
const whole = { v: 1, rateHz: 250, channels: [channel], sentinels: [], contact: "measured" };
const check = (meta: unknown) => checkMeta(new TextEncoder().encode(JSON.stringify(meta)));
const said = (meta: unknown) => check(meta).map(({ field, value = "-", fault, note }) => [field, value, fault ?? note ?? "ok"].join(" "));

test("every field of the schema has a row with its type and what it means", () => {
  const rows = metaRows();
  expect(rows.length).toBeGreaterThan(15);
  expect(rows.filter(({ type, says }) => type === "" || says === "")).toEqual([]);
  expect(rows.find(({ field }) => field === "channels[].scale")).toMatchObject({ type: "number", isRequired: true });
  expect(rows.find(({ field }) => field === "channels[].offset")).toMatchObject({ isRequired: false, byDefault: "0" });
});

test("each field that was sent is told with its value, and what is left out with its default", () => {
  expect(said(whole)).toEqual([
    "v 1 ok",
    "rateHz 250 ok",
    'channels[0].id "ecg" ok',
    'channels[0].kind "ecg" ok',
    'channels[0].unit "mV" ok',
    "channels[0].scale 0.005 ok",
    "channels[0].offset 0 ok",
    "sentinels [] ok",
    'contact "measured" ok',
  ]);
  expect(said({ rateHz: 1, channels: [], sentinels: [] })).toContain("v 1 default");
});

test("all that is wrong is told at once, each with its field", () => {
  const wrong = said({ rateHz: "250", channels: [{ id: "ecg", scale: 0, lead: "x".repeat(33) }], own: { deep: 1 } });
  expect(wrong).toEqual(
    expect.arrayContaining([
      'rateHz "250" type',
      "channels[0].unit - missing",
      `channels[0].lead "${"x".repeat(33)}" range`,
      "sentinels - missing",
      'own {"deep":1} unread',
    ]),
  );
});

test("rules between fields are told where no field alone is wrong", () => {
  expect(said({ ...whole, channels: [channel, channel] })).toContain('channels[1].id "ecg" twice');
  expect(said({ ...whole, channels: [{ ...channel, scale: 0 }] })).toContain("channels[0].scale 0 range");
  expect(said({ ...whole, sentinels: [{ channel: "x", value: 0, meaning: "invalid" }] })).toContain('sentinels[0].channel "x" unknown');
});

test("what is no object is told as a whole, and what a device fills up stays short", () => {
  expect(check([1])).toEqual([{ field: "", fault: "type" }]);
  expect(checkMeta(new TextEncoder().encode("rate=250"))).toEqual([{ field: "", fault: "type" }]);
  const many = Array.from({ length: 64 }, (_, i) => ({ ...channel, id: `c${i}`, ["x".repeat(500)]: "y".repeat(500) }));
  const lines = said({ ...whole, channels: many, ...Object.fromEntries(many.map((each) => [each.id, each])) });
  expect(lines.length).toBeLessThan(100);
  expect(check({ ...whole, placement: "p".repeat(64) }).every(({ value = "" }) => value.length < 70)).toBe(true);
});
