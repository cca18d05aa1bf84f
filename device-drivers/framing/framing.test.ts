import { Encoder } from "cbor-x/encode";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createByteQueue } from "./byte-queue.ts";
import { readCbor } from "./cbor-reader.ts";
import { sum8 } from "./checksums.ts";
import { createSeenNumbers } from "./seen-numbers.ts";

describe("the byte queue", () => {
  test("is a queue: whatever goes in comes out in order, up to its cap", () => {
    const action = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => ({ push: bytes, skip: 0 })),
      fc.nat({ max: 300 }).map((skip) => ({ push: new Uint8Array(0), skip })),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const queue = createByteQueue(500);
        let model: number[] = [];
        for (const { push, skip } of actions) {
          const taken = queue.push(push);
          expect(taken).toBe(Math.min(push.length, 500 - model.length));
          model.push(...push.subarray(0, taken));
          queue.skip(skip);
          model = model.slice(skip);
          expect([...queue.copy(0, queue.length)]).toEqual(model);
          expect(queue.at(0)).toBe(model[0]);
          expect(queue.at(model.length)).toBeUndefined();
        }
      }),
    );
  });

  test("refuses to copy what it doesn't have", () => {
    expect(() => createByteQueue(8, Uint8Array.of(1)).copy(0, 2)).toThrow(RangeError);
  });
});

describe("seen numbers", () => {
  test("say for any order of numbers which are new", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 200 })), (numbers) => {
        const seen = createSeenNumbers(1000);
        const model = new Set<number>();
        for (const number of numbers) {
          expect(seen.add(number)).toBe(!model.has(number));
          model.add(number);
        }
      }),
    );
  });

  test("stay bounded, and close the oldest hole when there are too many", () => {
    const seen = createSeenNumbers(4);
    for (const number of [0, 2, 4, 6]) expect(seen.add(number)).toBe(true);
    expect(seen.add(8)).toBe(true);
    expect(seen.state()).toEqual([
      [0, 2],
      [4, 4],
      [6, 6],
      [8, 8],
    ]);
    expect(seen.add(1)).toBe(false);
    expect(seen.add(3)).toBe(true);
  });
});

describe("the CBOR reader", () => {
  const encoder = new Encoder({ useRecords: false, mapsAsObjects: true, variableMapSize: true, tagUint8Array: false });

  test("reads what another encoder writes", () => {
    const value = fc.oneof(
      fc.integer(),
      // That encoder writes -0 as the integer 0.
      fc.double().map((number) => (number === 0 ? 0 : number)),
      fc.boolean(),
      fc.constant(null),
      fc.string(),
      fc.array(fc.integer(), { maxLength: 30 }),
    );
    fc.assert(
      fc.property(value, (written) => {
        expect(readCbor(encoder.encode(written))?.value).toEqual(written);
      }),
    );
  });

  test("never throws and never reads beyond the item", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const read = readCbor(bytes);
        if (read !== undefined) expect(readCbor(Uint8Array.from([...bytes, 0]))).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["f90000", 0],
    ["f93c00", 1],
    ["f9c400", -4],
    ["f90001", 2 ** -24],
    ["f97c00", Number.POSITIVE_INFINITY],
    ["fa47c35000", 100_000],
    ["1bffffffffffffffff", 18_446_744_073_709_551_615n],
    ["3bffffffffffffffff", -18_446_744_073_709_551_616n],
  ])("reads %s as RFC 8949 appendix A says", (hex, value) => {
    expect(readCbor(Buffer.from(hex, "hex"))?.value).toBe(value);
  });

  test("byte strings are copies", () => {
    const source = Buffer.from("4401020304", "hex");
    const read = readCbor(source)?.value as Uint8Array;
    source.fill(0);
    expect([...read]).toEqual([1, 2, 3, 4]);
    expect(read.buffer.byteLength).toBe(4);
  });
});

test("sum8 is the sum modulo 256", () => {
  expect(sum8(Uint8Array.of(0xff, 0x36, 0xcb))).toBe(0);
});
