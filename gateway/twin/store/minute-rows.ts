/** What stays of a month whose events have gone, as every store keeps it: a row a minute, person and kind of number. */

import type { MinuteOf } from "./port.ts";

/** Where the begin of a row stands in each table of events. */
export const beginOf = {
  beats: "time_us",
  rhythms: "time_us",
  vitals: "time_us",
  gaps: "from_us",
  watched: "from_us",
  strips: "start_us",
  kept: "from_us",
} as const;

/** The rows of two tables, or of a part of each. Of beats only how many there were; their rate is a number of its own. */
export const minutesOf = (vitals: string, beats: string, where: string) => `
  SELECT g, person, time_us - time_us % 60000000 AS minute_us, code, device, count(*) AS n, sum(value) AS total, min(value) AS least, max(value) AS most
  FROM ${vitals} WHERE ${where} GROUP BY 1, 2, 3, 4, 5
  UNION ALL
  SELECT g, person, time_us - time_us % 60000000, 'beat.' || label, device, count(*), NULL, NULL, NULL FROM ${beats} WHERE ${where} GROUP BY 1, 2, 3, 4, 5`;

export interface MinuteRow extends Pick<MinuteOf, "timeUs" | "code" | "device" | "n"> {
  readonly total: number | null;
  readonly least: number | null;
  readonly most: number | null;
}

export function minuteOf({ total, least, most, n, ...minute }: MinuteRow): MinuteOf {
  return { ...minute, n, ...(total === null || least === null || most === null ? {} : { mean: total / n, least, most }) };
}
