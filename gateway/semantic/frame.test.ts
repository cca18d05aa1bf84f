import { generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../test/runs.ts";
import { decodeCbor, decodeCborSequence, encodeCbor } from "./cbor.ts";
import { encodeFrame, type FrameFields, frameOf, maxFrameBytes, parseFrame, signedBytes, verifyFrame } from "./frame.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const signer = (bytes: Uint8Array) => new Uint8Array(sign(null, bytes, privateKey));
const fields: FrameFields = {
  g: "home-a",
  e: new Uint8Array(8).fill(7),
  n: 300,
  c: "semantic",
  t: 1_700_000_000_123_456,
  p: new Uint8Array([1, 2, 3]),
};

const anyFields: fc.Arbitrary<FrameFields> = fc
  .record({
    g: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/),
    e: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    n: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    c: fc.constantFrom("alert", "status", "semantic", "raw" as const),
    t: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    p: fc.uint8Array({ maxLength: 300 }),
    h: fc.boolean(),
    mustBeUnderstood: fc.boolean(),
  })
  .map(({ h, mustBeUnderstood, ...rest }) => ({ ...rest, ...(h && { h }), ...(mustBeUnderstood && { mustBeUnderstood }) }));

describe("frame", () => {
  test("what is encoded is read back, verifies, and has the same bytes every time", () => {
    fc.assert(
      fc.property(anyFields, (given) => {
        const bytes = encodeFrame(given, signer);
        const { s, ...back } = parseFrame(bytes);
        expect(back).toEqual(given);
        expect(verifyFrame({ ...back, s }, publicKey)).toBe(true);
        expect(encodeFrame(given, signer)).toEqual(bytes);
      }),
      runs(60),
    );
  });

  test("the signed bytes are the frame without its last entry", () => {
    const bytes = encodeFrame(fields, signer);
    const signed = signedBytes(fields);
    expect(bytes[0]).toBe((signed[0] ?? 0) + 1);
    expect(bytes.subarray(1, signed.length)).toEqual(signed.subarray(1));
    expect(bytes.length).toBe(signed.length + 2 + 2 + 64);
  });

  test("one changed bit anywhere is either malformed or not signed", () => {
    const bytes = encodeFrame({ ...fields, h: true }, signer);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const bent = bytes.slice();
      bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      let isAccepted: boolean;
      try {
        isAccepted = verifyFrame(parseFrame(bent), publicKey);
      } catch {
        isAccepted = false;
      }
      expect([bit, isAccepted]).toEqual([bit, false]);
    }
  });

  test("another key's signature does not verify", () => {
    const other = generateKeyPairSync("ed25519");
    const forged = encodeFrame(fields, (bytes) => new Uint8Array(sign(null, bytes, other.privateKey)));
    expect(verifyFrame(parseFrame(forged), publicKey)).toBe(false);
  });

  test.each([
    [
      { ...fields, h: true },
      "a9 6176 01 6167 66686f6d652d61 6165 48 0707070707070707 616e 19012c 6163 02 6174 1b00060a2418202240 6170 43 010203 6168 f5 6173 5840",
    ],
    [
      { ...fields, n: 0, c: "alert", t: 5, p: new Uint8Array(0) },
      "a8 6176 01 6167 66686f6d652d61 6165 48 0707070707070707 616e 00 6163 00 6174 05 6170 40 6173 5840",
    ],
    [
      { ...fields, n: 2 ** 32 - 1, c: "status", h: false },
      "a8 6176 01 6167 66686f6d652d61 6165 48 0707070707070707 616e 1affffffff 6163 01 6174 1b00060a2418202240 6170 43 010203 6173 5840",
    ],
    [
      { ...fields, n: 2 ** 32, c: "raw" },
      "a8 6176 01 6167 66686f6d652d61 6165 48 0707070707070707 616e 1b0000000100000000 6163 03 6174 1b00060a2418202240 6170 43 010203 6173 5840",
    ],
  ] as const)("the bytes of a frame are what they have always been (%#)", (given, hex) => {
    const bytes = encodeFrame(given, () => new Uint8Array(64).fill(0xab));
    expect(Buffer.from(bytes).toString("hex")).toBe(hex.replaceAll(" ", "") + "ab".repeat(64));
  });

  test.each([
    ["not CBOR", new Uint8Array([0xff, 1]), "semantic.bad_cbor"],
    ["two items", new Uint8Array([1, 1]), "semantic.bad_cbor"],
    ["a list", encodeCbor([1]), "semantic.bad_frame"],
    ["another version", encodeCbor({ v: 3 }), "semantic.wrong_version"],
    ["an extra key", encodeCbor({ v: 1, x: 1 }), "semantic.bad_frame"],
    [
      "more items than an envelope has",
      encodeCbor({ v: 1, ...fields, c: 2, p: Array(64).fill(0), s: new Uint8Array(64) }),
      "semantic.bad_cbor",
    ],
    ["a missing signature", encodeCbor({ v: 1, ...fields, c: 2 }), "semantic.bad_frame"],
    ["an unknown class", encodeCbor({ v: 1, ...fields, c: 4, s: new Uint8Array(64) }), "semantic.bad_frame"],
    ["a foreign kind of name", encodeCbor({ v: 1, ...fields, g: "../x", c: 2, s: new Uint8Array(64) }), "semantic.bad_frame"],
    ["a fraction of a number", encodeCbor({ v: 1, ...fields, n: 1.5, c: 2, s: new Uint8Array(64) }), "semantic.bad_frame"],
  ])("%s is refused", (_what, bytes, code) => {
    expect(() => parseFrame(bytes)).toThrow(expect.objectContaining({ code }));
  });

  const wire = { v: 1, ...fields, c: 2, s: new Uint8Array(64) };

  test.each([
    ["g", { g: 5 }],
    ["g", { g: "" }],
    ["g", { g: `${"a".repeat(33)}` }],
    ["g", { g: "-home" }],
    ["e", { e: [7] }],
    ["e", { e: new Uint8Array(7) }],
    ["n", { n: "1" }],
    ["n", { n: -1 }],
    ["n", { n: 2n ** 53n }],
    ["c", { c: -1 }],
    ["c", { c: "alert" }],
    ["t", { t: 0.5 }],
    ["t", { t: -1 }],
    ["p", { p: "x" }],
    ["h", { h: false }],
    ["h", { h: 1 }],
    ["s", { s: new Uint8Array(63) }],
    ["s", { s: "x" }],
    ["keys", { x: 1 }],
  ])("of a malformed frame the error names the field: %s", (field, change) => {
    const error = expect.objectContaining({ code: "semantic.bad_frame", kind: "world", fields: { field } });
    expect(() => parseFrame(encodeCbor({ ...wire, ...change }))).toThrow(error);
  });

  test("a key that is a number is one key too many", () => {
    const item = new Map<unknown, unknown>([...Object.entries(wire), [7, 1]]);
    expect(() => parseFrame(encodeCbor(item))).toThrow(expect.objectContaining({ fields: { field: "keys" } }));
  });

  test("a frame that is longer than the longest is refused by its length, whatever is in it", () => {
    const empty = encodeCbor({ ...wire, p: new Uint8Array(65_536) }).length - 65_536;
    const sized = (bytes: number) => encodeCbor({ ...wire, p: new Uint8Array(bytes - empty) });
    expect(maxFrameBytes).toBe(4_194_304);
    expect(parseFrame(sized(maxFrameBytes)).p).toHaveLength(maxFrameBytes - empty);
    const error = expect.objectContaining({ code: "semantic.bad_frame", fields: { field: "size" } });
    expect(() => parseFrame(sized(maxFrameBytes + 1))).toThrow(error);
    expect(() => parseFrame(new Uint8Array(maxFrameBytes + 1))).toThrow(error);
  });

  test("a frame with a field out of its range is never made", () => {
    for (const [field, change] of [
      ["g", { g: "../x" }],
      ["e", { e: new Uint8Array(9) }],
      ["n", { n: -1 }],
      ["t", { t: 1.5 }],
    ] as const) {
      const error = expect.objectContaining({ code: "semantic.bad_frame", kind: "bug", fields: { field } });
      expect(() => encodeFrame({ ...fields, ...change }, signer)).toThrow(error);
    }
  });

  test("frames stand one after the other in a file and are read one by one; one that breaks off is none", () => {
    const frames = [1, 2].map((n) => encodeFrame({ ...fields, n }, signer));
    const file = Buffer.concat(frames);
    expect(decodeCborSequence(file).map((item) => frameOf(item).n)).toEqual([1, 2]);
    expect(decodeCborSequence(new Uint8Array(0))).toEqual([]);
    const broken = expect.objectContaining({ code: "semantic.bad_cbor", kind: "world" });
    expect(() => decodeCborSequence(file.subarray(0, -1))).toThrow(broken);
    expect(() => decodeCbor(file)).toThrow(broken);
    expect(() => frameOf(5)).toThrow(expect.objectContaining({ code: "semantic.bad_frame", fields: { field: "map" } }));
    expect(() => frameOf(new Map([["v", 3]]))).toThrow(expect.objectContaining({ code: "semantic.wrong_version", kind: "world" }));
  });
});
