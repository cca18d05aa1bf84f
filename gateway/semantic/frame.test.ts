import { generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../test/runs.ts";
import { encodeCbor } from "./cbor.ts";
import { encodeFrame, type FrameFields, parseFrame, signedBytes, verifyFrame } from "./frame.ts";

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
  })
  .map(({ h, ...rest }) => (h ? { ...rest, h } : rest));

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
    ["not CBOR", new Uint8Array([0xff, 1]), "semantic.bad_cbor"],
    ["two items", new Uint8Array([1, 1]), "semantic.bad_cbor"],
    ["a list", encodeCbor([1]), "semantic.bad_frame"],
    ["another version", encodeCbor({ v: 2 }), "semantic.wrong_version"],
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
});
