/** Takes frames in, all or none: which of them are new, and what the new ones say. */

import type { TrafficClass } from "../../../../device-drivers/contract/event.ts";
import type { Received } from "../port.ts";
import type { Apply } from "./apply.ts";
import type { Ask } from "./pool.ts";

export interface OpaqueRow {
  readonly g: string;
  readonly e: Uint8Array;
  readonly n: number;
  readonly c: TrafficClass;
  readonly t: number;
  readonly h: boolean;
  readonly receivedUs: number;
  readonly payload: Uint8Array;
}

/** Any number: the first half of a lock's name. */
const homeLocks = 20_417;

/** Two workers never write about one home at a time; always in the same order, so that none waits for the other for ever. */
export async function lockHomes(ask: Ask, homes: readonly string[]): Promise<void> {
  await ask(
    "SELECT pg_advisory_xact_lock($1, half) FROM (SELECT DISTINCT hashtext(g) AS half FROM unnest($2::text[]) AS g ORDER BY half) AS halves",
    [homeLocks, homes],
  );
}

const keyOf = ({ g, e, n }: { readonly g: string; readonly e: Uint8Array; readonly n: number }) =>
  `${n}/${Buffer.from(e).toString("hex")}/${g}`;

/** True for a frame that was not there before. */
export async function commitFrames(ask: Ask, received: readonly Received[], receivedUs: number, apply: Apply): Promise<boolean[]> {
  const firsts = new Map<string, Received>();
  for (const each of received) if (!firsts.has(keyOf(each.frame))) firsts.set(keyOf(each.frame), each);
  const once = [...firsts.values()];
  await lockHomes(
    ask,
    once.map(({ frame }) => frame.g),
  );
  const column = <Value>(of: (each: Received) => Value) => once.map(of);
  const added = await ask<{ g: string; e: Uint8Array; n: number }>(
    `INSERT INTO frames(g, e, n, c, t, h, received_us, payload)
     SELECT g, e, n, c, t, h, $7, payload FROM unnest($1::text[], $2::bytea[], $3::bigint[], $4::text[], $5::bigint[], $6::boolean[], $8::bytea[])
     AS sent(g, e, n, c, t, h, payload) ON CONFLICT DO NOTHING RETURNING g, e, n`,
    [
      column(({ frame }) => frame.g),
      column(({ frame }) => frame.e),
      column(({ frame }) => frame.n),
      column(({ frame }) => frame.c),
      column(({ frame }) => frame.t),
      column(({ frame }) => frame.h === true),
      receivedUs,
      column(({ frame, payload }) => (payload === undefined ? frame.p : null)),
    ],
  );
  const isAdded = new Set(added.map(keyOf));
  const told = once.flatMap(({ frame, payload }) => (payload === undefined || !isAdded.has(keyOf(frame)) ? [] : [{ frame, payload }]));
  await apply(ask, told, receivedUs);
  await heard(
    ask,
    told.flatMap(({ frame, payload }) => (payload.kind === "heartbeat" && frame.h !== true ? [frame.g] : [])),
    receivedUs,
  );
  const isNew = new Set(isAdded);
  return received.map(({ frame }) => isNew.delete(keyOf(frame)));
}

/** @param homes one of each live heartbeat */
async function heard(ask: Ask, homes: readonly string[], receivedUs: number): Promise<void> {
  if (homes.length === 0) return;
  await ask(
    `INSERT INTO gateways(g, heard_count, heard_us) SELECT g, count(*), $2 FROM unnest($1::text[]) AS g GROUP BY g ORDER BY g
     ON CONFLICT (g) DO UPDATE SET heard_count = gateways.heard_count + excluded.heard_count, heard_us = greatest(gateways.heard_us, excluded.heard_us)`,
    [homes, receivedUs],
  );
}
