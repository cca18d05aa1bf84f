import { generateKeyPairSync, sign, verify } from "node:crypto";
import { expect, test } from "vitest";
import { maxDesiredBytes, openDesired, signDesired } from "./desired.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const bytesOf = (document: unknown) => new TextEncoder().encode(JSON.stringify(document));
const open = (document: unknown, gateway = "home-a") => openDesired(gateway, bytesOf(document), publicKey);
const nested = { b: [2, { d: null, c: "ü" }], a: true };

test("signed are the gateway, the version and the settings with sorted keys, a line each", () => {
  const { signature } = signDesired("home-a", { version: 7, settings: nested }, privateKey);
  const signed = 'hearth desired 1\nhome-a\n7\n{"a":true,"b":[2,{"c":"ü","d":null}]}\n';
  expect(verify(null, Buffer.from(signed), publicKey, Buffer.from(signature, "base64url"))).toBe(true);
});

test("what was signed is opened, in whatever order its keys come", () => {
  const signed = signDesired("home-a", { version: 7, settings: nested }, privateKey);
  expect(open(signed)).toEqual(signed);
  const turned = { signature: signed.signature, settings: { a: true, b: [2, { c: "ü", d: null }] }, version: 7 };
  expect(open(turned)).toEqual(signed);
});

test.each([
  ["for another home", {}, "home-b"],
  ["with another version", { version: 8 }, "home-a"],
  ["with other settings", { settings: { ...nested, a: false } }, "home-a"],
  ["with lists in another order", { settings: { ...nested, b: [{ c: "ü", d: null }, 2] } }, "home-a"],
  ["with another signature", { signature: Buffer.alloc(64).toString("base64url") }, "home-a"],
])("a document %s is forged", (_what, change, gateway) => {
  const signed = signDesired("home-a", { version: 7, settings: nested }, privateKey);
  expect(() => open({ ...signed, ...change }, gateway)).toThrow(expect.objectContaining({ code: "desired.forged", kind: "world" }));
});

/** Signs anything, as a twin with a fault would. */
const signAny = (version: unknown, settings: unknown) => {
  const signed = new TextEncoder().encode(`hearth desired 1\nhome-a\n${version}\n${JSON.stringify(settings)}\n`);
  return { version, settings, signature: sign(null, signed, privateKey).toString("base64url") };
};

test.each([
  ["version 0", signAny(0, {})],
  ["a version below 0", signAny(-1, {})],
  ["half a version", signAny(1.5, {})],
  ["a version that JavaScript can't count", signAny(2 ** 53, {})],
  ["a version as text", signAny("1", {})],
  ["a list of settings", signAny(1, [])],
  ["no settings", signAny(1, null)],
  ["a text of settings", signAny(1, "x")],
  ["a signature that is no text", { ...signAny(1, {}), signature: 5 }],
  ["no signature", { version: 1, settings: {} }],
  ["no object", [1]],
  ["null", null],
])("%s is malformed, whoever signed it", (_what, document) => {
  expect(() => open(document)).toThrow(expect.objectContaining({ code: "desired.malformed", kind: "world" }));
});

test("bytes that are no JSON are malformed; a document of the largest size is read, a longer one is not", () => {
  expect(() => openDesired("home-a", Uint8Array.of(0x7b), publicKey)).toThrow(expect.objectContaining({ code: "desired.malformed" }));
  const sized = (bytes: number) => {
    const empty = bytesOf(signDesired("home-a", { version: 1, settings: { note: "" } }, privateKey)).length;
    return signDesired("home-a", { version: 1, settings: { note: "x".repeat(bytes - empty) } }, privateKey);
  };
  expect(bytesOf(sized(maxDesiredBytes))).toHaveLength(65_536);
  expect(open(sized(maxDesiredBytes)).version).toBe(1);
  expect(() => open(sized(maxDesiredBytes + 1))).toThrow(expect.objectContaining({ code: "desired.malformed" }));
});
