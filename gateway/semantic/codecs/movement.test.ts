import { describe, expect, test } from "vitest";
import { movement } from "./movement.ts";

const rateHz = 50;
const known = { rateHz, peaks: [], mvPerCount: 0 };
/** A wrist: at rest with a little noise, then a swing of about one a second. */
const wrist = Int32Array.from({ length: 60 * rateHz }, (_, i) => {
  const noise = ((i * 7919) % 23) - 11;
  return Math.round(4096 + noise + (i < 1500 ? 0 : 2500 * Math.sin((2 * Math.PI * i) / 52) + 600 * Math.sin((2 * Math.PI * i) / 9)));
});
const largestOff = (a: Int32Array, b: Int32Array) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? 0))), 0);

describe("movement", () => {
  test.each([1, 2, 7, 205, 100_000])("no sample is off by more than asked for (%i counts), and a reader has the same", (bound) => {
    const coded = movement.encode({ samples: wrist, ...known }, bound + 0.4);
    if (coded === undefined) throw new Error("not coded");
    expect(largestOff(wrist, coded.samples)).toBeLessThanOrEqual(bound);
    expect(movement.decode(coded.bytes, wrist.length, known)).toEqual(coded.samples);
  });

  test("a wrist at rest costs next to nothing, one that swings less than two bits a sample", () => {
    const rest = movement.encode({ samples: wrist.subarray(0, 1500), ...known }, 205);
    const swing = movement.encode({ samples: wrist.subarray(1500), ...known }, 205);
    expect(rest?.bytes.length).toBeLessThan(20);
    expect(((swing?.bytes.length ?? 0) * 8) / 1500).toBeLessThan(2.5);
  });

  test("a bound below one count can't be kept but without loss", () => {
    expect(movement.encode({ samples: wrist, ...known }, 0.9)).toBeUndefined();
  });

  test("values as large as 24 bits allow come back within the bound", () => {
    const samples = Int32Array.from({ length: 400 }, (_, i) => (i % 3 === 0 ? -8_388_608 : 8_388_607));
    const coded = movement.encode({ samples, ...known }, 10);
    expect(coded && largestOff(samples, coded.samples)).toBeLessThanOrEqual(10);
    expect(coded && movement.decode(coded.bytes, samples.length, known)).toEqual(coded?.samples);
  });

  test("its bytes are pinned: whoever changes them gives it another number", () => {
    const coded = movement.encode({ samples: wrist.subarray(1490, 1520), ...known }, 205);
    expect(Buffer.from(coded?.bytes ?? []).toString("hex")).toBe("000000019bbfdfbc54a88a5fdfe7");
    expect(movement.hash).toBe("348f5121c8d8f1e3");
  });
});
