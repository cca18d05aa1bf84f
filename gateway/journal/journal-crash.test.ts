import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { runUntilKilled } from "../../test/crash/run-until-killed.ts";
import { openJournal } from "./journal.ts";

const child = fileURLToPath(new URL("./testdata/offer-forever.ts", import.meta.url));
const rounds = 20;

/** One life of the child: what it had offered, and what was acknowledged or refused. */
async function oneLife(home: string, round: number, acks: number) {
  const numbers = await runUntilKilled([child, join(home, "journal"), join(home, "keys"), `boot-${round}`, `${round * 1_000_000}`], acks);
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
      const result = await oneLife(home, round, 1 + ((round * 37) % 60));
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
