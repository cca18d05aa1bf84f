/**
 * `bench twin`: how many homes in event mode one core of a twin carries, CPU of workers, database and stream summed; what they keep on disk; and how both
 * grow from a thousand homes to ten thousand. Every home signs with a key of its own and sends with the gateway's own packer, uplink and connection.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { thousandths } from "./bench-house.ts";
import { benchTwinLoad } from "./bench-twin-load.ts";
import { copiedRowsPerS, takeBacklog } from "./fleet/backlog.ts";
import { type Fleet, type FleetOptions, openFleet } from "./fleet/fleet.ts";
import { missingServers } from "./fleet/servers.ts";

interface TwinBench {
  readonly figures: Record<string, number>;
  readonly limits: Record<string, number>;
  readonly notes: Readonly<Record<string, readonly string[]>>;
}

/** Until V8 has compiled what a frame runs through. */
const warmUpMs = 30_000;
const connectMs = 600_000;
/** Fewer than the largest of them are measured too, for the growth. */
const fewHomes = 1000;

type Form = Omit<FleetOptions, "homes">;
const forms: Readonly<Record<"sqlite" | "postgres" | "fleet", Form>> = {
  sqlite: { workers: 1, withDatabase: false, withStream: false },
  postgres: { workers: 1, withDatabase: true, withStream: false },
  fleet: { workers: 2, withDatabase: true, withStream: true },
};

interface TwinBenchOptions {
  /** Of each measurement. */
  readonly seconds?: number;
  /** The most at a time. */
  readonly homes?: number;
  /** Three in ten of them are silent for a minute, and nothing else is measured. */
  readonly load?: boolean;
}

export async function benchTwin({ seconds = 60, homes = 10_000, load = false }: TwinBenchOptions): Promise<TwinBench> {
  if (load) {
    const measured = missingServers.length === 0 ? await benchTwinLoad(homes) : {};
    return { figures: measured, limits: { incidents: 1, told_alone: 0, frames_lost: 0 }, notes: { not_measured: missingServers } };
  }
  const figures: Record<string, number> = {};
  const names = (Object.keys(forms) as (keyof typeof forms)[]).filter((name) => name === "sqlite" || missingServers.length === 0);
  for (const name of names)
    for (const count of [...new Set([Math.min(fewHomes, homes), homes])]) {
      const measured = await withFleet({ ...forms[name], homes: count }, (fleet) => measure(fleet, count, seconds));
      for (const [key, value] of Object.entries(measured)) figures[`${name}_${count}_${key}`] = value;
    }
  return {
    figures,
    limits: { [`sqlite_${homes}_homes_per_core`]: 5000 },
    notes: { not_measured: missingServers },
  };
}

async function withFleet<Answer>(options: FleetOptions, use: (fleet: Fleet) => Promise<Answer>): Promise<Answer> {
  const fleet = await openFleet(options);
  try {
    return await use(fleet);
  } finally {
    await fleet.close();
  }
}

async function measure(fleet: Fleet, homes: number, seconds: number): Promise<Record<string, number>> {
  const emptyMb = await fleet.workerMb();
  await fleet.ask({ kind: "connect", count: homes });
  await fleet.until(({ connected, waiting }) => connected === homes && waiting < homes / 100, connectMs);
  await sleep(warmUpMs);
  const [before, cpuBefore, fromMs] = [await fleet.ask({ kind: "figures" }), await fleet.cpu(), performance.now()];
  await sleep(seconds * 1000);
  const [after, cpuAfter, toMs] = [await fleet.ask({ kind: "figures" }), await fleet.cpu(), performance.now()];
  const homeSeconds = (homes * (toMs - fromMs)) / 1000;
  const spent = (part: keyof typeof cpuAfter) => (cpuAfter[part] - cpuBefore[part]) / homeSeconds;
  const residentKb = ((await fleet.workerMb()) - emptyMb) * 1024;
  const backlog = await takeBacklog(fleet);
  return {
    homes_per_core: Math.floor(1 / (spent("all") / 1000)),
    cpu_us_per_home_second: Math.round(1000 * spent("all")),
    cpu_us_workers: Math.round(1000 * spent("workers")),
    ...(fleet.database && { cpu_us_database: Math.round(1000 * spent("database")) }),
    ...(fleet.stream && { cpu_us_stream: Math.round(1000 * spent("stream")) }),
    frames_per_s: Math.round((1000 * (after.acknowledged - before.acknowledged)) / (toMs - fromMs)),
    ack_p50_ms: after.ackP50Ms,
    ack_p99_ms: after.ackP99Ms,
    worker_start_s: thousandths((fleet.workers[0]?.startMs ?? 0) / 1000),
    worker_kb_per_home: Math.round(residentKb / homes),
    ...backlog,
    ...(fleet.database && { copied_rows_per_s: copiedRowsPerS(fleet.database) }),
  };
}
