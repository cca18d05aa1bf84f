/** `bench storage`: bytes handed to the system per payload byte as received, with ten wearables in real time. */

import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { createBenchWearable } from "../../firmware-sim/bench-wearable.ts";
import { type BenchHouse, openBenchHouse } from "./bench-house.ts";

const wearables = 10;

export async function benchStorage({
  seconds = 300,
}: {
  seconds?: number;
}): Promise<{ figures: Record<string, number>; limits: Record<string, number> }> {
  const house = await openBenchHouse({ wearables });
  try {
    const clock = systemClock();
    const links = Array.from({ length: wearables }, (_, index) => house.link(index));
    const worn = links.map((link, index) => createBenchWearable(index, { clock, link }));
    await sleep(2000);
    const before = await written(house);
    await sleep(seconds * 1000);
    const after = await written(house);
    for (const wearable of worn) wearable.stop();
    await Promise.all(links.map((link) => link.close()));
    const raw = after.raw - before.raw;
    const share = (part: "journal" | "store") => (after[part] - before[part]) / raw;
    return {
      figures: {
        written_per_raw: round(share("journal") + share("store")),
        journal_per_raw: round(share("journal")),
        store_per_raw: round(share("store")),
        raw_bytes_per_wearable_second: Math.round(raw / wearables / seconds),
        seconds,
      },
      limits: { written_per_raw: 1.4 },
    };
  } finally {
    await house.close();
  }
}

async function written(house: BenchHouse): Promise<{ raw: number; journal: number; store: number }> {
  const metrics = await house.text("/metrics");
  const value = (line: string) =>
    Number(
      metrics
        .split("\n")
        .find((each) => each.startsWith(line))
        ?.slice(line.length) ?? 0,
    );
  const { meter } = await house.get<{ meter: { bytes_raw: number } }>("/api/v1/status");
  return {
    raw: meter.bytes_raw,
    journal: value('hearth_disk_written_bytes_total{part="journal"}'),
    store: value('hearth_disk_written_bytes_total{part="store"}'),
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
