import { expect, test } from "vitest";
import { hearthStream } from "./driver.ts";
import { encodeBatch, hashOfMeta } from "./frame.ts";

const meta = (mark: string) =>
  new TextEncoder().encode(
    JSON.stringify({
      v: 1,
      rateHz: 250,
      placement: mark,
      channels: [{ id: "a", kind: "ecg", unit: "mV", scale: 1, offset: 0 }],
      sentinels: [],
    }),
  );
const batch = (mark: string, sequence = 1) =>
  encodeBatch({
    bootId: "00112233445566aa",
    sequence,
    firstIndex: sequence * 2,
    deviceTimeUs: 0,
    clockQuality: 0,
    periodNs: 4_000_000,
    channels: [{ id: "a", samples: Int16Array.of(1, 2) }],
    metaHash: hashOfMeta(meta(mark)),
  });

function device(state?: unknown) {
  const driver = hearthStream.create({}, "strap", state);
  const push = (channel: string, bytes: Uint8Array, atS = 0) => {
    const us = atS * 1e6;
    return driver.push({
      link: "mqtt",
      device: "strap",
      channel,
      bytes,
      stamps: { timeUs: us, monotonicUs: us, wallUs: us, wallQuality: "ntp" },
    });
  };
  const asked = () => (driver.takeReplies?.() ?? []).map(({ channel, bytes }) => [channel, JSON.parse(new TextDecoder().decode(bytes))]);
  return { driver, push, asked };
}
const request = (stream: string, mark: string) => {
  const hash = hashOfMeta(meta(mark));
  return ["cmd/meta", { id: `${stream}-${hash}`, stream, m: hash }];
};

test("a descriptor is asked for once, again after ten seconds, and at once where another is wanted", () => {
  const { push, asked } = device();
  push("ecg/raw", batch("x"), 0);
  expect([asked(), asked()]).toEqual([[request("ecg", "x")], []]);
  push("ecg/raw", batch("x", 2), 9.999_999);
  expect(asked()).toEqual([]);
  push("ecg/raw", batch("x", 3), 10);
  expect(asked()).toEqual([request("ecg", "x")]);
  push("ecg/raw", batch("y", 4), 11);
  expect(asked()).toEqual([]);
  push("ecg/meta", meta("x"), 12);
  expect(asked()).toEqual([request("ecg", "y")]);
  push("ecg/raw", batch("y", 5), 13);
  push("ppg/raw", batch("x"), 13);
  expect(asked()).toEqual([request("ppg", "x")]);
});

test("what came before anybody asked is not asked for any more", () => {
  const { push, asked } = device();
  push("ecg/raw", batch("x"), 0);
  expect(push("ecg/meta", meta("x"), 1)).toHaveLength(1);
  expect(asked()).toEqual([]);
  push("ecg/raw", batch("y"), 2);
  push("ecg/meta", meta("y"), 3);
  push("ecg/raw", batch("z"), 4);
  expect(asked()).toEqual([request("ecg", "z")]);
});

test("a device has 32 streams at most, and an empty descriptor is none", () => {
  const { driver, push } = device();
  for (let i = 0; i < 33; i++) expect(push(`s${i}/meta`, meta("x"))).toEqual([]);
  expect(driver.counters.discarded).toEqual({ "driver.too_many_streams": 1 });
  expect(push("s31/raw", batch("x"))).toHaveLength(1);
  expect(push("s31/meta", new Uint8Array(0))).toEqual([]);
  expect(driver.counters.discarded).toEqual({ "driver.too_many_streams": 1 });
});

test("a channel is one stream's raw or meta, or the status; anything else is refused", () => {
  const { driver, push } = device();
  for (const channel of ["ecg", "ecg/raw/x", "ECG/raw", "-e/raw", `${"e".repeat(33)}/raw`, "/raw", "ecg/cooked", "status/raw/x", ""])
    expect(push(channel, batch("x"))).toEqual([]);
  expect(driver.counters.discarded).toEqual({ "driver.unknown_channel": 9 });
  expect(driver.refusals?.()).toEqual([{ code: "driver.unknown_channel", stream: "", count: 9 }]);
  expect(push("status", Uint8Array.of(1))).toEqual([]);
  expect(push(`${"e".repeat(32)}/meta`, meta("x"))).toEqual([]);
  expect(driver.counters.discarded).toEqual({ "driver.unknown_channel": 9 });
});

test("every stream goes over a restart", () => {
  const before = device();
  for (const stream of ["ecg", "ppg"]) {
    before.push(`${stream}/meta`, meta(stream));
    before.push(`${stream}/raw`, batch(stream));
  }
  const after = device(structuredClone(before.driver.state()));
  expect(after.driver.state()).toEqual(before.driver.state());
  for (const stream of ["ecg", "ppg"]) {
    expect(after.push(`${stream}/raw`, batch(stream))).toEqual([]);
    expect(after.push(`${stream}/raw`, batch(stream, 2))).toHaveLength(1);
  }
});
