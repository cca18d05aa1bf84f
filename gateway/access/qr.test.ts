import { expect, test } from "vitest";
import { qrLines, qrRows } from "./qr.ts";

const address = "http://192.168.178.200:8099/#code=ABCD-EFGH-JKLM";

test("an address fits a code that a terminal of 80 columns and 24 lines shows", () => {
  const lines = qrLines(address);
  expect(lines.length).toBeLessThanOrEqual(23);
  expect(new Set(lines.map((line) => line.length))).toEqual(new Set([qrRows(address).length]));
});

test("the terminal's half blocks are the rows, light drawn and dark left out, with a light margin all round", () => {
  const rows = qrRows(address);
  const seen = qrLines(address).flatMap((line) => [
    Array.from(line, (block) => ("█▀".includes(block) ? "0" : "1")).join(""),
    Array.from(line, (block) => ("█▄".includes(block) ? "0" : "1")).join(""),
  ]);
  expect(seen.slice(0, rows.length)).toEqual(rows);
  for (const row of [...rows.slice(0, 4), ...rows.slice(-4)]) expect(row).toMatch(/^0+$/);
  for (const row of rows) expect(row).toMatch(/^0000.*0000$/);
});
