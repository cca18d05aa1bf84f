import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { runUntilKilled } from "../../test/crash/run-until-killed.ts";
import { openStore } from "./store.ts";

const child = fileURLToPath(new URL("./testdata/commit-forever.ts", import.meta.url));
const rounds = 20;

/** One life of the child: what it had begun, and what it was told is durable. */
async function oneLife(dir: string, round: number, acks: number) {
  const numbers = await runUntilKilled([child, dir, `${round * 1_000_000}`], acks);
  return { begun: numbers("o"), durable: numbers("a") };
}

test(`after each of ${rounds} kills: durable ⊆ stored ⊆ begun, event, row and mark together, one epoch, no number twice`, {
  timeout: 900_000,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), "hearth-store-crash-"));
  const begun = new Set<number>();
  const durable: number[] = [];
  const numberOf = new Map<number, number>();
  const epochs = new Set<string>();
  try {
    for (let round = 1; round <= rounds; round++) {
      const result = await oneLife(dir, round, 1 + ((round * 37) % 50));
      for (const n of result.begun) begun.add(n);
      durable.push(...result.durable);
      const { store, repairs } = await openStore({ dir, clock: virtualClock() });
      expect(repairs).toEqual([]);
      const rows = await store.outboxBegin(1_000_000, new Set());
      const stored = new Map(rows.map(({ n, payload }) => [Buffer.from(payload).readUInt32BE(0), n]));
      for (const [mark, n] of stored) expect(numberOf.get(mark) ?? n).toBe(n);
      for (const [mark, n] of stored) numberOf.set(mark, n);
      expect(new Set(numberOf.values()).size).toBe(numberOf.size);
      const events = [...(await store.events("p1", 0, 1e12)), ...(await store.events("p2", 0, 1e12))].map(
        (event) => "timeUs" in event && event.timeUs,
      );
      expect(events.sort()).toEqual([...stored.keys()].sort());
      for (const person of ["p1", "p2"]) {
        const own = [...stored.keys()].filter((n) => n % 2 === (person === "p1" ? 0 : 1));
        expect((await store.mark(person)).mark?.ordinal).toBe(own.length === 0 ? undefined : Math.max(...own));
      }
      epochs.add((await store.outboxFigures()).epoch);
      await store.close();
      expect(durable.filter((n) => !stored.has(n))).toEqual([]);
      expect([...stored.keys()].filter((n) => !begun.has(n))).toEqual([]);
    }
    expect(epochs.size).toBe(1);
    expect(durable.length).toBeGreaterThan(rounds);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
