import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BeatEvent } from "../../../../device-drivers/contract/event.ts";
import { openTestPostgres, postgresBin, type TestPostgres } from "../../../../test/support/postgres.ts";
import { baseUs, beatAt, beatItems, createHarness, until } from "../../../../test/support/twin-harness.ts";
import { createMemoryOutbox } from "../../../sync/memory-outbox.ts";
import { openPostgresStore } from "./store.ts";

describe.skipIf(postgresBin === undefined)("a twin that keeps its state in PostgreSQL", { timeout: 120_000 }, () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await openTestPostgres();
  }, 120_000);
  afterAll(() => postgres.close());

  test("acknowledges nothing while the database is down, has every frame once when it is back, and another worker answers the same", async () => {
    const database = `${postgres.url}&schema=fleet`;
    const home = await createHarness({ database });
    try {
      const outbox = createMemoryOutbox("00112233445566aa");
      outbox.add(...beatItems(0, 40));
      const uplink = home.openUplink(outbox);
      await until(home.clock, () => outbox.rows().length === 0, "the first frames are acknowledged");
      await postgres.stop("SIGQUIT");
      outbox.add(...beatItems(40, 50));
      const passed = home.line.passed;
      await until(home.clock, () => home.line.passed > passed + 2000, "frames have come");
      expect(outbox.rows().length).toBe(50);
      await postgres.start();
      await until(home.clock, () => outbox.rows().length === 0, "the rest is acknowledged");
      await uplink.close();
      const { body } = await home.ask(`/api/v1/people/person-a/beats?from=${baseUs}&to=${baseUs + 1e12}`);
      expect((body.beats as BeatEvent[]).map(({ timeUs }) => timeUs)).toEqual(Array.from({ length: 90 }, (_, i) => beatAt(i).timeUs));
      const other = await openPostgresStore({ url: database, schema: "fleet" });
      expect(await other.beats("home-a", "person-a", { fromUs: 0, toUs: 9e15, limit: 99 })).toHaveLength(90);
      expect((await other.enrolled()).map(({ gateway }) => gateway)).toEqual(["home-a", "home-b"]);
      await other.close();
    } finally {
      await home.close();
    }
  });
});
