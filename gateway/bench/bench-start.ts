/** `bench start`: how long a home takes until it has accepted a sample, and what memory it holds, idle and with ten wearables. */

import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { createBenchWearable } from "../../firmware-sim/bench-wearable.ts";
import { type BenchHouse, openBenchHouse, type ProcessFigures, wearAll } from "./bench-house.ts";

const settleMs = 5000;
const loadMs = 30_000;

export async function benchStart(): Promise<{ figures: Record<string, number>; limits: Record<string, number> }> {
  const house = await openBenchHouse({ wearables: 10 });
  try {
    const firstSampleMs = await firstSample(house);
    await sleep(settleMs);
    const idle = await house.processes();
    const takeOff = wearAll(house, 10);
    await sleep(loadMs);
    const loaded = await house.processes();
    await takeOff();
    return {
      figures: {
        first_sample_ms: Math.round(firstSampleMs),
        ready_ms: Math.round(house.readyMs),
        ...memory("idle", idle),
        ...memory("ten_wearables", loaded),
      },
      limits: { first_sample_ms: 3000, idle_gateway_mb: 200 },
    };
  } finally {
    await house.close();
  }
}

/** The acknowledgement of a batch says that the sample is on disk. */
async function firstSample(house: BenchHouse): Promise<number> {
  const accepted = Promise.withResolvers<number>();
  const link = house.link(0, () => accepted.resolve(performance.now() - house.startedMs));
  const wearable = createBenchWearable(0, { clock: systemClock(), link, batchMs: 100 });
  const elapsedMs = await accepted.promise;
  wearable.stop();
  await link.close();
  return elapsedMs;
}

/** The twin lives in the cloud; beside an embedded one its memory is told apart. */
function memory(when: string, processes: readonly ProcessFigures[]): Record<string, number> {
  const sum = (size: "residentMb" | "ownMb", ...names: ProcessFigures["name"][]) =>
    Math.round(processes.filter(({ name }) => names.includes(name)).reduce((total, each) => total + each[size], 0));
  return {
    [`${when}_gateway_mb`]: sum("ownMb", "main", "model host"),
    [`${when}_gateway_resident_mb`]: sum("residentMb", "main", "model host"),
    [`${when}_main_resident_mb`]: sum("residentMb", "main"),
    [`${when}_model_host_resident_mb`]: sum("residentMb", "model host"),
    [`${when}_twin_mb`]: sum("ownMb", "twin"),
  };
}
