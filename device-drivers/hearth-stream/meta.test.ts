import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { Flag } from "../contract/sample-block.ts";
import { hashOfMeta } from "./frame.ts";
import { parseMeta } from "./meta.ts";

const channel = { id: "ecg", kind: "ecg", unit: "mV", scale: 0.005, offset: 0 };
const least = { v: 1, rateHz: 250, channels: [channel], sentinels: [] };
const whole = {
  ...least,
  placement: "chest",
  channels: [
    { ...channel, lead: "II", range: [-5, 5], mdc: 131_330 },
    { ...channel, id: "own", kind: "sonar" },
  ],
  sentinels: [{ channel: "own", value: -1, meaning: "not-ready" }],
  quality: { "lead-off": 1, saturated: 2, motion: 4, poor: 8, synthetic: 0x0100, "not-worn": 0x8000, own: 16 },
  contact: "measured",
  missedData: { warnS: 60, urgentS: 300 },
};
const bytesOf = (meta: unknown) => new TextEncoder().encode(JSON.stringify(meta));
const parse = (meta: unknown) => parseMeta(bytesOf(meta), "strap", "ecg");
const metaOf = (meta: unknown) => {
  const parsed = parse(meta);
  if (parsed.kind !== "meta") throw new Error(`${parsed.field} ${parsed.fault}`);
  return parsed;
};

test("a descriptor says of its stream what was sent, in the house's words, and keeps its bytes and their hash", () => {
  const { hash, payload, descriptor } = metaOf(whole);
  expect(descriptor).toEqual({
    device: "strap",
    stream: "ecg",
    rateHz: 250,
    placement: "chest",
    channels: [
      { ...channel, lead: "II", range: [-5, 5], mdc: 131_330 },
      { ...channel, id: "own", kind: "other" },
    ],
    sentinels: [{ channel: "own", value: -1, meaning: "not-ready" }],
    contact: "measured",
    missedData: { warnS: 60, urgentS: 300 },
  });
  expect(payload).toEqual(bytesOf(whole));
  expect(hash).toBe(hashOfMeta(payload));
  expect(createHash("sha256").update(payload).digest("hex").startsWith(hash)).toBe(true);
  expect(metaOf(least).descriptor).toEqual({
    device: "strap",
    stream: "ecg",
    rateHz: 250,
    channels: [channel],
    sentinels: [],
    contact: "none",
  });
});

test("what a descriptor leaves out has the schema's default, and a channel without a kind is what its name says", () => {
  const { v: _, ...unversioned } = least;
  const plain = { id: "ppg", unit: "1", scale: 1 };
  const { descriptor } = metaOf({ ...unversioned, channels: [plain, { ...plain, id: "left" }] });
  expect(descriptor.channels).toEqual([
    { ...plain, kind: "ppg", offset: 0 },
    { ...plain, id: "left", kind: "other", offset: 0 },
  ]);
});

test("every kind of channel is the house's own, any other is told as other", () => {
  const kinds = ["ecg", "ppg", "acc", "gyro", "mag", "quaternion", "resp", "bioz", "temp", "spo2", "hr", "rr", "other"];
  const channels = [...kinds, "ECG", ""].map((kind, i) => ({ ...channel, id: `c${i}`, kind }));
  expect(metaOf({ ...least, channels }).descriptor.channels.map(({ kind }) => kind)).toEqual([...kinds, "other", "other"]);
});

test("the device's quality bits become the house's, low and high ones, also where one name has several bits", () => {
  const { flagsOfLow, flagsOfHigh } = metaOf(whole);
  expect([0, 1, 2, 4, 8, 16, 3, 255].map((bits) => flagsOfLow[bits])).toEqual([
    0,
    Flag.leadOff,
    Flag.saturated,
    Flag.motion,
    Flag.motion,
    0,
    Flag.leadOff | Flag.saturated,
    Flag.leadOff | Flag.saturated | Flag.motion,
  ]);
  expect([0, 1, 0x80, 0x81, 2].map((bits) => flagsOfHigh[bits])).toEqual([
    0,
    Flag.synthetic,
    Flag.notWorn,
    Flag.synthetic | Flag.notWorn,
    0,
  ]);
  const wide = metaOf({ ...least, quality: { motion: 0x0301 } });
  expect([wide.flagsOfLow[1], wide.flagsOfLow[2], wide.flagsOfHigh[1], wide.flagsOfHigh[2], wide.flagsOfHigh[4]]).toEqual([4, 0, 4, 4, 0]);
  expect([...metaOf(least).flagsOfLow, ...metaOf(least).flagsOfHigh].some((bits) => bits !== 0)).toBe(false);
});

const withChannel = (change: object) => ({ ...least, channels: [{ ...channel, ...change }] });
const sentinel = { channel: "ecg", value: 0, meaning: "invalid" };

test.each([
  [{ ...least, v: 2 }, "v", "range"],
  [{ ...least, rateHz: 0 }, "rateHz", "range"],
  [{ ...least, rateHz: 1e6 + 1 }, "rateHz", "range"],
  [{ ...least, rateHz: "250" }, "rateHz", "type"],
  [{ ...least, placement: "x".repeat(65) }, "placement", "range"],
  [{ ...least, placement: "chest\u202e" }, "placement", "range"],
  [withChannel({ id: "ecg\n" }), "channels[0].id", "range"],
  [withChannel({ lead: "II\u001b[2J" }), "channels[0].lead", "range"],
  [withChannel({ unit: "mV\u0000" }), "channels[0].unit", "range"],
  [{ ...least, channels: [] }, "channels", "range"],
  [{ ...least, channels: Array.from({ length: 65 }, (_, i) => ({ ...channel, id: `c${i}` })) }, "channels", "range"],
  [withChannel({ id: "" }), "channels[0].id", "range"],
  [withChannel({ id: "x".repeat(65) }), "channels[0].id", "range"],
  [withChannel({ id: 5 }), "channels[0].id", "type"],
  [withChannel({ kind: "x".repeat(33) }), "channels[0].kind", "range"],
  [withChannel({ lead: "x".repeat(33) }), "channels[0].lead", "range"],
  [withChannel({ unit: "x".repeat(33) }), "channels[0].unit", "range"],
  [withChannel({ unit: undefined }), "channels[0].unit", "missing"],
  [withChannel({ scale: "1" }), "channels[0].scale", "type"],
  [withChannel({ scale: 0 }), "channels[0].scale", "range"],
  [withChannel({ offset: "0" }), "channels[0].offset", "type"],
  [withChannel({ range: [5, 5] }), "channels[0].range", "range"],
  [withChannel({ range: [5, -5] }), "channels[0].range", "range"],
  [withChannel({ mdc: -1 }), "channels[0].mdc", "range"],
  [{ ...least, channels: [channel, { ...channel, id: "b" }, channel] }, "channels[2].id", "twice"],
  [{ ...least, sentinels: undefined }, "sentinels", "missing"],
  [{ ...least, sentinels: [{ ...sentinel, channel: "ppg" }] }, "sentinels[0].channel", "unknown"],
  [{ ...least, sentinels: [sentinel, { ...sentinel, channel: "ppg" }] }, "sentinels[1].channel", "unknown"],
  [{ ...least, sentinels: Array(257).fill(sentinel) }, "sentinels", "range"],
  [{ ...least, quality: { motion: 0x10000 } }, "quality.motion", "range"],
  [{ ...least, quality: { motion: -1 } }, "quality.motion", "range"],
  [{ ...least, missedData: { warnS: -1, urgentS: 1 } }, "missedData.warnS", "range"],
  [{ ...least, missedData: { warnS: 1, urgentS: -1 } }, "missedData.urgentS", "range"],
  [{ ...least, missedData: { warnS: 1 } }, "missedData.urgentS", "missing"],
])("a descriptor with a fault names its field: %j", (meta, field, fault) => {
  expect(parse(meta)).toEqual({ kind: "bad", field, fault });
});

test("what stands at each limit is a descriptor", () => {
  for (const meta of [
    { ...least, rateHz: 1e6, placement: "x".repeat(64) },
    withChannel({ id: "x".repeat(64), kind: "x".repeat(32), lead: "x".repeat(32), unit: "x".repeat(32), mdc: 0, range: [0, 1e-9] }),
    { ...least, channels: Array.from({ length: 64 }, (_, i) => ({ ...channel, id: `c${i}` })) },
    { ...least, sentinels: Array(256).fill(sentinel), quality: { motion: 0xffff }, missedData: { warnS: 0, urgentS: 0 } },
  ])
    expect(parse(meta).kind).toBe("meta");
});

test("what is no JSON object, or longer than 16 KiB, has no field to name", () => {
  for (const text of ["", "{", "5"]) expect(parseMeta(new TextEncoder().encode(text), "strap", "ecg")).toEqual({ kind: "bad" });
  const padded = (bytes: number) => bytesOf({ ...least, own: "x".repeat(bytes - bytesOf({ ...least, own: "" }).length) });
  expect(parseMeta(padded(16_384), "strap", "ecg").kind).toBe("meta");
  expect(parseMeta(padded(16_385), "strap", "ecg")).toEqual({ kind: "bad" });
});
