/** `bench river`: how many wearables (ECG 250 Hz, PPG 64 Hz, 6-axis IMU 100 Hz) one core carries in real time, CPU of all processes summed. */

import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { createBenchWearable } from "../../firmware-sim/bench-wearable.ts";
import { openBenchHouse, type ProcessFigures } from "./bench-house.ts";

const warmUpMs = 20_000;
const wearables = 20;

export async function benchRiver({
  seconds = 60,
}: {
  seconds?: number;
}): Promise<{ figures: Record<string, number>; limits: Record<string, number> }> {
  const house = await openBenchHouse({ wearables });
  try {
    const clock = systemClock();
    const links = Array.from({ length: wearables }, (_, index) => house.link(index));
    const worn = links.map((link, index) => createBenchWearable(index, { clock, link }));
    await sleep(warmUpMs);
    const before = await house.processes();
    const beganMs = performance.now();
    await sleep(seconds * 1000);
    const after = await house.processes();
    const elapsedS = (performance.now() - beganMs) / 1000;
    for (const wearable of worn) wearable.stop();
    await Promise.all(links.map((link) => link.close()));
    const used = (names: readonly ProcessFigures["name"][]) =>
      (after.filter(({ name }) => names.includes(name)).reduce((sum, { cpuMs }) => sum + cpuMs, 0) -
        before.filter(({ name }) => names.includes(name)).reduce((sum, { cpuMs }) => sum + cpuMs, 0)) /
      (elapsedS * wearables);
    const gateway = used(["main", "model host"]);
    const all = used(["main", "model host", "twin"]);
    return {
      figures: {
        wearables_per_core: Math.floor(1000 / all),
        cpu_ms_per_wearable_second: round(all),
        cpu_ms_main: round(used(["main"])),
        cpu_ms_model_host: round(used(["model host"])),
        cpu_ms_twin: round(used(["twin"])),
        wearables_per_core_without_twin: Math.floor(1000 / gateway),
        wearables,
      },
      limits: { wearables_per_core: 100 },
    };
  } finally {
    await house.close();
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
