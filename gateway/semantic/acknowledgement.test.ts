import { generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeAck, openAck } from "./acknowledgement.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const signer = (bytes: Uint8Array) => new Uint8Array(sign(null, bytes, privateKey));
const epoch = new Uint8Array(8).fill(9);

test("what the twin signs is read back, for any numbers", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { maxLength: 256 }), (numbers) => {
      expect(openAck("home-a", encodeAck("home-a", { epoch, numbers }, signer), publicKey)).toEqual({ epoch, numbers });
    }),
    { numRuns: 30, seed: 6 },
  );
});

test("one changed bit anywhere is either malformed or forged", () => {
  const bytes = encodeAck("home-a", { epoch, numbers: [1, 300, 2 ** 40] }, signer);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const bent = bytes.slice();
    bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(() => openAck("home-a", bent, publicKey), `bit ${bit}`).toThrow();
  }
});

test("what is longer than any acknowledgement is not even looked into", () => {
  const bignum = Buffer.concat([Buffer.from("a161 6ec2 5a 00049 3e0".replaceAll(" ", ""), "hex"), Buffer.alloc(300_000, 0xff)]);
  expect(() => openAck("home-a", bignum, publicKey)).toThrow(expect.objectContaining({ code: "ack.malformed" }));
});
