import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recordsOf } from "../evaluation/data-folder.ts";
import { recordsBelow } from "./record-folder.ts";

function folderOf(files: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "hearth-records-"));
  for (const file of files) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  return folder;
}

test("records are found below a folder by their headers, however deep; hidden folders and other files are none", async () => {
  const folder = folderOf(["b.hea", "b.dat", "a/deep/100.hea", "a/deep/100.atr", ".cache/x.hea", "notes.txt", "lonely.dat"]);
  const found = await recordsBelow(folder);
  expect(found.map(({ path, extensions }) => [path.slice(folder.length + 1), [...extensions].sort()])).toEqual([
    ["a/deep/100", ["atr", "hea"]],
    ["b", ["dat", "hea"]],
  ]);
  expect(await recordsBelow(join(folder, "gone"))).toEqual([]);
  rmSync(folder, { recursive: true });
});

test("a task takes its set where a data folder is ordered by sets, and else every record of a folder as people have it", async () => {
  const ordered = folderOf(["ecg/mitdb/100.hea", "ecg/vfdb/418.hea"]);
  const loose = folderOf(["download/mit/205.hea", "download/mit/205.atr"]);
  const names = async (...dirs: string[]) => (await recordsOf(dirs, "ecg/mitdb")).map(({ id }) => id);
  expect(await names(ordered)).toEqual(["mitdb/100"]);
  expect(await names(loose)).toEqual(["mitdb/205"]);
  expect(await names(ordered, loose)).toEqual(["mitdb/100", "mitdb/205"]);
  for (const folder of [ordered, loose]) rmSync(folder, { recursive: true });
});
