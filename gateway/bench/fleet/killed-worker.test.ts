import { expect, test } from "vitest";
import { openFleet } from "./fleet.ts";
import { missingServers } from "./servers.ts";

/** Real servers and processes: `npm run test:servers` alone waits for them. */
test.runIf(process.env.HEARTH_TEST_SERVERS === "1" && missingServers.length === 0)(
  "of two workers on a stream one is killed in the middle of what comes: the other takes what it had, and every frame is in the database once",
  async () => {
    const homes = 12;
    const fleet = await openFleet({ homes, workers: 2, withDatabase: true, withStream: true });
    try {
      await fleet.ask({ kind: "connect", count: homes });
      await fleet.until(({ connected }) => connected === homes, 120_000);
      await fleet.ask({ kind: "backlog", count: homes, stretches: 6 });
      const middle = await fleet.until(({ acknowledged }) => acknowledged > 40, 120_000);
      expect(middle.waiting).toBeGreaterThan(0);
      process.kill(fleet.workers[1]?.pid ?? 0, "SIGKILL");
      const { added } = await fleet.until(({ waiting }) => waiting === 0, 180_000);
      const { sql } = fleet.database as NonNullable<typeof fleet.database>;
      expect(Number(sql("SELECT count(*) FROM hearth.frames"))).toBeGreaterThanOrEqual(added);
      // Those that came of their own accord since `added` was read.
      expect(Number(sql("SELECT count(*) FROM hearth.frames"))).toBeLessThan(added + 2 * homes);
      expect(Number(sql("SELECT count(DISTINCT (g, person, time_us)) - count(*) FROM hearth.beats"))).toBe(0);
    } finally {
      await fleet.close();
    }
  },
  600_000,
);
