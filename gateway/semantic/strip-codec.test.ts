import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../test/runs.ts";
import { bitWriter } from "./bits.ts";
import { decodeSamples, encodeSamples, noValue } from "./strip-codec.ts";

const int32 = fc.integer({ min: -2147483648, max: 2147483647 });

describe("strip codec", () => {
  test("any samples come back, holes too", () => {
    const samples = fc.array(fc.oneof(int32, fc.constant(noValue), fc.integer({ min: -40, max: 40 })), { maxLength: 1200 });
    fc.assert(
      fc.property(samples, (values) => {
        const given = Int32Array.from(values);
        expect(decodeSamples(encodeSamples(given))).toEqual(given);
      }),
      runs(100),
    );
  });

  test("long stretches of holes and steps between the extremes come back", () => {
    const given = new Int32Array(5000).fill(noValue);
    for (let i = 700; i < 2000; i++) given[i] = i % 2 === 0 ? 2147483647 : -2147483647;
    for (let i = 3000; i < 4000; i++) given[i] = Math.round(900 * Math.sin(i / 20));
    expect(decodeSamples(encodeSamples(given))).toEqual(given);
    for (const empty of [new Int32Array(0), new Int32Array(3).fill(noValue)]) expect(decodeSamples(encodeSamples(empty))).toEqual(empty);
  });

  test("a real 11-bit ECG takes at most 5 bits a sample", () => {
    const bytes = readFileSync(new URL("./testdata/ecg-11bit.i16", import.meta.url));
    const given = Int32Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readInt16LE(2 * i));
    const packed = encodeSamples(given);
    expect(decodeSamples(packed)).toEqual(given);
    expect((packed.length * 8) / given.length).toBeLessThan(5);
  });

  test("a few bytes that promise more samples than any strip has are refused before memory is taken", () => {
    for (const [count, isRead] of [
      [6_000_000, true],
      [6_000_001, false],
    ] as const) {
      const bits = bitWriter();
      bits.golomb(count, 8);
      bits.golomb(0, 8);
      bits.golomb(count, 8);
      if (isRead) expect(decodeSamples(bits.bytes())).toHaveLength(count);
      else expect(() => decodeSamples(bits.bytes())).toThrow(expect.objectContaining({ code: "semantic.undecodable" }));
    }
  });

  test("bytes that break off, or are noise, are undecodable and take no memory", () => {
    const packed = encodeSamples(Int32Array.from({ length: 600 }, (_, i) => (i * 7919) % 1000));
    for (let end = 0; end < packed.length - 1; end += 7)
      expect(() => decodeSamples(packed.subarray(0, end))).toThrow(expect.objectContaining({ code: "semantic.undecodable" }));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
        try {
          decodeSamples(noise);
        } catch (error) {
          expect(error).toMatchObject({ code: "semantic.undecodable" });
        }
      }),
    );
  });
});
