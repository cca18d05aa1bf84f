import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { readCapture } from "../journal/capture-file.ts";
import { openJournal } from "../journal/journal.ts";
import { record } from "./record.ts";

let home = "";
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "hearth-record-"));
  vi.stubEnv("HEARTH_HOME", home);
  writeFileSync(join(home, "hearth.yaml"), "");
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const journal = await openJournal({
    dir: join(home, "journal"),
    keysDir: join(home, "keys"),
    clock: systemClock(),
    bootId: "00".repeat(8),
  });
  const offer = (chunk: Chunk) =>
    new Promise<void>((resolve, reject) => journal.offer("person-a", chunk, (error) => (error === undefined ? resolve() : reject(error))));
  await offer(chunkAt(0, "ecg/meta"));
  for (let minute = 0; minute < 10; minute++) await offer(chunkAt(minute, "ecg/raw"));
  await journal.close();
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(home, { recursive: true });
});

const startUs = 1.7e15;
function chunkAt(minute: number, channel: string): Chunk {
  const timeUs = startUs + minute * 60e6;
  const stamps: Chunk["stamps"] = { timeUs, monotonicUs: minute * 60e6, wallUs: timeUs, wallQuality: "ntp" };
  return { link: "mqtt", device: "strap", channel, bytes: Uint8Array.of(minute), stamps };
}

async function minutesIn(path: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { chunk } of readCapture(path)) found.push(`${chunk.channel} ${chunk.bytes[0]}`);
  return found;
}

test("a person's journal is read back from the file, all of it, or the end of it with what says how to read it", async () => {
  await record(join(home, "all"), { person: "person-a", json: false });
  expect(await minutesIn(join(home, "all"))).toEqual([
    "ecg/meta 0",
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((minute) => `ecg/raw ${minute}`),
  ]);
  await record(join(home, "end"), { person: "person-a", last: 2, json: true });
  expect(await minutesIn(join(home, "end"))).toEqual(["ecg/meta 0", "ecg/raw 6", "ecg/raw 7", "ecg/raw 8", "ecg/raw 9"]);
  expect(vi.mocked(process.stdout.write).mock.calls.map(([text]) => text)).toEqual([
    expect.stringContaining("not encrypted"),
    `${JSON.stringify({ file: join(home, "end"), records: 5 })}\n`,
  ]);
});

test("nobody's journal, a span that is none and a file that is there are refused in words, and nothing is overwritten", async () => {
  const refused = (path: string, options: { person: string; last?: number }) =>
    record(path, { json: false, ...options }).catch(({ code }) => code as string);
  expect(await refused(join(home, "none"), { person: "person-b" })).toBe("use.person");
  expect(await refused(join(home, "none"), { person: "person-a", last: -1 })).toBe("use.span");
  writeFileSync(join(home, "there"), "mine");
  expect(await refused(join(home, "there"), { person: "person-a" })).toBe("journal.io");
});
