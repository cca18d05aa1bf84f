/** What stays of a month whose events have gone, as prepared statements. */

import { firstKeptUs } from "../bounds.ts";
import { beginOf, type MinuteRow, minuteOf, minutesOf } from "../minute-rows.ts";
import type { MinuteOf, SpanQuery, TwinStore } from "../port.ts";
import type { Database } from "./database.ts";

export function prepareMinutes(db: Database) {
  const months = db
    .prepare(
      `SELECT count(DISTINCT strftime('%Y%m', time_us / 1000000, 'unixepoch')) FROM (SELECT time_us FROM vitals WHERE time_us >= @from AND time_us < @to UNION ALL SELECT time_us FROM beats WHERE time_us >= @from AND time_us < @to)`,
    )
    .pluck();
  const keep = db.prepare(
    `INSERT INTO minutes(g, person, minute_us, code, device, n, total, least, most) SELECT * FROM (${minutesOf("vitals", "beats", "time_us >= @from AND time_us < @to")}) WHERE true
     ON CONFLICT DO UPDATE SET n = n + excluded.n, total = total + excluded.total, least = min(least, excluded.least), most = max(most, excluded.most)`,
  );
  const drop = Object.entries(beginOf).map(([table, time]) => db.prepare(`DELETE FROM ${table} WHERE ${time} >= @from AND ${time} < @to`));
  const dropMinutes = db.prepare("DELETE FROM minutes WHERE minute_us < ?");
  const dropActs = db.prepare("DELETE FROM acts WHERE at_us < ?");
  const read = db.prepare(
    `SELECT minute_us AS timeUs, code, device, sum(n) AS n, sum(total) AS total, min(least) AS least, max(most) AS most FROM (
       SELECT * FROM minutes WHERE g = @g AND person = @person AND minute_us >= @from AND minute_us < @to
       UNION ALL ${minutesOf("vitals", "beats", "g = @g AND person = @person AND time_us >= @from AND time_us < @to")})
     WHERE @code IS NULL OR code = @code GROUP BY 1, 2, 3 ORDER BY 1 DESC, 2 DESC, 3 DESC LIMIT @limit`,
  );
  const forget = db.transaction(({ detailBeforeUs: to, minutesBeforeUs }: Parameters<TwinStore["forget"]>[0]): number => {
    const span = { from: firstKeptUs, to };
    const count = Number(months.get(span));
    keep.run(span);
    for (const statement of drop) statement.run(span);
    dropMinutes.run(minutesBeforeUs);
    dropActs.run(to);
    return count;
  });
  return {
    forget: forget.immediate,
    minutes: (g: string, person: string, { fromUs, toUs, limit, code = null }: SpanQuery & { code?: string | null }): MinuteOf[] =>
      (read.all({ g, person, from: fromUs, to: toUs, limit, code }) as MinuteRow[]).reverse().map(minuteOf),
  };
}
