import type { HeartbeatPayload } from "../../semantic/payloads/heartbeat.ts";
import type { GatewayState, SilenceLevel } from "./port.ts";

/** As a table has it. */
export interface GatewayRow {
  readonly heartbeat: string | null;
  readonly receivedUs: number | null;
  readonly told: SilenceLevel | null;
  readonly toldSinceUs: number | null;
  /** Something was heard since the silence was told. SQLite says it as a number. */
  readonly isOver: boolean | number;
}

export function gatewayOf(
  gateway: string,
  row: GatewayRow | undefined,
  { frames, opaque }: Pick<GatewayState, "frames" | "opaque">,
): GatewayState {
  const isSilent = row !== undefined && row.told !== null && row.toldSinceUs !== null && !row.isOver;
  return {
    gateway,
    ...(isSilent ? { silence: { level: row.told, sinceUs: row.toldSinceUs } } : {}),
    ...(row?.heartbeat == null || row.receivedUs === null
      ? {}
      : { heartbeat: JSON.parse(row.heartbeat) as HeartbeatPayload, heartbeatReceivedUs: row.receivedUs }),
    ...{ frames, opaque },
  };
}
