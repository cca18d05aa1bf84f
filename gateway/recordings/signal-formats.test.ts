import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeSamples, encodeSamples, matlabV4Layout, NO_VALUE } from "./signal-formats.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe("signal formats", () => {
  it("16 is little-endian two's complement", () => {
    expect([...decodeSamples(16, bytes(0x34, 0x12, 0xff, 0xff, 0x00, 0x80), 3, "f")]).toEqual([0x1234, -1, -32768]);
  });

  it("24 keeps the sign of its third byte", () => {
    expect([...decodeSamples(24, bytes(1, 2, 3, 0xff, 0xff, 0xff, 0, 0, 0x80), 3, "f")]).toEqual([0x030201, -1, -8388608]);
  });

  it("80 is offset binary", () => {
    expect([...decodeSamples(80, bytes(0, 128, 255), 3, "f")]).toEqual([-128, 0, 127]);
  });

  it("212 packs two samples into three bytes, low byte first", () => {
    expect([...decodeSamples(212, bytes(0xbe, 0x33, 0x94), 2, "f")]).toEqual([0x3be, 0x394]);
    expect([...decodeSamples(212, bytes(0x00, 0xf8, 0xff), 2, "f")]).toEqual([-2048, -1]);
  });

  it("212 reads a last odd sample from two bytes", () => {
    expect([...decodeSamples(212, bytes(1, 0, 2, 3, 0), 3, "f")]).toEqual([1, 2, 3]);
  });

  it("a file that is too short is named, with both lengths", () => {
    expect(() => decodeSamples(212, bytes(1, 0), 2, "a/b.dat")).toThrow("a/b.dat: 2 bytes of samples where 3 are announced");
  });

  it("an unknown format is the operator's error", () => {
    expect(() => decodeSamples(61, bytes(), 0, "f")).toThrow(expect.objectContaining({ code: "recording.unsupported", kind: "operator" }));
  });

  it.each([
    [16 as const, 32767, -32768],
    [212 as const, 2047, -2048],
  ])("format %i reads back what it wrote", (format, limit, mark) => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: -limit, max: limit }), fc.constant(NO_VALUE)), { maxLength: 65 }), (values) => {
        const encoded = encodeSamples(format, Int32Array.from(values), "f");
        const decoded = [...decodeSamples(format, encoded, values.length, "f")].map((v) => (v === mark ? NO_VALUE : v));
        expect(decoded).toEqual(values);
      }),
    );
  });

  it("refuses a number that does not fit, and the format's own mark", () => {
    expect(() => encodeSamples(212, Int32Array.of(2048), "f")).toThrow(expect.objectContaining({ code: "recording.out_of_range" }));
    expect(() => encodeSamples(16, Int32Array.of(-32768), "f")).toThrow(expect.objectContaining({ code: "recording.out_of_range" }));
  });
});

describe("a MATLAB v4 file", () => {
  const header = (...fields: number[]): Uint8Array => new Uint8Array(Int32Array.from(fields).buffer);

  it("tells where its samples begin", () => {
    expect(matlabV4Layout(header(30, 3, 82500, 0, 4), "a.mat")).toEqual({ dataOffset: 24, rows: 3, columns: 82500 });
  });

  it("of another version is refused", () => {
    expect(() => matlabV4Layout(new TextEncoder().encode("MATLAB 5.0 MAT-file, Platform: GLNXA64"), "a.mat")).toThrow(
      "a.mat: not a MATLAB v4 matrix",
    );
    expect(() => matlabV4Layout(header(30, 3), "a.mat")).toThrow("a.mat");
  });
});
