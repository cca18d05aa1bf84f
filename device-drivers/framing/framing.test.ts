import { Encoder } from "cbor-x/encode";
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { runs } from "../../test/runs.ts";
import { createByteQueue } from "./byte-queue.ts";
import { readCbor, readCborSequence } from "./cbor-reader.ts";
import { sum8 } from "./checksums.ts";
import { createSeenNumbers } from "./seen-numbers.ts";
import { createTakenBatches } from "./taken-batches.ts";

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
      runs(2000),
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

  /** Steps: bytes looked at one by one, and bytes copied. */
  function stepsOf(read: () => unknown): number {
    const looks = vi.spyOn(DataView.prototype, "getUint8");
    const copies = vi.spyOn(Uint8Array.prototype, "subarray");
    read();
    const copied = copies.mock.results.reduce((sum, { value }) => sum + (value as Uint8Array).length, 0);
    const steps = looks.mock.calls.length + copied;
    looks.mockRestore();
    copies.mockRestore();
    return steps;
  }

  test("any bytes are answered in at most one step a byte, whether they are CBOR or not", () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 4096 }),
      // Heads that promise much: tags, lists, maps and strings of all widths, one after the other.
      fc
        .array(fc.constantFrom(0x81, 0x9a, 0xa1, 0xb9, 0xc2, 0xc3, 0xd9, 0x5a, 0x7b, 0xff, 0x00, 0xf6, 0x80, 0xa0), { maxLength: 4096 })
        .map((heads) => Uint8Array.from(heads)),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        expect(stepsOf(() => readCbor(bytes))).toBeLessThanOrEqual(bytes.length + 1);
      }),
      { numRuns: 500, seed: 16 },
    );
  });

  const bytesOf = (hex: string, count: number, fill: number) => Buffer.concat([Buffer.from(hex, "hex"), Buffer.alloc(count, fill)]);
  test.each([
    // A bignum stays bytes under a tag: nobody needs a number of 2.4 million bits.
    ["a bignum of 300 kB", bytesOf("c25a000493e0", 300_000, 0xff), true, 300_002],
    ["a list of a million lists", bytesOf("9a000f4240", 1_000_000, 0x80), false, 65_540],
    ["a text of a million bytes that is no text", bytesOf("7a000f4240", 1_000_000, 0xff), false, 1_000_010],
    ["tags within tags", bytesOf("", 1_000_000, 0xc2), false, 10],
    ["a list that promises four thousand million items", bytesOf("9affffffff", 100, 0), false, 10],
  ])("%s costs its bounded steps and no more", (_what, bytes, isRead, most) => {
    let value: unknown;
    const steps = stepsOf(() => {
      value = readCbor(bytes);
    });
    expect(value !== undefined).toBe(isRead);
    expect(steps).toBeLessThanOrEqual(most);
  });

  test("a caller that expects few items has no more read for it", () => {
    const list = Uint8Array.of(0x83, 1, 2, 3);
    expect(readCbor(list, { maxItems: 4 })?.value).toEqual([1, 2, 3]);
    expect(readCbor(list, { maxItems: 3 })).toBeUndefined();
  });

  test("a map has at most 1024 keys", () => {
    const mapOf = (count: number) => {
      const head = [0xb9, count >> 8, count & 0xff];
      return Uint8Array.from([...head, ...Array.from({ length: count }, (_, key) => [0x19, key >> 8, key & 0xff, 0]).flat()]);
    };
    expect(readCbor(mapOf(1024))?.value).toHaveProperty("size", 1024);
    expect(readCbor(mapOf(1025))).toBeUndefined();
  });

  test("a sequence is read item by item, and one that breaks off not at all", () => {
    const items = Uint8Array.of(1, 0x81, 2, 0x61, 0x61);
    expect(readCborSequence(items)).toEqual([1, [2], "a"]);
    expect(readCborSequence(items.subarray(0, 4))).toBeUndefined();
    expect(readCborSequence(new Uint8Array())).toEqual([]);
    expect(readCbor(new Uint8Array())).toBeUndefined();
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

describe("taken batches", () => {
  const taken = () => {
    let batches = createTakenBatches<string>();
    return (number: number, content: string) => {
      batches = createTakenBatches(structuredClone(batches.state()));
      return batches.add(
        number,
        [...content].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7),
        content,
      ).items;
    };
  };

  test("drop a repeat, and take another one under the same number", () => {
    const add = taken();
    expect(add(5, "a")).toEqual(["a"]);
    expect(add(5, "a")).toEqual([]);
    expect(add(5, "b")).toEqual(["b"]);
    expect(add(5, "b")).toEqual([]);
  });

  test("take all of a count that begins again long after, and nothing of a lone repeat from then", () => {
    const add = taken();
    for (let number = 0; number < 2000; number++) add(number, `first ${number}`);
    expect(add(700, "first 700")).toEqual([]);
    const again = Array.from({ length: 20 }, (_, number) => `second ${number}`);
    expect(again.flatMap((content, number) => add(number, content))).toEqual(again);
  });

  test("are not led astray by one number far ahead", () => {
    const add = taken();
    expect(add(1, "a")).toEqual(["a"]);
    expect(add(2 ** 40, "b")).toEqual(["b"]);
    for (let number = 2; number < 400; number++) expect(add(number, `c${number}`)).toEqual([`c${number}`]);
  });
});
