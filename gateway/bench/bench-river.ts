/** `bench river`: how many wearables (ECG 250 Hz, PPG 64 Hz, 6-axis IMU 100 Hz) one core carries in real time, CPU of all processes summed. */

import { setTimeout as sleep } from "node:timers/promises";
import { openBenchHouse, type ProcessFigures, thousandths, wearAll } from "./bench-house.ts";

const warmUpMs = 20_000;
const wearables = 20;

export async function benchRiver({
  seconds = 60,
}: {
  seconds?: number;
}): Promise<{ figures: Record<string, number>; limits: Record<string, number> }> {
  const house = await openBenchHouse({ wearables });
  try {
    const takeOff = wearAll(house, wearables);
    await sleep(warmUpMs);
    const before = await house.processes();
    const beganMs = performance.now();
    await sleep(seconds * 1000);
    const after = await house.processes();
    const elapsedS = (performance.now() - beganMs) / 1000;
    await takeOff();
    const used = (names: readonly ProcessFigures["name"][]) =>
      (after.filter(({ name }) => names.includes(name)).reduce((sum, { cpuMs }) => sum + cpuMs, 0) -
        before.filter(({ name }) => names.includes(name)).reduce((sum, { cpuMs }) => sum + cpuMs, 0)) /
      (elapsedS * wearables);
    const gateway = used(["main", "model host"]);
    const all = used(["main", "model host", "twin"]);
    return {
      figures: {
        wearables_per_core: Math.floor(1000 / all),
        cpu_ms_per_wearable_second: thousandths(all),
        cpu_ms_main: thousandths(used(["main"])),
        cpu_ms_model_host: thousandths(used(["model host"])),
        cpu_ms_twin: thousandths(used(["twin"])),
        wearables_per_core_without_twin: Math.floor(1000 / gateway),
        wearables,
      },
      limits: { wearables_per_core: 100 },
    };
  } finally {
    await house.close();
  }
}
