import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { createCapture, readCapture, readJournalFolder } from "./capture-file.ts";
import type { JournalRecord } from "./journal-port.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "hearth-capture-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const chunks = Array.from({ length: 500 }, (_, i): Chunk => {
  const timeUs = 1.7e15 + i * 10_000;
  return {
    link: "serial",
    device: `imu-${i % 3}`,
    channel: "",
    bytes: new Uint8Array(i).fill(i),
    stamps: { timeUs, monotonicUs: i * 10_000, wallUs: timeUs, wallQuality: "rtc" },
  };
});

async function all(records: AsyncIterable<JournalRecord>) {
  const found: JournalRecord[] = [];
  for await (const record of records) found.push(record);
  return found;
}

test("a capture reads back as it was written, in several groups", async () => {
  const path = join(home, "imu.capture");
  const capture = createCapture(path, "boot-9");
  for (const chunk of chunks) capture.write(chunk);
  capture.close();
  const records = await all(readCapture(path));
  expect(records.map(({ chunk }) => ({ ...chunk, bytes: Uint8Array.from(chunk.bytes) }))).toEqual(chunks);
  expect(records.map(({ position }) => position)).toEqual(chunks.map((_, i) => i + 1));
  expect(records.every(({ bootId }) => bootId === "boot-9")).toBe(true);
});

test("what was flushed is there before the capture ends", async () => {
  const path = join(home, "imu.capture");
  const capture = createCapture(path, "boot-9");
  capture.write(chunks[5]!);
  capture.flush();
  expect(await all(readCapture(path))).toHaveLength(1);
  capture.close();
});

test("another kind of file is told apart, and a capture is never overwritten", async () => {
  const path = join(home, "notes.txt");
  writeFileSync(path, "not a capture");
  await expect(all(readCapture(path))).rejects.toMatchObject({ code: "journal.format", kind: "operator" });
  expect(() => createCapture(path, "boot-9")).toThrow(expect.objectContaining({ code: "journal.io" }));
  expect(() => readJournalFolder(home, home)).toThrow(expect.objectContaining({ code: "journal.format" }));
});
