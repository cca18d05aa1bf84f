/** The large tables stand in partitions of a calendar month (UTC), made when the first row of a month comes and dropped whole when they are no longer kept. */

import type { PayloadCodec } from "../../../semantic/payload-codec.ts";
import type { TwinPayload } from "../../../semantic/payloads/index.ts";
import type { AnyPayload } from "../../../semantic/payloads/kind.ts";
import { partsOf } from "../../../semantic/payloads/window.ts";
import { firstKeptUs as firstUs } from "../bounds.ts";
import { migrationLock } from "./migrations.ts";
import type { Pool } from "./pool.ts";

export const partitioned = ["beats", "rhythms", "vitals", "gaps", "watched", "strips", "kept"] as const;

/** Times that no wearable of today can tell stand in the partition for others: a wrong clock must not make thousands of tables. */
const lastUs = Date.UTC(2100, 0) * 1000;

interface Month {
  /** `200001` … */
  readonly name: string;
  readonly fromUs: number;
  readonly toUs: number;
}

export function monthOf(timeUs: number): Month | undefined {
  if (!(timeUs >= firstUs && timeUs < lastUs)) return undefined;
  const date = new Date(timeUs / 1000);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const name = `${year}${String(month + 1).padStart(2, "0")}`;
  return { name, fromUs: Date.UTC(year, month) * 1000, toUs: Date.UTC(year, month + 1) * 1000 };
}

/** Begins of the rows that a payload makes. */
function* timesOf(payload: AnyPayload, codec: PayloadCodec): Iterable<number> {
  const known = payload as TwinPayload;
  if (known.kind === "window") for (const part of partsOf(known)) yield* timesOf(part, codec);
  else if (known.kind === "events") {
    for (const { timeUs } of [...known.beats, ...known.rhythms, ...known.vitals]) yield timeUs;
    for (const span of [...known.gaps, ...known.watched]) yield span.fromUs;
  } else if (known.kind === "strip") yield known.startUs;
  else {
    const place = codec.placeOf(payload);
    if (place !== undefined) yield place.fromUs;
  }
}

export interface Partitions {
  /** There is a partition for everything that these payloads say. */
  ensure(payloads: readonly AnyPayload[]): Promise<void>;
}

export function createPartitions(pool: Pool, codec: PayloadCodec): Partitions {
  /** Months whose partitions this worker has seen. */
  const known = new Set<string>();
  return {
    async ensure(payloads) {
      const missing = new Map<string, Month>();
      for (const payload of payloads)
        for (const timeUs of timesOf(payload, codec)) {
          const month = monthOf(timeUs);
          if (month !== undefined && !known.has(month.name)) missing.set(month.name, month);
        }
      for (const month of missing.values()) {
        // In a transaction of its own: the lock on the whole table is held for a moment.
        await pool.transaction(async (ask) => {
          await ask("SELECT pg_advisory_xact_lock($1)", [migrationLock]);
          // What comes of a month that has gone stands in the partition for others until it goes too.
          const [kept] = await ask<{ fromUs: number }>('SELECT time_us AS "fromUs" FROM kept_from');
          if (kept !== undefined && month.fromUs < kept.fromUs) return;
          for (const table of partitioned)
            await ask(
              `CREATE TABLE IF NOT EXISTS ${table}_${month.name} PARTITION OF ${table} FOR VALUES FROM (${month.fromUs}) TO (${month.toUs})`,
            );
        });
        known.add(month.name);
      }
    },
  };
}
