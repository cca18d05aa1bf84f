/** `bench river`: how many wearables (ECG 250 Hz, PPG 64 Hz, 6-axis IMU 100 Hz) one core carries in real time, CPU of all processes summed, with every model on. */

import { setTimeout as sleep } from "node:timers/promises";
import { openBenchHouse, type ProcessFigures, thousandths, wearAll } from "./bench-house.ts";

/**
 * A home runs for weeks. V8 has compiled its hot code after a minute or two, and until then a wearable costs half as much again; and by then the models
 * have learnt their wearers, which need no more than `learnS` here.
 */
const warmUpMs = 120_000;
const learnS = 30;
const wearables = 20;

interface RiverBench {
  readonly figures: Record<string, number>;
  readonly limits: Record<string, number>;
  /** Models that ran, and those of the registry that did not. */
  readonly notes: { readonly models: readonly string[]; readonly models_off: readonly string[] };
}

export async function benchRiver({ seconds = 60 }: { seconds?: number }): Promise<RiverBench> {
  const house = await openBenchHouse({ wearables, profile: { anomalyLearnS: learnS } });
  try {
    const takeOff = wearAll(house, wearables);
    await sleep(warmUpMs);
    const before = await house.processes();
    const beganMs = performance.now();
    await sleep(seconds * 1000);
    const after = await house.processes();
    const elapsedS = (performance.now() - beganMs) / 1000;
    const { models } = await house.get<{ models: readonly { id: string; version: string; state: string }[] }>("/api/v1/models");
    await takeOff();
    const used = (names: readonly ProcessFigures["name"][]) =>
      (after.filter(({ name }) => names.includes(name)).reduce((sum, { cpuMs }) => sum + cpuMs, 0) -
        before.filter(({ name }) => names.includes(name)).reduce((sum, { cpuMs }) => sum + cpuMs, 0)) /
      (elapsedS * wearables);
    const gateway = used(["main", "model host"]);
    const all = used(["main", "model host", "twin"]);
    const named = (isOn: boolean) =>
      models.filter(({ state }) => (state === "ready") === isOn).map(({ id, version }) => `${id} ${version}`.trim());
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
      limits: { wearables_per_core: 200 },
      notes: { models: named(true), models_off: named(false) },
    };
  } finally {
    await house.close();
  }
}
