import { createHash } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { beats, everUs, received, testTwinStore } from "../../../../test/conformance/twin-store-suite.ts";
import { openTestPostgres, postgresBin, type TestPostgres } from "../../../../test/support/postgres.ts";
import { monthOf } from "./partitions.ts";
import { openPostgresStore } from "./store.ts";

/** A folder of the suite stands for a schema. */
const schemaOf = (dir: string) => `s_${createHash("sha256").update(dir).digest("hex").slice(0, 16)}`;

describe.skipIf(postgresBin === undefined)("with PostgreSQL", { timeout: 120_000 }, () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await openTestPostgres();
  }, 120_000);
  afterAll(() => postgres.close());

  const open = (schema: string) => openPostgresStore({ url: postgres.url, schema });

  const ask = async (text: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client(postgres.url);
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };

  /** Every row of every table, bytes as they would be read. */
  const keptAt = async (dir: string) => {
    const tables = await ask(`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${schemaOf(dir)}'`);
    const rows = await Promise.all(tables.map(({ name }) => ask(`SELECT * FROM ${schemaOf(dir)}.${String(name)}`)));
    return rows
      .flat()
      .flatMap((row) =>
        Object.values(row).map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value))),
      )
      .join("\n");
  };

  testTwinStore((dir) => open(schemaOf(dir)), keptAt);

  test("rows stand in the partition of their month, those of an impossible clock in the one for others", async () => {
    const store = await open("months");
    const [november, december] = [Date.UTC(2026, 10, 30, 23) * 1000, Date.UTC(2026, 11, 1) * 1000];
    await store.commit([received(1, beats(5, november, december, Date.UTC(2200, 0) * 1000))], 0);
    const rows = await ask("SELECT tableoid::regclass::text AS part, time_us FROM months.beats ORDER BY time_us");
    expect(rows.map(({ part }) => part)).toEqual([
      "months.beats_other",
      "months.beats_202611",
      "months.beats_202612",
      "months.beats_other",
    ]);
    expect((await store.beats("home-a", "person-a", { ...everUs, toUs: 9e15 })).length).toBe(4);
    await store.close();
  });

  test("a database that is killed and comes back has every frame that was acknowledged, and the worker goes on by itself", async () => {
    const store = await open("killed");
    await store.commit([received(1, beats(5))], 0);
    await postgres.stop("SIGQUIT");
    await expect(store.commit([received(2, beats(6))], 0)).rejects.toMatchObject({ code: "twin.io", kind: "world" });
    await postgres.start();
    expect(await store.commit([received(1, beats(5)), received(2, beats(6))], 0)).toEqual([false, true]);
    await store.close();
  });

  test("a database that another program has made newer is refused with the way out", async () => {
    await (await open("newer")).close();
    await ask("UPDATE newer.schema_version SET version = 99");
    await expect(open("newer")).rejects.toMatchObject({ code: "twin.newer_database", kind: "operator" });
  });

  test("a user whom the database refuses is told as the operator's", async () => {
    const url = postgres.url.replace("hearth@", "nobody@");
    await expect(openPostgresStore({ url, schema: "hearth" })).rejects.toMatchObject({ code: "twin.bad_store", kind: "operator" });
    await expect(openPostgresStore({ url: postgres.url, schema: "a; drop" })).rejects.toMatchObject({ code: "twin.bad_store" });
  });
});

test("a month begins and ends in UTC", () => {
  expect(monthOf(Date.UTC(2026, 11, 31, 23, 59) * 1000)).toEqual({
    ...{ name: "202612", fromUs: Date.UTC(2026, 11) * 1000, toUs: Date.UTC(2027, 0) * 1000 },
  });
  expect([monthOf(5), monthOf(Number.NaN)]).toEqual([undefined, undefined]);
});
