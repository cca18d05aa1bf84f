/** What is kept about a gateway besides its people. */

import { type GatewayRow, gatewayOf } from "../gateway-row.ts";
import type { GatewayState, SilenceLevel, TwinStore, WatchedGateway } from "../port.ts";
import type { Ask } from "./pool.ts";

export async function gateway(ask: Ask, g: string): Promise<GatewayState> {
  const [row] = await ask<GatewayRow>(
    `SELECT heartbeat, heartbeat_received_us AS "receivedUs", told, told_since_us AS "toldSinceUs", told_count IS DISTINCT FROM heard_count AS "isOver"
     FROM gateways WHERE g = $1`,
    [g],
  );
  const [counted] = await ask<{ frames: number; opaque: number }>(
    "SELECT count(*) AS frames, count(payload) AS opaque FROM frames WHERE g = $1",
    [g],
  );
  return gatewayOf(g, row, counted ?? { frames: 0, opaque: 0 });
}

async function document(ask: Ask, g: string, column: "desired" | "reported"): Promise<string | undefined> {
  const [row] = await ask<{ text: string | null }>(`SELECT ${column} AS text FROM gateways WHERE g = $1`, [g]);
  return row?.text ?? undefined;
}

export const desired = (ask: Ask, g: string) => document(ask, g, "desired");

export const reported = (ask: Ask, g: string) => document(ask, g, "reported");

export async function putDesired(ask: Ask, g: string, text: string, before: string | undefined): Promise<boolean> {
  const rows = await ask(
    `INSERT INTO gateways(g, desired) SELECT $1, $2 WHERE $3::text IS NULL OR EXISTS (SELECT 1 FROM gateways WHERE g = $1)
     ON CONFLICT (g) DO UPDATE SET desired = excluded.desired WHERE gateways.desired IS NOT DISTINCT FROM $3 RETURNING g`,
    [g, text, before ?? null],
  );
  return rows.length === 1;
}

export async function putReported(ask: Ask, g: string, text: string): Promise<void> {
  await ask("INSERT INTO gateways(g, reported) VALUES ($1, $2) ON CONFLICT (g) DO UPDATE SET reported = excluded.reported", [g, text]);
}

interface WatchRow {
  readonly gateway: string;
  readonly heardCount: number;
  readonly heardUs: number | null;
  readonly told: SilenceLevel | null;
  readonly toldCount: number | null;
}

export async function watched(ask: Ask): Promise<WatchedGateway[]> {
  const rows = await ask<WatchRow>(
    `SELECT g AS gateway, heard_count AS "heardCount", heard_us AS "heardUs", told, told_count AS "toldCount"
     FROM gateways WHERE public_key IS NOT NULL ORDER BY g`,
  );
  return rows.map(({ gateway: g, heardCount, heardUs, told, toldCount }) => ({
    ...{ gateway: g, heardCount },
    ...(heardUs === null ? {} : { heardUs }),
    ...(told === null || toldCount === null ? {} : { told: { level: told, heardCount: toldCount } }),
  }));
}

export async function tellSilence(
  ask: Ask,
  g: string,
  silence: Parameters<TwinStore["tellSilence"]>[1],
  { heardCount, told }: Pick<WatchedGateway, "heardCount" | "told">,
): Promise<boolean> {
  const rows = await ask(
    `UPDATE gateways SET told = $2, told_since_us = $3, told_count = heard_count
     WHERE g = $1 AND heard_count = $4 AND told IS NOT DISTINCT FROM $5 AND (told IS NULL OR told_count IS NOT DISTINCT FROM $6) RETURNING g`,
    [g, silence?.level ?? null, silence?.sinceUs ?? null, heardCount, told?.level ?? null, told?.heardCount ?? null],
  );
  return rows.length === 1;
}
