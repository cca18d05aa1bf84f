import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { createBatchEncoder, decodeBody, encodeSources, originOf, type Source } from "./record-codec.ts";

const chunks = fc.array(
  fc.record({
    link: fc.string({ maxLength: 20 }),
    device: fc.constantFrom("strap-1", "strap-2", "µ-fiets"),
    channel: fc.constantFrom("", "ecg/raw"),
    bytes: fc.uint8Array({ maxLength: 900 }),
    stamps: fc.record({
      timeUs: fc.integer({ min: 0, max: 4e15 }),
      monotonicUs: fc.integer({ min: 0, max: 1e13 }),
      wallUs: fc.integer({ min: 0, max: 4e15 }),
      wallQuality: fc.constantFrom("ntp" as const, "rtc" as const, "fake" as const, "unsynced" as const),
    }),
  }),
  { minLength: 1, maxLength: 30 },
);

function encode(all: readonly Chunk[]) {
  const origin = originOf(all[0]!);
  const encoder = createBatchEncoder("p1", origin, 64);
  const sources = new Map<string, Source>();
  for (const { link, device, channel, ...rest } of all) {
    const key = JSON.stringify([link, device, channel]);
    const source = sources.get(key) ?? { id: sources.size, link, device, channel };
    sources.set(key, source);
    encoder.add({ link, device, channel, ...rest }, source.id);
  }
  return { batch: encoder.take(), origin, sources: [...sources.values()] };
}

test("any chunks come back as they went in, stamps and all", () => {
  fc.assert(
    fc.property(chunks, (all) => {
      const { batch, origin, sources } = encode(all);
      const bytes = Buffer.concat([encodeSources(sources), batch.body]);
      const decoded = decodeBody({ bytes, definesSources: true, count: batch.count, firstTimeUs: batch.firstTimeUs }, new Map(), origin);
      expect(decoded?.map((chunk) => ({ ...chunk, bytes: Uint8Array.from(chunk?.bytes ?? []) }))).toEqual(all);
    }),
  );
});

test("a body that was cut is no body", () => {
  fc.assert(
    fc.property(chunks, fc.nat(), (all, at) => {
      const { batch, origin, sources } = encode(all);
      const whole = Buffer.concat([encodeSources(sources), batch.body]);
      const bytes = whole.subarray(0, at % whole.length);
      expect(
        decodeBody({ bytes, definesSources: true, count: batch.count, firstTimeUs: batch.firstTimeUs }, new Map(), origin),
      ).toBeUndefined();
    }),
  );
});

test("one record costs less than 10 bytes beside its payload", () => {
  const stamps = (timeUs: number) => ({ timeUs, monotonicUs: timeUs - 1.7e15, wallUs: timeUs + 430, wallQuality: "ntp" as const });
  const chunk = { link: "mqtt", device: "strap-1", channel: "ecg/raw", bytes: new Uint8Array(575), stamps: stamps(1.7e15) };
  const { batch } = encode([chunk, { ...chunk, stamps: stamps(1.7e15 + 250_000) }]);
  expect(batch.body.length).toBeLessThan(2 * (575 + 10));
});
