import { expect, test } from "vitest";
import { millivoltsPer } from "./millivolts.ts";

test.each([
  ["mV", 1],
  ["mv", 1],
  ["MV", 1],
  ["millivolts", 1],
  ["V", 1000],
  ["volt", 1000],
  ["uV", 0.001],
  ["UV", 0.001],
  ["µV", 0.001],
  ["μV", 0.001],
  ["Î¼V", 0.001],
  ["Âµv", 0.001],
  ["microvolts", 0.001],
  ["nV", 0.000001],
])("%s is read", (unit, per) => expect(millivoltsPer(unit)).toBe(per));

test.each(["mmHg", "NU", "adu", "", "mV/s", "kV?", "m"])("%s is no voltage", (unit) => expect(millivoltsPer(unit)).toBeUndefined());
