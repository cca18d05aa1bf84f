import { expect, test } from "vitest";
import { createBlockSource } from "./blocks.ts";

const samples = (over: object = {}) => ({
  ...{ person: "person-a", device: "strap", stream: "ecg", channel: "ecg", unit: "mV", startUs: 1_000_000_000, rateHz: 250 },
  ...{ values: new Array(250).fill(0.5) },
  ...over,
});

test("a block has time, rate, unit, values and the quality of the newest second that was judged", () => {
  const source = createBlockSource({ device: "strap" });
  const [before] = source.samples(samples());
  expect(before).toMatchObject({ t: 1_000_000, rateHz: 250, unit: "mV", quality: "unknown", contact: "unknown", person: "person-a" });
  expect(before?.values.length).toBe(250);
  source.quality({ person: "person-a", device: "strap", stream: "ecg", timeUs: 1, level: "good", contact: "on" });
  source.quality({ person: "person-a", device: "strap", stream: "acc", timeUs: 1, level: "bad", contact: "off" });
  expect(source.samples(samples({ values: [1, null] }))).toEqual([
    expect.objectContaining({ values: [1, null], quality: "good", contact: "on", device: "strap", stream: "ecg", channel: "ecg" }),
  ]);
});

test("only what was asked for comes; what else there is can be named", () => {
  const source = createBlockSource({ device: "strap", channel: "v5 ", person: "" });
  expect(source.samples(samples())).toEqual([]);
  expect(source.samples(samples({ device: "clip", stream: "oxi", channel: "red" }))).toEqual([]);
  expect(source.samples(samples({ channel: "v5" })).length).toBe(1);
  for (let i = 0; i < 1000; i++) source.samples(samples({ channel: `c${i}` }));
  expect(source.others().slice(0, 2)).toEqual(["strap/ecg/ecg", "clip/oxi/red"]);
  expect(source.others().length).toBe(8);
});

test("a lower rate goes on over blocks and begins anew behind a hole", () => {
  const source = createBlockSource({ rateHz: "50" });
  const at = (startUs: number) => source.samples(samples({ startUs }));
  const first = at(1e9).concat(at(1e9 + 1e6), at(1e9 + 2e6 + 3000), at(1e9 + 3e6));
  expect(new Set(first.map(({ rateHz }) => rateHz))).toEqual(new Set([50]));
  expect(first.flatMap(({ values }) => values).length).toBe(200 - 24);
  expect(first[0]?.t).toBeCloseTo(1e6 + 240, 6);
  expect(first[1]?.t).toBeCloseTo((first[0]?.t ?? 0) + 20 * (first[0]?.values.length ?? 0), 6);
  const behind = at(2e9);
  expect(behind[0]?.t).toBeCloseTo(2e6 + 240, 6);
  expect(behind[0]?.values.every((value) => Math.abs((value ?? 0) - 0.5) < 1e-9)).toBe(true);
  const slow = source.samples(samples({ stream: "acc", channel: "x", rateHz: 25, values: [1, 2] }));
  expect(slow).toEqual([expect.objectContaining({ rateHz: 25, values: [1, 2] })]);
});

test("what is no block is passed over, and however many signals there are, few are kept", () => {
  const source = createBlockSource({ rateHz: 50 });
  for (const odd of [
    undefined,
    null,
    5,
    {},
    samples({ rateHz: 0 }),
    samples({ startUs: null }),
    samples({ values: [] }),
    samples({ values: new Array(30_000).fill(0) }),
  ])
    expect(source.samples(odd)).toEqual([]);
  source.quality(null);
  source.samples(samples({ channel: "first" }));
  for (let i = 0; i < 300; i++) source.samples(samples({ channel: `c${i}` }));
  // It was forgotten: without what came before, the filter begins anew.
  const again = source.samples(samples({ channel: "first", startUs: 1e9 + 1e6 }));
  expect(again[0]?.t).toBeCloseTo(1e6 + 1000 + 240, 6);
});
