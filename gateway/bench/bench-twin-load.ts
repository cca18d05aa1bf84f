/** `bench twin --load`: a fleet of which three in ten homes are silent for a minute and come back. Nothing may be lost, and the operator hears one word. */

import { setTimeout as sleep } from "node:timers/promises";
import { openFleet } from "./fleet/fleet.ts";

const silentShare = 0.3;
const minuteMs = 60_000;
const limitMs = 900_000;
/** So that a minute without two heartbeats is silence; usual is a quarter of an hour. */
const silentAfterS = 90;
const alone = "a gateway's heartbeat changed";
const together = "many gateways have fallen silent together";
const over = "most gateways of the incident are heard again";

/** @param homes at two workers behind NATS with PostgreSQL, which have to be installed */
export async function benchTwinLoad(homes: number): Promise<Record<string, number>> {
  const settings = { HEARTH__TWIN__SILENTAFTERS: String(silentAfterS) };
  const fleet = await openFleet({ homes, workers: 2, withDatabase: true, withStream: true, settings });
  const said = (words: string) => fleet.workers.flatMap((worker) => worker.said).filter((line) => line.includes(words)).length;
  try {
    const count = Math.round(homes * silentShare);
    const connecting = performance.now();
    await fleet.ask({ kind: "connect", count: homes });
    await fleet.until(({ connected }) => connected === homes, limitMs);
    const connectS = (performance.now() - connecting) / 1000;
    await sleep(2 * minuteMs);
    const [toldBefore, aloneBefore] = [said(together), said(alone)];
    await fleet.ask({ kind: "cut", count });
    await sleep(minuteMs);
    const returning = performance.now();
    await fleet.ask({ kind: "connect", count });
    await fleet.until(({ connected, waiting }) => connected === homes && waiting < homes / 100, limitMs);
    const caughtUpS = (performance.now() - returning) / 1000;
    await sleep(2 * minuteMs);
    const { added, acknowledged, waiting, ackP99Ms } = await fleet.ask({ kind: "figures" });
    const stored = Number(fleet.database?.sql("SELECT count(*) FROM hearth.frames"));
    return {
      ...{ homes, silent: count, connect_s: Math.round(connectS), caught_up_s: Math.round(caughtUpS), ack_p99_ms: ackP99Ms },
      ...{ incidents: said(together) - toldBefore, ended: said(over), told_alone: said(alone) - aloneBefore },
      ...{ frames: added, frames_waiting: waiting, frames_lost: Math.max(0, acknowledged - stored) },
    };
  } finally {
    await fleet.close();
  }
}
