/** `bench body`: how many people with six motion sensors each (60 Hz, orientation, acceleration, rate of turn) one core carries in real time, CPU of all processes summed. */

import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { loadWalk } from "../../firmware-sim/excerpts/body-clip.ts";
import { bodyImuSource } from "../../firmware-sim/signal/body-imu.ts";
import { startWearable } from "../../firmware-sim/wearable.ts";
import { type BenchHouse, openBenchHouse, thousandths } from "./bench-house.ts";
import { measureCpu } from "./measure-cpu.ts";

/** A household: a machine that is busy with something else carries it too. */
const people = 5;
const placements = ["pelvis", "head", "left-forearm", "right-forearm", "left-shank", "right-shank"] as const;
const rateHz = 60;
const batchMs = 250;
/** As for `bench river`: V8 has compiled its hot code by then. */
const warmUpMs = 120_000;

/** @param seconds of each of the two measurements; @param semantic the bodies go to the twin as well */
export async function benchBody({ seconds = 60, semantic = false }: { readonly seconds?: number; readonly semantic?: boolean }) {
  const house = await openBenchHouse({ wearables: people * placements.length, placements });
  try {
    if (semantic)
      for (let person = 0; person < people; person++)
        await house.put(`/api/v1/people/person-${person}/consent`, { streams: { "*": "semantic" } });
    const takeOff = await wearBodies(house);
    await sleep(warmUpMs);
    const samplesPerSecond = placements.length * rateHz;
    const { all, main, threads, modelHost, twin, analysedPct } = await measureCpu(house, { wearers: people, samplesPerSecond, seconds });
    await takeOff();
    return {
      figures: {
        people_per_core: Math.floor(1000 / all),
        cpu_ms_per_person_second: thousandths(all),
        cpu_ms_main: thousandths(main),
        cpu_ms_main_loop: thousandths(threads("MainThread")),
        cpu_ms_model_host: thousandths(modelHost),
        cpu_ms_twin: thousandths(twin),
        people,
        sensors_a_person: placements.length,
        analysed_pct: Math.round(analysedPct),
      },
      limits: {},
      notes: { mode: [semantic ? "semantic" : "event"] },
    };
  } finally {
    await house.close();
  }
}

/** Everybody walks, each from another moment on. */
async function wearBodies(house: BenchHouse): Promise<() => Promise<void>> {
  const walk = await loadWalk();
  const clock = systemClock();
  const links = Array.from({ length: people * placements.length }, (_, at) => house.link(at));
  const worn = links.map((link, at) => {
    const placement = placements[at % placements.length] ?? "pelvis";
    const source = bodyImuSource(walk, { placement, seed: at + 1, rateHz, mountDeg: 5 });
    return startWearable({ sources: [source], link, clock, bootId: at.toString(16).padStart(16, "0"), batchMs });
  });
  return async () => {
    for (const wearable of worn) wearable.stop();
    await Promise.all(links.map((link) => link.close()));
  };
}
