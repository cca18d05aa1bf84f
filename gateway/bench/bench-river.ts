/** `bench river`: how many wearables (ECG 250 Hz, PPG 64 Hz, 6-axis IMU 100 Hz) one core carries in real time, CPU of all processes summed, with every model on. */

import { setTimeout as sleep } from "node:timers/promises";
import { type BenchHouse, openBenchHouse, thousandths, wearAll } from "./bench-house.ts";
import { measureCpu } from "./measure-cpu.ts";

/**
 * A home runs for weeks. V8 has compiled its hot code after a minute or two, and until then a wearable costs half as much again; and by then the models
 * have learnt their wearers, which need no more than `learnS` here.
 */
const warmUpMs = 120_000;
const moreWarmUpMs = 60_000;
const learnS = 30;
/**
 * Nearly as many as a home has room for: each time that the gateway wakes it does what has come, and of a few wearables less has. Those few are measured
 * first, for a household as it is.
 */
const wearables = 60;
const few = 20;
/** Samples of one wearable in a second. */
const samplesPerSecond = 250 + 64 + 100;

interface RiverBench {
  readonly figures: Record<string, number>;
  readonly limits: Record<string, number>;
  /** Models that ran, and those of the registry that did not. */
  readonly notes: { readonly mode: readonly string[]; readonly models: readonly string[]; readonly models_off: readonly string[] };
}

/** @param seconds of each of the two measurements; @param semantic the waveforms go to the twin as well */
export async function benchRiver({ seconds = 60, semantic = false }: { seconds?: number; semantic?: boolean }): Promise<RiverBench> {
  const house = await openBenchHouse({ wearables, profile: { anomalyLearnS: learnS } });
  try {
    if (semantic) await allowWaveforms(house);
    const takeOffFew = wearAll(house, few);
    await sleep(warmUpMs);
    const ofFew = await measureCpu(house, { wearers: few, samplesPerSecond, seconds });
    const takeOffMore = wearAll(house, wearables - few, few);
    await sleep(moreWarmUpMs);
    const { all, main, threads, modelHost, twin, analysedPct } = await measureCpu(house, { wearers: wearables, samplesPerSecond, seconds });
    const { models } = await house.get<{ models: readonly { id: string; version: string; state: string }[] }>("/api/v1/models");
    await Promise.all([takeOffFew(), takeOffMore()]);
    const named = (isOn: boolean) =>
      models.filter(({ state }) => (state === "ready") === isOn).map(({ id, version }) => `${id} ${version}`.trim());
    return {
      figures: {
        wearables_per_core: Math.floor(1000 / all),
        cpu_ms_per_wearable_second: thousandths(all),
        cpu_ms_main: thousandths(main),
        cpu_ms_main_loop: thousandths(threads("MainThread")),
        cpu_ms_main_collector: thousandths(threads("V8Worker")),
        cpu_ms_main_journal_and_store: thousandths(threads("WorkerThread")),
        cpu_ms_model_host: thousandths(modelHost),
        cpu_ms_twin: thousandths(twin),
        wearables_per_core_without_twin: Math.floor(1000 / (all - twin)),
        wearables,
        analysed_pct: Math.round(analysedPct),
        [`wearables_per_core_of_${few}`]: Math.floor(1000 / ofFew.all),
        [`cpu_ms_per_wearable_second_of_${few}`]: thousandths(ofFew.all),
        [`analysed_pct_of_${few}`]: Math.round(ofFew.analysedPct),
      },
      limits: { wearables_per_core: semantic ? 150 : 200 },
      notes: { mode: await modes(house), models: named(true), models_off: named(false) },
    };
  } finally {
    await house.close();
  }
}

const consentOf = (index: number) => `/api/v1/people/person-${index}/consent`;

/** As everybody's consent would: a stream whose samples have a coder goes as waveform from here on. */
async function allowWaveforms(house: BenchHouse): Promise<void> {
  for (let i = 0; i < wearables; i++) await house.put(consentOf(i), { streams: { "*": "semantic" } });
}

/** In which modes the streams of the first and the last wearer go. */
async function modes(house: BenchHouse): Promise<string[]> {
  const asked = [0, wearables - 1].map((index) => house.get<{ in_force: Record<string, string> }>(consentOf(index)));
  return [...new Set((await Promise.all(asked)).flatMap(({ in_force }) => Object.values(in_force)))];
}
