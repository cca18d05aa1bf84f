import { expect, it } from "vitest";
import type { SampleBlock, StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import { createClockMap } from "./clock-map.ts";
import { createFirstContact } from "./first-contact.ts";
import { placeBlock } from "./place.ts";

const second = 1_000_000;
const descriptor = { rateHz: 250 } as StreamDescriptor;
const block = (n: number, arrivalUs: number, bootId = "a", lengthMs = 1000): SampleBlock =>
  ({
    bootId,
    firstIndex: (n * lengthMs) / 4,
    count: lengthMs / 4,
    deviceTimeUs: n * lengthMs * 1000,
    deviceClock: 1,
    descriptor,
    channels: [],
    stamps: { timeUs: arrivalUs, monotonicUs: arrivalUs },
  }) as unknown as SampleBlock;

/** Where each block lands, in the order of its arrival. */
function river(arrivals: readonly SampleBlock[], untilUs: number) {
  let contact = createFirstContact();
  const clock = createClockMap();
  const starts: number[] = [];
  const waiting = [...arrivals];
  for (let nowUs = 0; nowUs <= untilUs; nowUs += 250_000) {
    while ((waiting[0]?.stamps.timeUs ?? Number.POSITIVE_INFINITY) <= nowUs) {
      const next = waiting.shift() as SampleBlock;
      if (!contact.holds(next)) starts.push(placeBlock(next, clock).startUs);
    }
    contact = createFirstContact(structuredClone(contact.state()));
    for (const held of contact.release(nowUs, clock)) starts.push(placeBlock(held, clock).startUs);
  }
  return starts;
}

it("an hour that comes within seconds is placed where it was measured", () => {
  const nowUs = 4000 * second;
  const past = Array.from({ length: 3600 }, (_, n) => block(n, nowUs + n * 2000));
  const live = Array.from({ length: 70 }, (_, n) => block(3600 + n, nowUs + 7_200_000 + (n + 1) * second));
  const endUs = nowUs + 3599 * 2000;
  const starts = river([...past, ...live], nowUs + 90 * second);
  expect(starts).toHaveLength(3670);
  starts.forEach((startUs, n) => {
    expect(Math.abs(startUs - (endUs - (3600 - n) * second))).toBeLessThan(20_000);
  });
});

it("live blocks wait a second once and not again", () => {
  const starts = river(
    Array.from({ length: 10 }, (_, n) => block(n, (n + 1) * second)),
    10 * second,
  );
  expect(starts).toEqual(Array.from({ length: 10 }, (_, n) => n * second));
});

it("a boot that ends before it is placed loses nothing to the next", () => {
  const starts = river([block(0, second), block(0, 1_200_000, "b"), block(1, 2_200_000, "b")], 6 * second);
  expect(starts).toEqual([0, 200_000, 1_200_000]);
});

it.each([100, 200, 250])(
  "ten minutes in blocks of %d ms that come at twenty times their pace are placed where they were measured",
  (lengthMs) => {
    const count = 600_000 / lengthMs;
    const arrivalUs = (n: number) => 4000 * second + n * lengthMs * 50;
    const starts = river(
      Array.from({ length: count }, (_, n) => block(n, arrivalUs(n), "a", lengthMs)),
      4100 * second,
    );
    expect(starts).toHaveLength(count);
    const offsetUs = arrivalUs(count - 1) - count * lengthMs * 1000;
    starts.forEach((startUs, n) => void expect(startUs).toBe(offsetUs + n * lengthMs * 1000));
  },
);

it("blocks of two boots in turn wait no longer however many there are", () => {
  const contact = createFirstContact();
  const clock = createClockMap();
  let left = 0;
  for (let n = 0; n < 400; n++) {
    contact.holds(block(n >> 1, n * 50_000, n % 2 === 0 ? "a" : "b"));
    if (n % 5 === 4) left += [...contact.release(n * 50_000, clock)].length;
  }
  expect(left).toBe(399);
});
