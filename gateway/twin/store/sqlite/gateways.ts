/** What is kept about a gateway besides its people, as prepared statements. */

import type { HeartbeatPayload } from "../../../semantic/payload.ts";
import type { GatewayState } from "../port.ts";
import type { Database } from "./database.ts";

interface GatewayRow {
  readonly heartbeat: string | null;
  readonly receivedUs: number | null;
  readonly desired: string | null;
  readonly reported: string | null;
}

export function prepareGateways(db: Database) {
  const read = db.prepare("SELECT heartbeat, heartbeat_received_us AS receivedUs, desired, reported FROM gateways WHERE g = ?");
  const countFrames = db.prepare("SELECT count(*) AS frames, count(payload) AS opaque FROM frames WHERE g = ?");
  const putDesired = db.prepare("INSERT INTO gateways(g, desired) VALUES (?, ?) ON CONFLICT DO UPDATE SET desired = excluded.desired");
  const putReported = db.prepare("INSERT INTO gateways(g, reported) VALUES (?, ?) ON CONFLICT DO UPDATE SET reported = excluded.reported");
  const rowOf = (g: string) => read.get(g) as GatewayRow | undefined;
  return {
    gateway(g: string): GatewayState {
      const row = rowOf(g);
      const { frames, opaque } = countFrames.get(g) as { frames: number; opaque: number };
      if (row?.heartbeat == null || row.receivedUs === null) return { gateway: g, frames, opaque };
      return { gateway: g, heartbeat: JSON.parse(row.heartbeat) as HeartbeatPayload, heartbeatReceivedUs: row.receivedUs, frames, opaque };
    },
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
