/** What stays of a month whose events have gone: a row a minute, person and kind of number. */

import { firstKeptUs } from "../bounds.ts";
import type { MinuteOf, SpanQuery, TwinStore } from "../port.ts";
import type { Database } from "./database.ts";

/** Where the begin of a row stands in each table of events. */
const detail = {
  beats: "time_us",
  rhythms: "time_us",
  vitals: "time_us",
  gaps: "from_us",
  watched: "from_us",
  strips: "start_us",
  kept: "from_us",
};

/** Of beats only how many there were; their rate is a number of its own. */
const minutesOf = (where: string) => `
  SELECT g, person, time_us - time_us % 60000000 AS minute_us, code, device, count(*) AS n, sum(value) AS total, min(value) AS least, max(value) AS most
  FROM vitals WHERE ${where} GROUP BY 1, 2, 3, 4, 5
  UNION ALL
  SELECT g, person, time_us - time_us % 60000000, 'beat.' || label, device, count(*), NULL, NULL, NULL FROM beats WHERE ${where} GROUP BY 1, 2, 3, 4, 5`;

export function prepareMinutes(db: Database) {
  const months = db
    .prepare(
      `SELECT count(DISTINCT strftime('%Y%m', time_us / 1000000, 'unixepoch')) FROM (SELECT time_us FROM vitals WHERE time_us >= @from AND time_us < @to UNION ALL SELECT time_us FROM beats WHERE time_us >= @from AND time_us < @to)`,
    )
    .pluck();
  const keep = db.prepare(
    `INSERT INTO minutes(g, person, minute_us, code, device, n, total, least, most) SELECT * FROM (${minutesOf("time_us >= @from AND time_us < @to")}) WHERE true
     ON CONFLICT DO UPDATE SET n = n + excluded.n, total = total + excluded.total, least = min(least, excluded.least), most = max(most, excluded.most)`,
  );
  const drop = Object.entries(detail).map(([table, time]) => db.prepare(`DELETE FROM ${table} WHERE ${time} >= @from AND ${time} < @to`));
  const dropMinutes = db.prepare("DELETE FROM minutes WHERE minute_us < ?");
  const dropActs = db.prepare("DELETE FROM acts WHERE at_us < ?");
  const read = db.prepare(
    `SELECT minute_us AS timeUs, code, device, sum(n) AS n, sum(total) AS total, min(least) AS least, max(most) AS most FROM (
       SELECT * FROM minutes WHERE g = @g AND person = @person AND minute_us >= @from AND minute_us < @to
       UNION ALL ${minutesOf("g = @g AND person = @person AND time_us >= @from AND time_us < @to")})
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT @limit`,
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
    minutes: (g: string, person: string, { fromUs, toUs, limit }: SpanQuery): MinuteOf[] =>
      (read.all({ g, person, from: fromUs, to: toUs, limit }) as MinuteRow[]).map(minuteOf),
  };
}

interface MinuteRow extends Pick<MinuteOf, "timeUs" | "code" | "device" | "n"> {
  readonly total: number | null;
  readonly least: number | null;
  readonly most: number | null;
}

function minuteOf({ total, least, most, n, ...minute }: MinuteRow): MinuteOf {
  return { ...minute, n, ...(total === null || least === null || most === null ? {} : { mean: total / n, least, most }) };
}
