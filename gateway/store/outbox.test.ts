import { copyFileSync, cpSync, existsSync, linkSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { testOutbox } from "../../test/conformance/outbox-suite.ts";
import { openStore } from "./store.ts";

let epochs = 0;
/** On the caller's thread, with epochs that are counted instead of drawn. */
const openLocal = (dir: string, maxOutboxBytes = 1 << 30) =>
  openStore({ dir, clock: virtualClock(), maxOutboxBytes, epochBytes: () => Uint8Array.from([0, 0, 0, 0, 0, 0, 0, ++epochs & 255]) });

testOutbox(async ({ dir, maxOutboxBytes }) => (await openLocal(dir, maxOutboxBytes)).store);

describe("the epoch", () => {
  let home: string;
  let dir: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "hearth-epoch-"));
    dir = join(home, "data");
    twin.clear();
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** What the far side has seen: (epoch, n) → payload's first byte. */
  const twin = new Map<string, number>();

  async function run(marks: readonly number[], acknowledge: boolean) {
    const { store, repairs } = await openLocal(dir);
    if (marks.length > 0) {
      const committed = store.commit({
        person: "p1",
        outbox: marks.map((mark) => ({ class: "semantic", timeUs: mark, payload: Uint8Array.of(mark) })),
      });
      await store.flush();
      await committed;
    }
    const { epoch } = await store.outboxFigures();
    const rows = await store.outboxBegin(100, new Set());
    for (const { n, payload } of rows) {
      const key = `${epoch} ${n}`;
      // A pair that carries other bytes than before would be dropped as a duplicate by the far side.
      expect(twin.get(key) ?? payload[0]).toBe(payload[0]);
      twin.set(key, payload[0]!);
    }
    if (acknowledge) await store.outboxEnd(rows.map(({ n }) => n));
    await store.close();
    return { epoch, repairs, rows: rows.map(({ n, payload }) => [n, payload[0]]) };
  }

  const database = () => join(dir, "hearth.db");

  test("stays over clean restarts, with numbers that go on", async () => {
    const first = await run([1, 2], true);
    const second = await run([3], false);
    expect(second).toEqual({ epoch: first.epoch, repairs: [], rows: [[3, 3]] });
  });

  test("begins anew when yesterday's database is put back, and everything that waits is numbered from 1", async () => {
    const first = await run([1, 2, 3], false);
    copyFileSync(database(), join(home, "yesterday.db"));
    await run([4, 5], true);
    copyFileSync(join(home, "yesterday.db"), database());
    const restored = await run([6], false);
    expect(restored.epoch).not.toBe(first.epoch);
    expect(restored.repairs).toEqual([expect.stringContaining("older than outbox.epoch")]);
    expect(restored.rows.slice(0, 3)).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(restored.rows[3]?.[1]).toBe(6);
  });

  test("begins anew when the whole folder is put back from a copy", async () => {
    const first = await run([1], false);
    cpSync(dir, join(home, "backup"), { recursive: true });
    await run([2], true);
    rmSync(dir, { recursive: true });
    cpSync(join(home, "backup"), dir, { recursive: true });
    const restored = await run([3], false);
    expect(restored.epoch).not.toBe(first.epoch);
    expect(restored.repairs).toEqual([expect.stringContaining("is a copy")]);
  });

  test("begins anew when a copy of both files is written over them in place", async () => {
    const first = await run([1], false);
    const old = [readFileSync(database()), readFileSync(join(dir, "outbox.epoch"))];
    await run([2], true);
    writeFileSync(database(), old[0]!);
    writeFileSync(join(dir, "outbox.epoch"), old[1]!);
    expect((await run([3], false)).epoch).not.toBe(first.epoch);
  });

  test.each(["missing", "unreadable"])("begins anew when its companion file is %s", async (how) => {
    const first = await run([1], false);
    if (how === "missing") rmSync(join(dir, "outbox.epoch"));
    else writeFileSync(join(dir, "outbox.epoch"), "garbage");
    const second = await run([2], false);
    expect(second.epoch).not.toBe(first.epoch);
  });

  test("numbers all that waits from 1, whatever its class, when it begins anew", async () => {
    const first = await openLocal(dir);
    const classes = ["raw", "alert", "semantic", "status"] as const;
    await first.store.commit({ person: "p1", outbox: classes.map((name) => ({ class: name, timeUs: 1, payload: new Uint8Array(1) })) });
    await first.store.close();
    rmSync(join(dir, "outbox.epoch"));
    const { store } = await openLocal(dir);
    expect((await store.outboxBegin(9, new Set())).map(({ n }) => n)).toEqual([2, 4, 3, 1]);
    await store.close();
  });

  test("begins anew when the database is lost, and says that a corrupt one stands aside", async () => {
    const first = await run([1], false);
    writeFileSync(database(), Buffer.alloc(20_000, 0x5a));
    const second = await run([2], false);
    expect(second.epoch).not.toBe(first.epoch);
    expect(second.repairs).toEqual([expect.stringMatching(/stands aside as hearth\.db\.corrupt-2000/)]);
    expect(second.rows).toEqual([[1, 2]]);
    expect(existsSync(join(dir, "hearth.db.corrupt-2000-01-01T00-00-00-000Z"))).toBe(true);
  });

  test.each(["empty", "gone"])("says that everything is missing when the database is %s", async (how) => {
    await run([1], false);
    if (how === "gone") rmSync(database());
    else writeFileSync(database(), "");
    for (const end of ["-wal", "-shm"]) rmSync(`${database()}${end}`, { force: true });
    const second = await run([2], false);
    expect(second.repairs).toEqual([expect.stringContaining("hearth.db was empty or gone")]);
    expect(second.rows).toEqual([[1, 2]]);
  });

  test("stays when a crash came between the database and its companion file", async () => {
    const companion = join(dir, "outbox.epoch");
    const first = await run([1], false);
    linkSync(companion, join(home, "kept"));
    await run([2, 3], false);
    // The same file as before, not a copy: as if the later renames had not happened.
    renameSync(join(home, "kept"), companion);
    const again = await run([4], false);
    expect(again.epoch).toBe(first.epoch);
    expect(again.repairs).toEqual([]);
    expect(again.rows.map(([, mark]) => mark)).toEqual([1, 2, 3, 4]);
  });

  test("never gives a number twice when a crash took the last rows", async () => {
    const { store } = await openLocal(dir);
    await store.flush();
    copyFileSync(database(), join(home, "before.db"));
    copyFileSync(`${database()}-wal`, join(home, "before.db-wal"));
    const committed = store.commit({ person: "p1", outbox: [{ class: "alert", timeUs: 1, payload: Uint8Array.of(1) }] });
    await committed;
    const [sent] = await store.outboxBegin(1, new Set());
    twin.set(`${(await store.outboxFigures()).epoch} ${sent!.n}`, 1);
    // The process dies here, and with the power the log's last pages are lost: what is left is the copy.
    await store.close();
    copyFileSync(join(home, "before.db"), database());
    copyFileSync(join(home, "before.db-wal"), `${database()}-wal`);
    rmSync(`${database()}-shm`, { force: true });
    await run([2], false);
  });
});
