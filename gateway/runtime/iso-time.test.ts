import { expect, test } from "vitest";
import { msOfIso } from "./iso-time.ts";

test.each([
  ["2026-12-03T10:00:00Z", Date.UTC(2026, 11, 3, 10)],
  ["2026-12-03t10:00:00.25z", Date.UTC(2026, 11, 3, 10, 0, 0, 250)],
  ["2026-12-03T10:00+02:00", Date.UTC(2026, 11, 3, 8)],
  ["2026-12-03 10:00:00 +0200".replace(" +", "+"), Date.UTC(2026, 11, 3, 8)],
  ["2026-12-03", Date.UTC(2026, 11, 3)],
  ["2024-02-29", Date.UTC(2024, 1, 29)],
])("%s is a time", (text, ms) => expect(msOfIso(text)).toBe(ms));

test.each([
  "03.12.2026",
  "12/03/2026",
  "3 Dec 2026",
  "in 3 days 2027",
  "2026-02-31",
  "2026-13-01",
  "2026-12-03T25:00Z",
  "2026",
  "20261203",
  "",
  "NaN",
])("%s is none", (text) => expect(msOfIso(text)).toBeNaN());
