/** Which rows go next: alerts first, then what is new, with a share for the backlog (R4). Reads the outbox and removes nothing. */

import { createTokenBucket, type TokenBucket } from "../runtime/token-bucket.ts";
import type { OutboxRow } from "../store/store-port.ts";
import type { InFlight } from "./in-flight.ts";
import type { OutboxSource } from "./outbox-source.ts";

/** A row older than this when it is sent waited for the line: it is marked historical. */
const backlogUs = 60_000_000;
/** Share of the places that the backlog keeps while there is something new. */
const backlogShare = 0.3;

export function isBacklog(row: Pick<OutboxRow, "timeUs">, nowUs: number): boolean {
  return nowUs - row.timeUs > backlogUs;
}

/** For the backlog (R29), half a second deep. */
export function createBucket(perS: number, startUs: number): TokenBucket {
  return createTokenBucket({ depth: Math.max(1, perS / 2), everyUs: 1e6 / perS }, startUs);
}

interface Choice {
  readonly outbox: OutboxSource;
  readonly flight: InFlight;
  readonly bucket: TokenBucket;
  readonly nowUs: number;
  readonly monotonicUs: number;
}

/** Rows for the free places of the window, in sending order. */
export async function chooseRows({ outbox, flight, bucket, nowUs, monotonicUs }: Choice): Promise<OutboxRow[]> {
  const skip = flight.skip(monotonicUs);
  const alertRoom = flight.room("alert");
  const inOrder = await outbox.outboxBegin(alertRoom, skip);
  const alerts = inOrder.filter((row) => row.class === "alert");
  const others = inOrder.filter((row) => row.class !== "alert");
  const room = Math.max(0, flight.room("raw") - alerts.length);
  if (room === 0) return alerts;
  const isAllOld = others.length > 0 && others.every((row) => isBacklog(row, nowUs));
  const fresh = isAllOld ? await freshRows(outbox, room, skip, nowUs) : [];
  const freshPlaces = room - Math.max(1, Math.round(room * backlogShare));
  const chosen = new Map(fresh.slice(0, Math.max(1, freshPlaces)).map((row) => [row.n, row]));
  for (const row of others) {
    if (chosen.size >= room) break;
    if (!chosen.has(row.n) && (!isBacklog(row, nowUs) || bucket.take(monotonicUs))) chosen.set(row.n, row);
  }
  return [...alerts, ...chosen.values()];
}

/** New rows that stand behind a backlog, oldest of them first. */
async function freshRows(outbox: OutboxSource, limit: number, skip: ReadonlySet<number>, nowUs: number): Promise<OutboxRow[]> {
  const newest = (await outbox.outboxNewest?.(limit, skip)) ?? [];
  return newest.filter((row) => !isBacklog(row, nowUs)).reverse();
}
