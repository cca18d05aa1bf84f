/** The page of bounds says what is so: its tests and its metrics are there. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const columns = ["what", "bound", "what happens then", "setting", "metric", "test"];

/** Cells of each row of each table, without its head. */
function rowsOf(page: string): string[][] {
  const lines = page.split("\n").filter((line) => line.startsWith("|"));
  const rows = lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return rows.filter(([first = ""]) => !/^-+$/.test(first) && first !== columns[0]);
}

const rows = rowsOf(readFileSync(join(root, "docs/limits.md"), "utf8"));
const quoted = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);

test("each bound stands in a row with all columns and a test that is there", () => {
  expect(rows.length).toBeGreaterThan(5);
  const wrong = rows.filter((row) => {
    const tests = quoted(row[5]);
    return (
      row.length !== columns.length ||
      tests.length === 0 ||
      !tests.every((path) => path.endsWith(".test.ts") && existsSync(join(root, path)))
    );
  });
  expect(wrong.map(([what]) => what)).toEqual([]);
});

test("each metric of the page is told by the gateway or the twin", () => {
  const told = ["gateway/view/gateway-metrics.ts", "gateway/twin/twin.ts", "gateway/api/http-counters.ts", "gateway/api/access-metrics.ts"]
    .map((path) => readFileSync(join(root, path), "utf8"))
    .join("\n");
  const unknown = rows.flatMap((row) => quoted(row[4]).filter((name) => name.startsWith("hearth_") && !told.includes(`"${name}"`)));
  expect(unknown).toEqual([]);
});

test("each setting of the page is one of hearth.yaml", () => {
  const places = ["gateway/config/schema.ts", "gateway/bridges/home-assistant.ts"];
  const schema = places.map((path) => readFileSync(join(root, path), "utf8")).join("\n");
  const unknown = rows.flatMap((row) => quoted(row[3]).filter((name) => !schema.includes(`${name.split(".").at(-1)}:`)));
  expect(unknown).toEqual([]);
});
