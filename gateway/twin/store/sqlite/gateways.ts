/** What is kept about a gateway besides its people, as prepared statements. */

import { type GatewayRow, gatewayOf } from "../gateway-row.ts";
import type { GatewayState, SilenceLevel, TwinStore, WatchedGateway } from "../port.ts";
import type { Database } from "./database.ts";

interface StateRow extends GatewayRow {
  readonly desired: string | null;
  readonly reported: string | null;
}

interface WatchRow {
  readonly gateway: string;
  readonly heardCount: number;
  readonly heardUs: number | null;
  readonly told: SilenceLevel | null;
  readonly toldCount: number | null;
}

export function prepareGateways(db: Database) {
  return { ...prepareState(db), ...prepareWatch(db) };
}

function prepareState(db: Database) {
  const read = db.prepare(
    `SELECT heartbeat, heartbeat_received_us AS receivedUs, desired, reported, told, told_since_us AS toldSinceUs, told_count IS NOT heard_count AS isOver
     FROM gateways WHERE g = ?`,
  );
  const countFrames = db.prepare("SELECT count(*) AS frames, count(payload) AS opaque FROM frames WHERE g = ?");
  const putDesired = db.prepare("INSERT INTO gateways(g, desired) VALUES (?, ?) ON CONFLICT DO UPDATE SET desired = excluded.desired");
  const putReported = db.prepare("INSERT INTO gateways(g, reported) VALUES (?, ?) ON CONFLICT DO UPDATE SET reported = excluded.reported");
  const rowOf = (g: string) => read.get(g) as StateRow | undefined;
  return {
    gateway: (g: string): GatewayState => gatewayOf(g, rowOf(g), countFrames.get(g) as Pick<GatewayState, "frames" | "opaque">),
    desired: (g: string) => rowOf(g)?.desired ?? undefined,
    putDesired: db.transaction((g: string, text: string, before: string | undefined): boolean => {
      if ((rowOf(g)?.desired ?? undefined) !== before) return false;
      putDesired.run(g, text);
      return true;
    }).immediate,
    reported: (g: string) => rowOf(g)?.reported ?? undefined,
    putReported: (g: string, text: string) => void putReported.run(g, text),
  };
}

function prepareWatch(db: Database) {
  const watched = db.prepare(
    `SELECT g AS gateway, heard_count AS heardCount, heard_us AS heardUs, told, told_count AS toldCount
     FROM gateways WHERE public_key IS NOT NULL ORDER BY g`,
  );
  const tell = db.prepare(
    `UPDATE gateways SET told = ?, told_since_us = ?, told_count = heard_count
     WHERE g = ? AND heard_count = ? AND told IS ? AND (told IS NULL OR told_count IS ?)`,
  );
  const tellSilence = (
    g: string,
    silence: Parameters<TwinStore["tellSilence"]>[1],
    { heardCount, told }: Pick<WatchedGateway, "heardCount" | "told">,
  ): boolean =>
    tell.run(silence?.level ?? null, silence?.sinceUs ?? null, g, heardCount, told?.level ?? null, told?.heardCount ?? null).changes === 1;
  return {
    tellSilence,
    watched: () =>
      (watched.all() as WatchRow[]).map(
        ({ gateway, heardCount, heardUs, told, toldCount }): WatchedGateway => ({
          ...{ gateway, heardCount },
          ...(heardUs === null ? {} : { heardUs }),
          ...(told === null || toldCount === null ? {} : { told: { level: told, heardCount: toldCount } }),
        }),
      ),
  };
}
