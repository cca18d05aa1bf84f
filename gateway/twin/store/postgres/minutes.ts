/** What stays of a month whose partitions have been dropped. */

import { firstKeptUs } from "../bounds.ts";
import { beginOf, type MinuteRow, minuteOf, minutesOf } from "../minute-rows.ts";
import type { MinuteOf, SpanQuery, TwinStore } from "../port.ts";
import { migrationLock } from "./migrations.ts";
import { monthOf, partitioned } from "./partitions.ts";
import type { Ask, Pool } from "./pool.ts";

const keep = (vitals: string, beats: string) => `
  INSERT INTO minutes(g, person, minute_us, code, device, n, total, least, most) ${minutesOf(vitals, beats, "time_us >= $1 AND time_us < $2")}
  ON CONFLICT (g, person, minute_us, code, device) DO UPDATE SET n = minutes.n + excluded.n, total = minutes.total + excluded.total,
  least = least(minutes.least, excluded.least), most = greatest(minutes.most, excluded.most)`;

/** Each month in a transaction of its own. What still comes of a month that has gone stands in the partition for others and goes the same way. */
export async function forget(pool: Pool, { detailBeforeUs, minutesBeforeUs }: Parameters<TwinStore["forget"]>[0]): Promise<number> {
  const before = monthOf(detailBeforeUs)?.name;
  if (before === undefined) return 0;
  const months = await pool.transaction(async (ask) => {
    await ask("SELECT pg_advisory_xact_lock($1)", [migrationLock]);
    // From now on no worker makes a partition of an earlier month.
    await ask("UPDATE kept_from SET time_us = greatest(time_us, $1)", [detailBeforeUs]);
    const tables = await ask<{ name: string }>(
      "SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'vitals'::regclass",
    );
    return tables.flatMap(({ name }) => /^vitals_(\d{6})$/.exec(name)?.[1] ?? []).filter((month) => month < before);
  });
  for (const month of months.sort()) await pool.transaction((ask) => dropMonth(ask, month, [firstKeptUs, detailBeforeUs]));
  await pool.transaction(async (ask) => {
    await ask("LOCK TABLE beats_other, vitals_other IN SHARE ROW EXCLUSIVE MODE");
    await ask(keep("vitals_other", "beats_other"), [firstKeptUs, detailBeforeUs]);
    for (const table of partitioned)
      await ask(`DELETE FROM ${table}_other WHERE ${beginOf[table]} >= $1 AND ${beginOf[table]} < $2`, [firstKeptUs, detailBeforeUs]);
    await ask("DELETE FROM minutes WHERE minute_us < $1", [minutesBeforeUs]);
    await ask("DELETE FROM acts WHERE at_us < $1", [detailBeforeUs]);
  });
  return months.length;
}

async function dropMonth(ask: Ask, month: string, span: readonly [number, number]): Promise<void> {
  // Another worker may have dropped it in the meantime.
  await ask("SELECT pg_advisory_xact_lock($1)", [migrationLock]);
  const [there] = await ask("SELECT 1 FROM pg_class WHERE oid = to_regclass($1)", [`vitals_${month}`]);
  if (there === undefined) return;
  // Nothing may come between what is counted and what is dropped.
  await ask(`LOCK TABLE ${partitioned.map((table) => `${table}_${month}`).join(", ")} IN SHARE ROW EXCLUSIVE MODE`);
  await ask(keep(`vitals_${month}`, `beats_${month}`), span);
  for (const table of partitioned) await ask(`DROP TABLE IF EXISTS ${table}_${month}`);
}

export async function minutes(
  ask: Ask,
  g: string,
  person: string,
  { fromUs, toUs, limit, code }: SpanQuery & { readonly code?: string },
): Promise<MinuteOf[]> {
  const rows = await ask<MinuteRow>(
    `SELECT minute_us AS "timeUs", code, device, sum(n)::bigint AS n, sum(total) AS total, min(least) AS least, max(most) AS most FROM (
       SELECT g, person, minute_us, code, device, n, total, least, most FROM minutes WHERE g = $1 AND person = $2 AND minute_us >= $3 AND minute_us < $4
       UNION ALL ${minutesOf("vitals", "beats", "g = $1 AND person = $2 AND time_us >= $3 AND time_us < $4")}) AS both_of_them
     WHERE $6::text IS NULL OR code = $6 GROUP BY 1, 2, 3 ORDER BY 1 DESC, 2 DESC, 3 DESC LIMIT $5`,
    [g, person, fromUs, toUs, limit, code ?? null],
  );
  return rows.reverse().map(minuteOf);
}
