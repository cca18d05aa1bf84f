/** What some homes' hours cost a twin that gets all of them at once, as after an outage: rows a second, bytes a home; and the same rows by COPY alone. */

import type { Fleet } from "./fleet.ts";
import type { Database } from "./servers.ts";

const backlogHomes = 10;
/** Of five minutes: four hours, and what a day has of them. */
const stretches = 48;
const perDay = 288 / stretches;
const limitMs = 900_000;
/** Where a worker keeps its tables. */
const schema = "hearth";
/** What a stretch of events becomes. */
const tables = ["beats", "vitals", "watched"];

export async function takeBacklog(fleet: Fleet): Promise<Record<string, number>> {
  const bytesBefore = await fleet.storedBytes();
  const { rows: rowsBefore } = await fleet.ask({ kind: "figures" });
  const cpuBefore = await fleet.cpu();
  const startedMs = performance.now();
  await fleet.ask({ kind: "backlog", count: backlogHomes, stretches });
  // A few rows of the day go on while it is taken.
  const { rows: rowsAfter } = await fleet.until(({ waiting }) => waiting < 100, limitMs);
  const seconds = (performance.now() - startedMs) / 1000;
  const cpuMs = (await fleet.cpu()).all - cpuBefore.all;
  const rows = rowsAfter - rowsBefore;
  return {
    rows_per_s: Math.round(rows / seconds),
    cpu_us_per_row: Math.round((1000 * cpuMs) / rows),
    rows_per_home_day: Math.round((perDay * rows) / backlogHomes),
    bytes_per_home_day: Math.round((perDay * ((await fleet.storedBytes()) - bytesBefore)) / backlogHomes),
  };
}

/** Into tables with the same keys and columns, a table a commit, nothing else asked of the database. */
export function copiedRowsPerS({ sql, folder }: Database): number {
  const count = Number(sql(`SELECT ${tables.map((table) => `(SELECT count(*) FROM ${schema}.${table})`).join(" + ")}`));
  for (const table of tables) {
    sql(`COPY (SELECT * FROM ${schema}.${table}) TO '${folder}/${table}.copy'`);
    sql(`CREATE TABLE ${table}_copied (LIKE ${schema}.${table} INCLUDING ALL)`);
  }
  const startedMs = performance.now();
  for (const table of tables) sql(`COPY ${table}_copied FROM '${folder}/${table}.copy'`);
  return Math.round(count / ((performance.now() - startedMs) / 1000));
}
