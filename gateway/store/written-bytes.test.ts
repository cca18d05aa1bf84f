import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { openDatabase } from "./database.ts";
import { countWrittenBytes } from "./written-bytes.ts";

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    readFileSync(...args: Parameters<typeof fs.readFileSync>) {
      if (String(args[0]).startsWith("/proc/")) throw new Error("no such system");
      return fs.readFileSync(...args);
    },
  };
});

test("where the kernel does not count, pages of the log and of the checkpoint do", () => {
  const dir = mkdtempSync(join(tmpdir(), "hearth-written-"));
  const db = openDatabase(join(dir, "a.db"));
  db.exec("CREATE TABLE a(b BLOB)");
  const written = countWrittenBytes(db);
  const put = () => db.prepare("INSERT INTO a VALUES (?)").run(new Uint8Array(100_000));
  const during = (action: () => unknown) => {
    const before = written.total();
    written.around(action);
    return written.total() - before;
  };
  // 100 kB fill 50 pages of 2 kB, each with 24 bytes before it in the log.
  const first = during(put);
  expect(first).toBeGreaterThanOrEqual(50 * 2072);
  expect(first).toBeLessThan(56 * 2072);
  expect(Math.abs(during(put) - first)).toBeLessThan(3 * 2072);
  const folded = during(() => db.pragma("wal_checkpoint(PASSIVE)"));
  expect(folded).toBeGreaterThan(100 * 2048);
  expect(during(() => undefined)).toBe(0);
  expect(Math.abs(during(put) - first)).toBeLessThan(3 * 2072);
  db.close();
  rmSync(dir, { recursive: true });
});
