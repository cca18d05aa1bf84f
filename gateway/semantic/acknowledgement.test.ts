import { generateKeyPairSync, sign, verify } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../test/runs.ts";
import { encodeAck, openAck } from "./acknowledgement.ts";
import { encodeCbor } from "./cbor.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const signer = (bytes: Uint8Array) => new Uint8Array(sign(null, bytes, privateKey));
const epoch = new Uint8Array(8).fill(9);
const error = (code: string) => expect.objectContaining({ code, kind: "world" });

test("what the twin signs is read back, for any numbers", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { maxLength: 256 }), (numbers) => {
      expect(openAck("home-a", encodeAck("home-a", { epoch, numbers }, signer), publicKey)).toEqual({ epoch, numbers });
    }),
    runs(30, 6),
  );
});

test("its bytes are the map with e, n and s, and signed are the title, the home and the map without s", () => {
  const unsigned = "6165 48 0909090909090909 616e 83 00 19012c 1b0000010000000000".replaceAll(" ", "");
  const bytes = Buffer.from(encodeAck("home-a", { epoch, numbers: [0, 300, 2 ** 40] }, signer));
  const head = Buffer.from(`a3${unsigned}61735840`, "hex");
  expect(bytes.subarray(0, head.length).toString("hex")).toBe(head.toString("hex"));
  expect(bytes).toHaveLength(head.length + 64);
  const signed = Buffer.concat([Buffer.from("hearth ack 1\nhome-a\n"), Buffer.from(`a2${unsigned}`, "hex")]);
  expect(verify(null, signed, publicKey, bytes.subarray(head.length))).toBe(true);
});

test("one changed bit anywhere is either malformed or forged", () => {
  const bytes = encodeAck("home-a", { epoch, numbers: [1, 300, 2 ** 40] }, signer);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const bent = bytes.slice();
    bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(() => openAck("home-a", bent, publicKey), `bit ${bit}`).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(ack\.(malformed|forged)|semantic\.bad_cbor)$/) }),
    );
  }
});

test("what another home was told, or another key signed, is forged", () => {
  const other = generateKeyPairSync("ed25519");
  const bytes = encodeAck("home-b", { epoch, numbers: [1] }, signer);
  expect(() => openAck("home-a", bytes, publicKey)).toThrow(error("ack.forged"));
  expect(() => openAck("home-b", bytes, other.publicKey)).toThrow(error("ack.forged"));
});

/** Anything, signed as it stands. */
const signAny = (e: unknown, n: unknown, more: object = {}) => {
  const signed = Buffer.concat([Buffer.from("hearth ack 1\nhome-a\n"), encodeCbor({ e, n })]);
  return encodeCbor({ e, n, s: signer(signed), ...more });
};

test.each([
  ["no map", encodeCbor([epoch, [1]])],
  ["a short epoch", signAny(epoch.subarray(1), [1])],
  ["an epoch that is a list", signAny([9, 9, 9, 9, 9, 9, 9, 9], [1])],
  ["a signature that is too short", signAny(epoch, [1], { s: new Uint8Array(63) })],
  ["a signature that is a list", signAny(epoch, [1], { s: Array(64).fill(0) })],
  ["no list of numbers", signAny(epoch, 1)],
  ["a byte string of numbers", signAny(epoch, Uint8Array.of(1))],
  ["a number below 0", signAny(epoch, [1, -1])],
  ["half a number", signAny(epoch, [1, 1.5])],
  ["a text among the numbers", signAny(epoch, [1, "2"])],
  ["a number that JavaScript can't count", signAny(epoch, [2n ** 60n])],
  ["257 numbers", signAny(epoch, Array(257).fill(1))],
])("%s is malformed, whoever signed it", (_what, bytes) => {
  expect(() => openAck("home-a", bytes, publicKey)).toThrow(error("ack.malformed"));
});

test("keys that a newer twin may add are passed over, as many as there is room for", () => {
  const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
  const numbers = Array<number>(256).fill(1);
  // The map, three keys, three values, 256 numbers; two items for each key more.
  expect(openAck("home-a", signAny(epoch, numbers, keys(12)), publicKey)).toEqual({ epoch, numbers });
  expect(() => openAck("home-a", signAny(epoch, numbers, keys(13)), publicKey)).toThrow(error("semantic.bad_cbor"));
});

test("what is longer than any acknowledgement is not even looked into", () => {
  const padded = (bytes: number) => signAny(epoch, [1], { pad: new Uint8Array(bytes) });
  const room = 4096 - padded(300).length + 300;
  expect(padded(room)).toHaveLength(4096);
  expect(openAck("home-a", padded(room), publicKey)).toEqual({ epoch, numbers: [1] });
  expect(() => openAck("home-a", padded(room + 1), publicKey)).toThrow(error("ack.malformed"));
  const bignum = Buffer.concat([Buffer.from("a161 6ec2 5a 00049 3e0".replaceAll(" ", ""), "hex"), Buffer.alloc(300_000, 0xff)]);
  expect(() => openAck("home-a", bignum, publicKey)).toThrow(error("ack.malformed"));
});
