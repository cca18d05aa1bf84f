import { expect, test } from "vitest";
import { isPlain, nameFrom } from "./name.ts";

test.each(["Person A", "José", "د. مریم\u200cزاده", "O’Brien-Ní", "李小龍", "Person 👩🏽\u200d🦰", "a".repeat(80)])(
  "%s is a name",
  (name) => {
    expect(nameFrom(name)).toBe(name);
  },
);

test("a name is kept composed, with single blanks inside and none at its ends", () => {
  expect(nameFrom("  Jose\u0301 \u00a0 B ")).toBe("José B");
});

test.each([
  ["nothing", ""],
  ["blanks", "  "],
  ["signs alone", "?!…"],
  ["81 characters", "a".repeat(81)],
  ["a line break", "Person A\nacknowledged by all"],
  ["a carriage return", "Person A\r"],
  ["a terminal's escape", "\u001b[2JPerson A"],
  ["a NUL", "Person\u0000A"],
  ["a C1 control", "Person\u009bA"],
  ["a line separator", "Person\u2028A"],
  ["a direction override", "Person \u202eA nosreP"],
  ["a direction isolate", "\u2066Person A\u2069"],
  ["a direction mark", "Person\u200fA"],
  ["a zero-width space", "Person\u200bA"],
  ["a byte order mark", "\ufeffPerson A"],
  ["half of a pair", "Person \ud83d"],
])("%s is no name", (_, text) => {
  expect(nameFrom(text)).toBeUndefined();
});

test("a remark may be empty and hold any sign, and nothing that hides", () => {
  expect(["", "seen; 3 × 2 = 6 – “fine” \t".trim(), "a\tb", "a\nb", "\u202e"].map(isPlain)).toEqual([true, true, false, false, false]);
});
