import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { daysToDrop, journalDays, keepWithin } from "./retention.ts";

const day = (lane: string, date: string, bytes: number) => ({ lane, day: date, bytes });

test("nothing is dropped within the budget", () => {
  expect(daysToDrop([day("a", "2026-01-01", 50), day("a", "2026-01-02", 50)], 100)).toEqual([]);
});

test("of lanes that have as much the oldest day goes first, and no more than needed", () => {
  const days = [day("a", "2026-01-02", 40), day("b", "2026-01-01", 40), day("a", "2026-01-03", 40), day("b", "2026-01-04", 40)];
  expect(daysToDrop(days, 130).map((each) => each.day)).toEqual(["2026-01-01"]);
});

test("who fills the journal loses their own oldest days; the year of everybody else stays", () => {
  const dates = Array.from({ length: 300 }, (_, i) => new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10));
  const quiet = dates.map((date) => day("quiet", date, 10));
  const flood = dates.slice(-20).map((date) => day("flood", date, 1000));
  const dropped = daysToDrop([...quiet, ...flood], 8000);
  expect(dropped.map(({ lane, day: date }) => `${lane} ${date}`)).toEqual(flood.slice(0, 15).map(({ day: date }) => `flood ${date}`));
});

test("a lane's newest day stays, whatever the budget says", () => {
  expect(daysToDrop([day("a", "2026-01-01", 500)], 10)).toEqual([]);
});

test("days are measured on disk and dropped by lane", async () => {
  const dir = mkdtempSync(join(tmpdir(), "hearth-retention-"));
  for (const date of ["2026-01-30", "2026-01-31", "2026-02-01"]) {
    mkdirSync(join(dir, "person-a", date), { recursive: true });
    writeFileSync(join(dir, "person-a", date, "0001.seg"), new Uint8Array(100));
  }
  expect((await journalDays(dir)).map(({ bytes }) => bytes)).toEqual([100, 100, 100]);
  const asked: [string, string][] = [];
  await keepWithin(dir, 150, async (lane, before) => void asked.push([lane, before]));
  expect(asked).toEqual([
    ["person-a", "2026-01-31"],
    ["person-a", "2026-02-01"],
  ]);
});
