import { expect, test } from "vitest";
import type { MtData2 } from "./frame.ts";
import { type CountState, placeOf } from "./sample-count.ts";

const values = { acceleration: [0, 0, 9.81] } as const;
/** A message at 100 Hz: 100 ticks a sample. */
const message = (packetCounter?: number, sampleTimeFine?: number, more: object = values) =>
  ({
    ...(packetCounter === undefined ? {} : { packetCounter }),
    ...(sampleTimeFine === undefined ? {} : { sampleTimeFine }),
    ...more,
  }) as MtData2;
const last: CountState = { index: 10, counter: 50, ticks: 1000 };
const place = (data: MtData2, from: CountState | undefined = last) => placeOf(data, from, 100);

test("the first sample of a device is a restart at index 0, also where only other messages came before", () => {
  const start = { kind: "sample", at: { index: 0, counter: 7, ticks: 30 }, isRestart: true, isLoss: false };
  expect(placeOf(message(7, 30), undefined, 100)).toEqual(start);
  expect(place(message(7, 30), { index: -1, counter: 6, ticks: undefined })).toEqual(start);
  expect(place(message(7, 100), { index: 0, counter: 6, ticks: 0 })).toMatchObject({ isRestart: false });
});

test("time places a sample: what is missing is counted by it, loss of messages by the counter", () => {
  expect(place(message(51, 1100))).toEqual({
    kind: "sample",
    at: { index: 11, counter: 51, ticks: 1100 },

    isRestart: false,
    isLoss: false,
  });
  expect(place(message(54, 1400))).toMatchObject({ at: { index: 14 }, isLoss: true });
  expect(place(message(51, 1400))).toMatchObject({ at: { index: 14 }, isLoss: false });
  expect(place(message(undefined, 1200))).toMatchObject({ at: { index: 12, counter: undefined }, isLoss: false });
  expect(place(message(50, 1100))).toMatchObject({ at: { index: 11 }, isLoss: true });
});

test("any of acceleration, rate of turn and orientation is a sample; a message without keeps its counter and takes no index", () => {
  for (const more of [values, { rateOfTurn: [0, 0, 0] }, { quaternion: [1, 0, 0, 0] }])
    expect(place(message(51, 1100, more)).kind).toBe("sample");
  expect(place(message(51, 5, {}))).toEqual({ kind: "no-sample", at: { index: 10, counter: 51, ticks: 1000 }, isLoss: false });
  expect(place(message(53, 5, {}))).toMatchObject({ kind: "no-sample", isLoss: true });
  expect(placeOf(message(51, 5, {}), undefined, 100)).toEqual({
    kind: "no-sample",
    at: { index: -1, counter: 51, ticks: undefined },
    isLoss: false,
  });
});

test("at up to two samples' distance a time may be a tenth of a sample off the grid; behind a longer hole the grid may be new", () => {
  const verdict = (ticks: number) => {
    const { kind, at } = place(message(51, 1000 + ticks));
    return [kind, at.index, at.ticks];
  };
  expect([109, 91, 209, 191].map(verdict)).toEqual([
    ["sample", 11, 1109],
    ["sample", 11, 1091],
    ["sample", 12, 1209],
    ["sample", 12, 1191],
  ]);
  expect([111, 89, 150, 10, 211].map(verdict)).toEqual([
    ["discarded", 10, 1111],
    ["discarded", 10, 1089],
    ["discarded", 10, 1150],
    ["discarded", 10, 1010],
    ["discarded", 10, 1211],
  ]);
  expect([250, 251, 330].map(verdict)).toEqual([
    ["sample", 13, 1250],
    ["sample", 13, 1251],
    ["sample", 13, 1330],
  ]);
  expect(place(message(51, 1150))).toMatchObject({ reason: "driver.rate_mismatch" });
});

test("a device that is ten times as fast as configured or more is no device of that rate: no index is given twice", () => {
  for (const ticks of [1, 5, 10]) {
    const { kind, at } = place(message(51, 1000 + ticks));
    expect([kind, at]).toEqual(["discarded", { index: 10, counter: 51, ticks: 1000 + ticks }]);
  }
});

test("the same time again is a repeat, a time that lies back is a restart, and time wraps", () => {
  expect(place(message(51, 1000))).toEqual({ kind: "discarded", at: last, reason: "driver.duplicate_message" });
  expect(place(message(51, 900))).toMatchObject({ kind: "sample", at: { index: 0, counter: 51, ticks: 900 }, isRestart: true });
  const late = { ...last, ticks: 2 ** 32 - 50 };
  expect(place(message(51, 50), late)).toMatchObject({ at: { index: 11, ticks: 2 ** 32 + 50 }, isRestart: false });
  const wrapped = { ...last, ticks: 2 ** 32 + 50 };
  expect(place(message(51, 150), wrapped)).toMatchObject({ at: { index: 11, ticks: 2 ** 32 + 150 } });
  expect(place(message(51, 1000 + 2 ** 31))).toMatchObject({ isRestart: false });
  expect(place(message(51, 1001 + 2 ** 31))).toMatchObject({ isRestart: true });
});

test("without time the counter places a sample, and it wraps at 2¹⁶", () => {
  expect(place(message(51))).toEqual({
    kind: "sample",
    at: { index: 11, counter: 51, ticks: undefined },

    isRestart: false,
    isLoss: false,
  });
  expect(place(message(53))).toMatchObject({ at: { index: 13 }, isLoss: true });
  expect(place(message(50))).toEqual({ kind: "discarded", at: last, reason: "driver.duplicate_message" });
  expect(place(message(49))).toMatchObject({ at: { index: 0 }, isRestart: true, isLoss: false });
  expect(place(message(1), { ...last, counter: 65_535 })).toMatchObject({ at: { index: 12 }, isRestart: false });
  expect(place(message(50 + 32_768))).toMatchObject({ at: { index: 10 + 32_768 }, isRestart: false });
  expect(place(message(51 + 32_768))).toMatchObject({ isRestart: true });
  expect(place(message())).toMatchObject({ at: { index: 11, counter: undefined }, isLoss: false });
  expect(place(message(51, 1100), { ...last, ticks: undefined })).toMatchObject({ at: { index: 11, ticks: 1100 } });
});
