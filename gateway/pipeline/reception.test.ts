import { expect, test } from "vitest";
import type { Refusal } from "../../device-drivers/contract/refusal.ts";
import type { Block } from "../../device-drivers/contract/sample-block.ts";
import { createReception, isTold } from "./reception.ts";

const some = [{}] as Block[];
const refusal = (count: number, more: Partial<Refusal> = {}): Refusal => ({ code: "driver.bad_cbor", stream: "ecg", count, ...more });
const told = (reception: ReturnType<typeof createReception>, nowS: number) =>
  reception
    .findings()
    .filter((finding) => isTold(finding, nowS * 1e6))
    .map(({ code, stream }) => `${stream} ${code}`);

test("bytes that are thrown away for 5 s are told, and the first that is decoded ends it", () => {
  const reception = createReception();
  for (let s = 0; s <= 4; s++) reception.take(s * 1e6, [], [refusal(s + 1)]);
  expect(told(reception, 4)).toEqual([]);
  reception.take(5e6, [], [refusal(6)]);
  expect(told(reception, 5)).toEqual(["ecg driver.bad_cbor"]);
  expect(reception.decodedUs).toBeUndefined();
  reception.take(6e6, some, []);
  expect(told(reception, 6)).toEqual([]);
  expect(reception.decodedUs).toBe(6e6);
});

test("two bad batches and then silence are no stream that is thrown away", () => {
  const reception = createReception();
  reception.take(0, [], [refusal(1)]);
  reception.take(1e6, [], [refusal(2)]);
  expect(told(reception, 600)).toEqual([]);
});

test("one bad batch among good ones is never told, however often it happens", () => {
  const reception = createReception();
  for (let s = 0; s < 60; s += 2) {
    reception.take(s * 1e6, [], [refusal(1)]);
    reception.take((s + 1) * 1e6, some, []);
    expect(told(reception, s + 1)).toEqual([]);
  }
});

test("a descriptor that cannot be used comes once and is told after 5 s, without the batches that wait for it", () => {
  const reception = createReception();
  const bad = refusal(1, { code: "driver.bad_meta", field: "channels[0].scale", fault: "missing" });
  reception.take(0, [], [bad]);
  expect(told(reception, 4)).toEqual([]);
  expect(told(reception, 5)).toEqual(["ecg driver.bad_meta"]);
  for (let s = 1; s <= 6; s++) reception.take(s * 1e6, [], [bad, refusal(s, { code: "driver.no_descriptor", field: "m" })]);
  expect(told(reception, 7)).toEqual(["ecg driver.bad_meta"]);
});

test("a stream that the device no longer sends is forgotten after a minute of its others", () => {
  const reception = createReception();
  for (let s = 0; s <= 6; s++) reception.take(s * 1e6, [], [refusal(s + 1)]);
  for (let s = 7; s <= 65; s++) reception.take(s * 1e6, some, [refusal(7)]);
  expect(told(reception, 65)).toHaveLength(1);
  for (let s = 66; s <= 70; s++) reception.take(s * 1e6, some, [refusal(7)]);
  expect(told(reception, 70)).toEqual([]);
});

test("after a clock that was years ahead has been put right, what is thrown away is told within 5 s of the right one", () => {
  const reception = createReception();
  for (let s = 0; s <= 10; s++) reception.take(3e14 + s * 1e6, [], [refusal(s + 1)]);
  for (let s = 0; s <= 5; s++) reception.take(s * 1e6, [], [refusal(s + 12)]);
  expect(told(reception, 5)).toEqual(["ecg driver.bad_cbor"]);
});
