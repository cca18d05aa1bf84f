import { expect, test } from "vitest";
import type { SampleBlock } from "../contract/sample-block.ts";
import { hearthStream } from "./driver.ts";

const meta = {
  rateHz: 100,
  channels: [{ id: "ecg", unit: "mV", scale: 0.5 }],
  sentinels: [{ channel: "ecg", value: -1, meaning: "lead-off" }],
};
const bytesOf = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

function device(state?: unknown) {
  const driver = hearthStream.create({}, "strap", state);
  const push = (topic: string, value: unknown, atS = 100) => {
    const timeUs = Math.round(atS * 1e6);
    const stamps = { timeUs, monotonicUs: timeUs, wallUs: timeUs, wallQuality: "fake" } as const;
    return driver.push({ link: "mqtt", device: "strap", channel: topic, bytes: bytesOf(value), stamps });
  };
  const said = () => driver.refusals().map(({ code, field = "-", fault = "-" }) => `${code} ${field} ${fault}`);
  return { driver, push, said };
}
const places = (blocks: readonly SampleBlock[]) => blocks.map(({ firstIndex, count }) => [firstIndex, count]);
const second = (value = 0) => ({ rateHz: 100, unit: "mV", x: Array(100).fill(value) });

test("a batch that says its rate and unit needs no descriptor; its stream's name is its kind", () => {
  const [block] = device().push("ecg/raw", { rateHz: 250, unit: "mV", x: [0.5, -0.25] });
  expect(block?.descriptor).toMatchObject({ stream: "ecg", rateHz: 250, contact: "none" });
  expect(block?.descriptor.channels).toEqual([{ id: "ecg", kind: "ecg", unit: "mV", scale: 1, offset: 0 }]);
  expect([...(block?.channels[0] ?? [])]).toEqual([0.5, -0.25]);
  expect(block?.deviceClock).toBe(0);
});

test("it may name kind, scale and offset", () => {
  const [block] = device().push("finger/raw", { rateHz: 50, kind: "ppg", unit: "1", scale: 0.1, offset: 2, x: [1, 2] });
  expect(block?.descriptor.channels).toEqual([{ id: "ppg", kind: "ppg", unit: "1", scale: 0.1, offset: 2 }]);
});

test.each([
  ["a list", [3, -1]],
  ["an object with x", { x: [3, -1] }],
  ["an object with c", { c: [{ i: "ecg", x: [3, -1] }] }],
  ["the same behind a line break", "\n [3, -1]\n"],
])("behind a descriptor %s is enough, and its sentinels hold", (_, sent) => {
  const { push } = device();
  push("ecg/meta", meta);
  const [block] = push("ecg/raw", sent);
  expect(block?.descriptor.channels[0]?.scale).toBe(0.5);
  expect(block?.flags?.map((bits) => bits & 32)).toEqual(Uint8Array.of(0, 32));
});

test("behind a descriptor of one number a second the number alone is enough", () => {
  const { push } = device();
  push("spo2/meta", { rateHz: 1, channels: [{ id: "spo2", unit: "%", scale: 1 }], sentinels: [] });
  expect([...(push("spo2/raw", "97")[0]?.channels[0] ?? [])]).toEqual([97]);
});

test("batches follow each other without a hole, equal ones too, whatever their arrival jitters", () => {
  const { push } = device();
  const blocks = [100, 101.3, 101.9, 103.4].flatMap((atS) => push("ecg/raw", second(), atS));
  expect(places(blocks)).toEqual([0, 1, 2, 3].map((i) => [9900 + 100 * i, 100]));
  expect(new Set(blocks.map(({ bootId }) => bootId)).size).toBe(1);
});

test("a pause is a gap as long as the arrival says", () => {
  const { push } = device();
  push("ecg/raw", second(), 100);
  expect(places(push("ecg/raw", second(), 103))).toEqual([[10_000, 100]]);
  expect(places(push("ecg/raw", second(), 107))).toEqual([[10_600, 100]]);
});

test("a device that is faster than it says never uses a number twice, over a pause too", () => {
  const { push } = device();
  const blocks = Array.from({ length: 20 }, (_, i) => push("ecg/raw", second(), 100 + i / 2)).flat();
  const last = blocks.at(-1);
  const [next] = push("ecg/raw", second(), 113);
  expect(next?.firstIndex).toBeGreaterThanOrEqual((last?.firstIndex ?? 0) + 100);
});

test("counting goes on over a restart", () => {
  const first = device();
  first.push("ecg/raw", second(), 100);
  const later = device(structuredClone(first.driver.state()));
  expect(places(later.push("ecg/raw", second(), 101.2))).toEqual([[10_000, 100]]);
});

test("whoever reads the journal from its middle finds the samples under the same boot and within the arrival's jitter", () => {
  const whole = device();
  const arrivals = Array.from({ length: 60 }, (_, i) => 100 + i * 1.03 + (i % 3) * 0.1);
  const all = arrivals.map((atS) => whole.push("ecg/raw", second(), atS)[0]);
  const part = device();
  const again = arrivals.slice(40).map((atS) => part.push("ecg/raw", second(), atS)[0]);
  for (const [i, block] of again.entries()) {
    const anchor = all[40 + i]?.raw;
    expect(block?.bootId).toBe(anchor?.bootId);
    expect(Math.abs((block?.firstIndex ?? 0) - (anchor?.firstIndex ?? 0))).toBeLessThanOrEqual(85);
  }
});

test.each([
  ["samples without a word about them", { x: [1, 2] }, "driver.undescribed rateHz missing"],
  ["a list without a descriptor", [1, 2], "driver.undescribed rateHz missing"],
  ["no unit", { rateHz: 250, x: [1] }, "driver.bad_field unit missing"],
  ["no rate", { unit: "mV", x: [1] }, "driver.bad_field rateHz missing"],
  ["a rate as text", { rateHz: "250", unit: "mV", x: [1] }, "driver.bad_field rateHz type"],
  ["a scale of zero", { rateHz: 250, unit: "mV", scale: 0, x: [1] }, "driver.bad_field scale range"],
  ["other names", { rateHz: 250, unit: "mV", samples: [1] }, "driver.bad_field x missing"],
  ["samples as texts", { rateHz: 250, unit: "mV", x: [1, "2"] }, "driver.bad_samples x[1] type"],
  ["a sample that is null", { rateHz: 250, unit: "mV", x: [null] }, "driver.bad_samples x[0] type"],
  ["samples in one text", { rateHz: 250, unit: "mV", x: "1,2" }, "driver.bad_samples x type"],
  ["no samples", { rateHz: 250, unit: "mV", x: [] }, "driver.empty_batch x -"],
  ["another version", { v: 2, rateHz: 250, unit: "mV", x: [1] }, "driver.wrong_version v range"],
  ["a row that is none", { c: [1] }, "driver.bad_field c[0].i missing"],
  [
    "rows of different lengths",
    {
      c: [
        { i: "a", x: [1] },
        { i: "b", x: [1, 2] },
      ],
    },
    "driver.unequal_lengths c[1].x -",
  ],
])("%s is refused with the name of the field", (_, sent, expected) => {
  const { push, said } = device();
  expect(push("ecg/raw", sent)).toEqual([]);
  expect(said()).toEqual([expected]);
});

test("a row against a descriptor with two says so", () => {
  const { push, said } = device();
  const channel = meta.channels[0];
  push("ecg/meta", { ...meta, channels: [channel, { ...channel, id: "ecg-2" }] });
  push("ecg/raw", [1, 2]);
  expect(said()).toEqual(["driver.channel_mismatch x -"]);
});

test("one field of the full form asks for all of them", () => {
  const { push, said } = device();
  push("ecg/meta", meta);
  push("ecg/raw", { v: 1, t: 1_700_000_000_000, x: [1, 2] });
  expect(said()).toEqual(["driver.bad_field b missing"]);
});
