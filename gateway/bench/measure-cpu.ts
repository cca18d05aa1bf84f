/** What the processes of a bench house spend on what they analyse meanwhile. */

import { setTimeout as sleep } from "node:timers/promises";
import type { BenchHouse, ProcessFigures } from "./bench-house.ts";

interface Measured {
  readonly wearers: number;
  /** Of what one of them wears. */
  readonly samplesPerSecond: number;
  readonly seconds: number;
}

/** CPU of each process, ms per second of one wearer's signal that was analysed meanwhile: on a busy machine that may be less than has passed. */
export async function measureCpu(house: BenchHouse, { wearers, samplesPerSecond, seconds }: Measured) {
  const before = await house.processes();
  const samplesBefore = await analysedSamples(house);
  const beganMs = performance.now();
  await sleep(seconds * 1000);
  const after = await house.processes();
  const signalS = ((await analysedSamples(house)) - samplesBefore) / samplesPerSecond;
  const elapsedS = (performance.now() - beganMs) / 1000;
  const sumMs = (of: readonly ProcessFigures[], which?: ProcessFigures["name"]) =>
    of.reduce((sum, { name, cpuMs }) => (which === undefined || name === which ? sum + cpuMs : sum), 0);
  const used = (which?: ProcessFigures["name"]) => (sumMs(after, which) - sumMs(before, which)) / signalS;
  const thread = (of: readonly ProcessFigures[], name: string) => of.find((each) => each.name === "main")?.threadsMs[name] ?? 0;
  const threads = (name: string) => (thread(after, name) - thread(before, name)) / signalS;
  const analysedPct = (100 * signalS) / (elapsedS * wearers);
  return { all: used(), main: used("main"), threads, modelHost: used("model host"), twin: used("twin"), analysedPct };
}

async function analysedSamples(house: BenchHouse): Promise<number> {
  const lines = (await house.text("/metrics")).matchAll(/^hearth_stream_samples_total\{[^}]*\} (\d+)/gm);
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
}
