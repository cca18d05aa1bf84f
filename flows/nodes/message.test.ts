import { expect, test } from "vitest";
import { idOf, numberOf, switchOf, textOf } from "./message.ts";

test("the first field that is there counts, as a text within its length", () => {
  expect(textOf("note", 5, undefined, "", null, " abc ", "later")).toBe("abc");
  expect(textOf("note", 5, 7)).toBe("7");
  expect(textOf("note", 5, undefined, "  ")).toBeUndefined();
  expect(() => textOf("note", 5, "abcdef")).toThrow("'note' has 6 characters; 5 are allowed.");
  expect(() => textOf("note", 5, { a: 1 })).toThrow("'note' must be a text.");
});

test("a message of 10 MB is refused by its length, and none of it is repeated", () => {
  const huge = "secret ".repeat(1_500_000);
  const say = (act: () => unknown) => {
    try {
      return act();
    } catch (error) {
      return (error as Error).message;
    }
  };
  for (const said of [say(() => textOf("note", 400, huge)), say(() => numberOf("value", huge)), say(() => idOf("person", huge))]) {
    expect(said).not.toContain("secret");
    expect(String(said).length).toBeLessThan(80);
  }
  expect(switchOf(huge)).toBeUndefined();
});

test("numbers come as numbers or as their text, and nothing else is one", () => {
  expect([numberOf("n", "", "1.5"), numberOf("n", 0), numberOf("n", undefined)]).toEqual([1.5, 0, undefined]);
  for (const bad of ["abc", Number.NaN, Number.POSITIVE_INFINITY, [1], true]) expect(() => numberOf("n", bad)).toThrow(/must be a number/);
});

test("an id has to be there, and is one part of an address whatever it holds", () => {
  expect(idOf("person", undefined, "a/../b?c")).toBe("a%2F..%2Fb%3Fc");
  expect(() => idOf("person", "", undefined)).toThrow(/'person' is missing/);
});

test("on and off are told apart, and everything else is neither", () => {
  expect([true, 1, "ON", " pressed ", "open"].map(switchOf)).toEqual([true, true, true, true, true]);
  expect([false, 0, "off", "cancel", "closed"].map(switchOf)).toEqual([false, false, false, false, false]);
  expect([undefined, null, 2, "maybe", {}, []].map(switchOf)).toEqual([undefined, undefined, undefined, undefined, undefined, undefined]);
});
