import { expect, test } from "vitest";
import type { Refusal } from "../contract/refusal.ts";
import { hearthStream } from "./driver.ts";
import { encodeBatch, hashOfMeta, maxBatchBytes } from "./frame.ts";

const channel = { id: "ecg", kind: "ecg", unit: "mV", scale: 0.005, offset: 0 };
const meta = { v: 1, rateHz: 250, channels: [channel], sentinels: [] };
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const batch = (sequence: number) => ({
  bootId: "00112233445566aa",
  sequence,
  firstIndex: sequence * 2,
  deviceTimeUs: sequence * 8000,
  clockQuality: 1 as const,
  periodNs: 4_000_000,
  channels: [{ id: "ecg", samples: Int16Array.of(1, 2) }],
  metaHash: hashOfMeta(bytesOf(meta)),
});
const hex = (text: string) => Buffer.from(text, "hex").toString("base64url");
const json = {
  ...{ v: 1, b: hex("00112233445566aa"), q: 0, n0: 0, t: 0, k: 1, d: 4_000_000 },
  ...{ c: [{ i: "ecg", x: [1, 2] }], m: hex(hashOfMeta(bytesOf(meta))) },
};

function device() {
  const driver = hearthStream.create({}, "strap");
  const push = (topic: string, bytes: Uint8Array) =>
    driver.push({
      ...{ link: "mqtt", device: "strap", channel: topic, bytes },
      stamps: { timeUs: 5e6, monotonicUs: 5e6, wallUs: 5e6, wallQuality: "fake" },
    });
  return { driver, push };
}

/** "stream code field fault count" of each. */
const said = (refusals: readonly Refusal[]) =>
  refusals.map(({ stream, code, field = "-", fault = "-", count }) => `${stream} ${code} ${field} ${fault} ${count}`);

test.each([
  ["no scale", { ...meta, channels: [{ ...channel, scale: undefined }] }, "channels[0].scale missing"],
  ["a scale that is a text", { ...meta, channels: [{ ...channel, scale: "0.005" }] }, "channels[0].scale type"],
  ["a scale of zero", { ...meta, channels: [{ ...channel, scale: 0 }] }, "channels[0].scale range"],
  ["no rate", { ...meta, rateHz: undefined }, "rateHz missing"],
  ["a rate of zero", { ...meta, rateHz: 0 }, "rateHz range"],
  ["no sentinels", { ...meta, sentinels: undefined }, "sentinels missing"],
  ["another version", { ...meta, v: 2 }, "v range"],
  ["no channel", { ...meta, channels: [] }, "channels range"],
  ["a channel twice", { ...meta, channels: [channel, channel] }, "channels[1].id twice"],
  ["a sentinel of no channel", { ...meta, sentinels: [{ channel: "x", value: 0, meaning: "invalid" }] }, "sentinels[0].channel unknown"],
  ["a range that is turned round", { ...meta, channels: [{ ...channel, range: [5, -5] }] }, "channels[0].range range"],
  ["no object", 250, "- -"],
])("a descriptor with %s is refused with the name of the field", (_, payload, expected) => {
  const { driver, push } = device();
  push("ecg/meta", bytesOf(payload));
  expect(said(driver.refusals())).toEqual([`ecg driver.bad_meta ${expected} 1`]);
});

test.each([
  ["a number as text", { ...json, q: "0" }, "bad_field q type"],
  ["no number", { ...json, q: undefined }, "bad_field q missing"],
  ["a period of zero", { ...json, d: 0 }, "bad_field d range"],
  ["samples as texts", { ...json, c: [{ i: "ecg", x: ["1", "2"] }] }, "bad_samples c[0].x type"],
  ["another version", { ...json, v: 3 }, "wrong_version v range"],
  ["channels of different lengths", { ...json, c: [...json.c, { i: "b", x: [1] }] }, "unequal_lengths c[1].x -"],
  ["no samples in its list", { ...json, c: [{ i: "ecg", x: [] }] }, "empty_batch c[0].x -"],
  ["a hash that is none", { ...json, m: "short" }, "bad_field m type"],
])("a batch with %s is refused with the name of the field", (_, sent, expected) => {
  const { driver, push } = device();
  push("ecg/raw", bytesOf(sent));
  expect(said(driver.refusals())).toEqual([`ecg driver.${expected} 1`]);
});

test("bytes that are no batch at all are refused for what they are", () => {
  const { driver, push } = device();
  push("ecg/raw", Uint8Array.of(0xa1, 0x01));
  push("ecg/raw", new TextEncoder().encode("{nothing"));
  push("ecg/raw", new TextEncoder().encode("12,13,14"));
  push("ecg/raw", new Uint8Array(maxBatchBytes + 1));
  expect(said(driver.refusals())).toEqual(
    ["bad_cbor", "bad_json", "unknown_encoding", "too_large"].map((code) => `ecg driver.${code} - - 1`),
  );
});

test("batches whose descriptor never came say so, and whether another stream of the device has it", () => {
  const { driver, push } = device();
  push("ecg/raw", encodeBatch(batch(0)));
  push("ecg/raw", encodeBatch(batch(1)));
  expect(said(driver.refusals())).toEqual(["ecg driver.no_descriptor m - 2"]);
  push("ecg-1/meta", bytesOf(meta));
  push("ecg/raw", encodeBatch(batch(2)));
  expect(said(driver.refusals())).toContain("ecg driver.other_stream m - 1");
});

test("a device that sends one batch over and over says so, until another comes under whatever number", () => {
  const { driver, push } = device();
  push("ecg/meta", bytesOf(meta));
  for (let i = 0; i < 4; i++) push("ecg/raw", encodeBatch(batch(0)));
  expect(said(driver.refusals())).toEqual(["ecg driver.duplicate_batch q - 3"]);
  push("ecg/raw", encodeBatch({ ...batch(0), firstIndex: 2 }));
  expect(said(driver.refusals())).toEqual([]);
});

test("a batch against its descriptor says what differs, and the first that fits ends it", () => {
  const { driver, push } = device();
  push("ecg/meta", bytesOf({ ...meta, v: 2 }));
  push("ecg/meta", bytesOf(meta));
  expect(driver.refusals()).toEqual([]);
  push("ecg/raw", encodeBatch({ ...batch(0), periodNs: 8_000_000 }));
  push("ecg/raw", encodeBatch({ ...batch(1), channels: [{ id: "resp", samples: Int16Array.of(1) }] }));
  expect(said(driver.refusals())).toEqual(["ecg driver.rate_mismatch d - 1", "ecg driver.channel_mismatch c - 1"]);
  expect(push("ecg/raw", encodeBatch(batch(2))).length).toBe(1);
  expect(driver.refusals()).toEqual([]);
});

test("one stream's trouble is not another's", () => {
  const { driver, push } = device();
  push("ecg/meta", bytesOf(meta));
  push("spo2/raw", Uint8Array.of(0));
  push("ecg/raw", encodeBatch(batch(0)));
  expect(said(driver.refusals())).toEqual(["spo2 driver.unknown_encoding - - 1"]);
});

test("however many kinds of trouble a device makes, what is kept of them stays small", () => {
  const { driver, push } = device();
  for (let i = 0; i < 500; i++)
    push("ecg/raw", bytesOf({ ...json, c: [...Array.from({ length: i }, (_, id) => ({ i: `c${id}`, x: [1] })), 1] }));
  expect(driver.refusals().length).toBeLessThanOrEqual(64);
});
