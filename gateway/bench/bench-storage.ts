/** `bench storage`: bytes handed to the system per payload byte as received, with ten wearables in real time. */

import { setTimeout as sleep } from "node:timers/promises";
import { type BenchHouse, openBenchHouse, thousandths, wearAll } from "./bench-house.ts";

const wearables = 10;

export async function benchStorage({
  seconds = 300,
}: {
  seconds?: number;
}): Promise<{ figures: Record<string, number>; limits: Record<string, number> }> {
  const house = await openBenchHouse({ wearables });
  try {
    const takeOff = wearAll(house, wearables);
    await sleep(2000);
    const before = await written(house);
    await sleep(seconds * 1000);
    const after = await written(house);
    await takeOff();
    const raw = after.raw - before.raw;
    const share = (part: "journal" | "store") => (after[part] - before[part]) / raw;
    return {
      figures: {
        written_per_raw: thousandths(share("journal") + share("store")),
        journal_per_raw: thousandths(share("journal")),
        store_per_raw: thousandths(share("store")),
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
