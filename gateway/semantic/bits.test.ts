import { expect, test } from "vitest";
import { bitReader, bitWriter } from "./bits.ts";
import { maxRows, readCount, writeCount } from "./columns.ts";

test("every length of bits comes back whole, also where the buffer is just full", () => {
  for (const length of [0, 1, 255, 256, 257, 511, 512, 513, 1024]) {
    const bits = bitWriter();
    for (let i = 0; i < length; i++) bits.write(i % 256, 8);
    bits.write(5, 3);
    const read = bitReader(bits.bytes());
    expect(bits.bytes()).toHaveLength(length + 1);
    for (let i = 0; i < length; i++) expect(read.read(8)).toBe(i % 256);
    expect(read.read(3)).toBe(5);
  }
});

test("numbers of every size up to 2⁵³ − 1 come back from every order of code", () => {
  const values = [0, 1, 2, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 48 + 1, 2 ** 52, Number.MAX_SAFE_INTEGER - 1];
  for (let k = 0; k <= 30; k++) {
    const bits = bitWriter();
    for (const value of values) bits.golomb(value, k);
    const read = bitReader(bits.bytes());
    expect(values.map(() => read.golomb(k))).toEqual(values);
  }
});

test("a count of more rows than any frame has is refused before a row is made", () => {
  for (const count of [maxRows, maxRows + 1]) {
    const bits = bitWriter();
    writeCount(bits, count);
    const read = () => readCount(bitReader(bits.bytes()));
    if (count === maxRows) expect(read()).toBe(count);
    else expect(read).toThrow(expect.objectContaining({ code: "semantic.undecodable" }));
  }
});
