import { expect, test } from "vitest";
import { type Channel, Flag, type StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { openStage } from "../index.ts";
import type { PlacedBlock } from "../reorder.ts";
import type { StreamItem } from "../stream-item.ts";
import { numericVital, numericVitals } from "./numeric-vital.ts";

const channel = (kind: Channel["kind"], unit: string, more: Partial<Channel> = {}): Channel => ({
  id: kind,
  kind,
  unit,
  scale: 1,
  offset: 0,
  ...more,
});
const descriptor = (channels: readonly Channel[], rateHz = 1): StreamDescriptor => ({
  ...{ device: "clip", stream: "oxi", rateHz, channels, sentinels: [], contact: "none" },
});
const block = (columns: readonly (readonly number[])[], flags?: readonly number[], startUs = 0): PlacedBlock => ({
  ...{ kind: "samples", bootId: "b", firstIndex: 0, count: columns[0]?.length ?? 0, startUs, arrivalUs: startUs },
  channels: columns.map((values) => Float32Array.from(values)),
  ...(flags === undefined ? {} : { flags: Uint8Array.from(flags) }),
});
const numbers = (items: readonly StreamItem[]) =>
  items.flatMap((item) =>
    item.kind === "vital" ? [`${item.code} ${item.value ?? item.without} ${item.unit} at ${item.timeUs / 1e6}`] : [],
  );
const read = (of: Channel, values: readonly number[]) =>
  numbers(openStage(descriptor([of]), []).push(block([values]))).map((line) => line.split(" ")[1]);

test("each second of a stream of numbers is a fact for each vital sign, in the house's unit", () => {
  const stage = openStage(descriptor([channel("spo2", "%"), channel("hr", "/min"), channel("temp", "[degF]")]), []);
  expect(
    numbers(
      stage.push(
        block([
          [97, 96],
          [61, 62],
          [98.6, 100.4],
        ]),
      ),
    ),
  ).toEqual(["spo2 97 % at 1", "hr 61 bpm at 1", "temp 37 Cel at 1", "spo2 96 % at 2", "hr 62 bpm at 2", "temp 38 Cel at 2"]);
});

test("what sensors send for nothing is no value: zero, all ones, the power-on number of a thermometer", () => {
  expect(read(channel("spo2", "%"), [0, 25, 127, 255, 97])).toEqual(["implausible", "implausible", "implausible", "implausible", "97"]);
  expect(read(channel("hr", "bpm"), [0, 255, 511, 72])).toEqual(["implausible", "implausible", "implausible", "72"]);
  expect(read(channel("temp", "Cel"), [85, -127, 0, 36.6])).toEqual(["implausible", "implausible", "implausible", "36.6"]);
  expect(read(channel("rr", "/min"), [0, 255, 14])).toEqual(["implausible", "implausible", "14"]);
  expect(read(channel("spo2", "%", { range: [70, 100] }), [65, 71])).toEqual(["implausible", "71"]);
});

test("a sentinel, a sensor that is off and a number that is not the wearer's are absent", () => {
  const flags = [Flag.absent, Flag.notWorn, Flag.leadOff, Flag.synthetic, Flag.motion, 0];
  const stage = openStage(descriptor([channel("spo2", "%")]), []);
  const items = stage.push(block([[97, 97, 97, 97, 97, 97]], flags));
  expect(numbers(items).map((line) => line.split(" ")[1])).toEqual([...Array.from({ length: 5 }, () => "absent"), "97"]);
  const levels = items.flatMap((item) => (item.kind === "quality" ? [item.level] : []));
  expect(levels).toEqual(["bad", "bad", "bad", "bad", "bad", "good"]);
});

test("a fast stream gives one fact a second with its newest value, a slow one a fact a sample that stays fresh until the next", () => {
  const fast = openStage(descriptor([channel("spo2", "%")], 4), []);
  expect(numbers(fast.push(block([[90, 91, 92, 0, 94, 95, 96, 97]])))).toEqual(["spo2 92 % at 1", "spo2 97 % at 2"]);
  const slow = openStage(descriptor([channel("temp", "Cel")], 1 / 60), []);
  const [fact] = slow.push(block([[36.6]])).filter(({ kind }) => kind === "vital");
  expect(fact).toMatchObject({ timeUs: 60e6, value: 36.6, freshUs: 210e6 });
});

test("a hole is told once and no number is carried over it", () => {
  const stage = openStage(descriptor([channel("spo2", "%")], 4), []);
  expect(stage.push(block([[97, 97]]))).toEqual([]);
  const items = stage.push({ kind: "gap", bootId: "b", firstIndex: 2, count: 40, startUs: 500_000 });
  expect(items).toEqual([{ kind: "gap", device: "clip", stream: "oxi", fromUs: 500_000, timeUs: 10_500_000 }]);
  expect(stage.push(block([[0, 0]], undefined, 10_500_000))).toEqual([]);
  expect(numbers(stage.push(block([[0, 0]], undefined, 11_000_000)))).toEqual(["spo2 implausible % at 11.5"]);
});

test("numbers beside an ECG or a pleth are read too, and the signal keeps its own stage and quality", () => {
  const mixed = descriptor([channel("ppg", "1"), channel("spo2", "%")], 4);
  const stage = openStage(mixed, []);
  const items = stage.push(
    block([
      [1, 2, 3, 4],
      [97, 97, 97, 97],
    ]),
  );
  expect(numbers(items)).toEqual(["spo2 97 % at 1"]);
  expect(items.filter(({ kind }) => kind === "quality")).toHaveLength(1);
  const again = openStage(mixed, [], structuredClone(stage.state()));
  expect(again.state()).toEqual(stage.state());
});

test("a state of before numbers were read is taken by the signal's stage and does no harm to a stream of numbers", () => {
  const old = { endUs: 5, pulse: undefined, seconds: { count: 2, present: 2, sum: 3, squares: 5 } };
  expect(openStage(descriptor([channel("acc", "g"), channel("spo2", "%")], 4), [], old).passedUs).toBe(5);
  const alone = openStage(descriptor([channel("spo2", "%")]), [], old);
  expect(numbers(alone.push(block([[97]])))).toEqual(["spo2 97 % at 1"]);
});

test("a stage goes on exactly from its state in the middle of a second", () => {
  const of = descriptor([channel("spo2", "%"), channel("hr", "bpm")], 4);
  const first = openStage(of, []);
  first.push(
    block([
      [97, 96],
      [60, 61],
    ]),
  );
  const second = openStage(of, [], structuredClone(first.state()));
  expect(
    second.push(
      block(
        [
          [127, 127],
          [0, 0],
        ],
        undefined,
        500_000,
      ),
    ),
  ).toEqual(
    first.push(
      block(
        [
          [127, 127],
          [0, 0],
        ],
        undefined,
        500_000,
      ),
    ),
  );
});

test("a number in a unit that nobody knows, a breathing wave and a second channel of the same sign are no vital sign", () => {
  expect(numericVital(channel("spo2", "mV"))).toBeUndefined();
  expect(numericVital(channel("resp", "mV"))).toBeUndefined();
  expect(numericVital(channel("rr", "ms"))).toBeUndefined();
  expect(
    numericVitals(descriptor([channel("temp", "Cel"), channel("temp", "K", { id: "skin" })])).map((vital) => vital.channel.id),
  ).toEqual(["temp"]);
});
