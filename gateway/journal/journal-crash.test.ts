import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { openJournal } from "./journal.ts";

const child = fileURLToPath(new URL("./testdata/offer-forever.ts", import.meta.url));
const rounds = 20;

/** Runs the child until it has acknowledged `acks` records, kills it, and returns every line it got out. */
async function runUntilKilled(home: string, round: number, acks: number) {
  const args = [child, join(home, "journal"), join(home, "keys"), `boot-${round}`, `${round * 1_000_000}`];
  const process_ = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const told: Buffer[] = [];
  let ackCount = 0;
  let isKilled = false;
  process_.stdout.on("data", (data: Buffer) => {
    told.push(data);
    for (const byte of data) if (byte === 0x61) ackCount++;
    if (isKilled || ackCount < acks) return;
    isKilled = true;
    process_.kill("SIGKILL");
  });
  await new Promise((resolve) => process_.on("close", resolve));
  expect(process_.signalCode).toBe("SIGKILL");
  const lines = Buffer.concat(told).toString("latin1").split("\n").slice(0, -1);
  const numbers = (kind: string) => lines.filter((line) => line.startsWith(kind)).map((line) => Number(line.slice(2)));
  return { offered: numbers("o"), acknowledged: numbers("a"), refused: numbers("e") };
}

test(`acknowledged ⊆ readable ⊆ offered after each of ${rounds} kills during commits, with positions without holes`, {
  timeout: 900_000,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), "hearth-journal-crash-"));
  const offered = new Set<number>();
  const acknowledged: number[] = [];
  try {
    for (let round = 1; round <= rounds; round++) {
      const result = await runUntilKilled(home, round, 1 + ((round * 37) % 60));
      for (const n of result.offered) offered.add(n);
      acknowledged.push(...result.acknowledged);
      expect(result.refused).toEqual([]);
      const journal = await openJournal({
        dir: join(home, "journal"),
        keysDir: join(home, "keys"),
        clock: virtualClock(),
        bootId: "reader",
      });
      const readable = new Set<number>();
      for (const lane of ["p1", "p2"]) {
        let expected = 1;
        let last = -1;
        for await (const { position, chunk } of journal.read(lane, 1)) {
          expect(position).toBe(expected++);
          const n = Buffer.from(chunk.bytes).readUInt32BE(0);
          expect(n).toBeGreaterThan(last);
          last = n;
          readable.add(n);
        }
      }
      await journal.close();
      expect(acknowledged.filter((n) => !readable.has(n))).toEqual([]);
      expect([...readable].filter((n) => !offered.has(n))).toEqual([]);
    }
    expect(acknowledged.length).toBeGreaterThan(rounds);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
