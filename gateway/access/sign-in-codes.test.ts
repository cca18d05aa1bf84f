import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createSignInCodes } from "./sign-in-codes.ts";

const setUp = () => {
  const clock = virtualClock(1_700_000_000_000_000);
  return { clock, codes: createSignInCodes(clock) };
};
/** Another letter of the alphabet at one place. */
const altered = (code: string, at: number) => `${code.slice(0, at)}${code[at] === "A" ? "B" : "A"}${code.slice(at + 1)}`;

test("a code opens once, however it is typed", () => {
  const { codes } = setUp();
  const { code } = codes.create({ role: "caregiver", persons: ["person-a"] });
  expect(code).toMatch(/^[A-HJ-NP-Z2-9]{4}(-[A-HJ-NP-Z2-9]{4}){2}$/);
  expect(codes.take(` ${code.toLowerCase().replaceAll("-", " ")} `)).toEqual({ role: "caregiver", persons: ["person-a"] });
  expect(codes.take(code)).toBeUndefined();
});

test("a code that waits longer than 10 minutes opens nothing", () => {
  const { clock, codes } = setUp();
  const { code } = codes.create({ role: "admin" });
  const { code: later } = codes.create({ role: "patient" });
  clock.advance(599_999);
  expect(codes.take(later)).toEqual({ role: "patient" });
  clock.advance(1);
  expect(codes.take(code)).toBeUndefined();
});

test("the fifth wrong secret ends the code whose name it gives, and no other", () => {
  const { codes } = setUp();
  const [first, second, third] = [codes.create({ role: "admin" }), codes.create({ role: "admin" }), codes.create({ role: "admin" })];
  for (let i = 0; i < 4; i++) {
    expect(codes.take(altered(first.code, 13))).toBeUndefined();
    expect(codes.take(altered(second.code, 13))).toBeUndefined();
  }
  expect(codes.take(first.code)).toEqual({ role: "admin" });
  expect(codes.take(altered(second.code, 13))).toBeUndefined();
  expect(codes.take(second.code)).toBeUndefined();
  // A thousand guesses under other names harm nobody.
  for (let i = 0; i < 1000; i++) codes.take(`ZZ${String(i).padStart(10, "2")}`);
  expect(codes.take(third.code)).toEqual({ role: "admin" });
});

test("of 33 codes that wait the oldest opens nothing", () => {
  const { codes } = setUp();
  const made = Array.from({ length: 33 }, () => codes.create({ role: "patient" }).code);
  expect(made.map((code) => codes.take(code)?.role ?? "none")).toEqual(["none", ...Array(32).fill("patient")]);
});

test.each(["", "-", "ABCD", "x".repeat(10_000), "…"])("%j opens nothing", (code) => {
  const { codes } = setUp();
  codes.create({ role: "admin" });
  expect(codes.take(code)).toBeUndefined();
});
