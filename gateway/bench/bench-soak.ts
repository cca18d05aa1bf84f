/**
 * `bench soak`, `bench soak-offline`: whether a home that runs for days grows. Ten wearables in real time, a page that stays open, and a twin that answers or
 * hangs. In the first part nothing is touched and the most that it takes is noted; in the second every process and thread collects its garbage before each
 * look, so that what is measured is what it holds.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { type BenchHouse, openBenchHouse, thousandths, wearAll } from "./bench-house.ts";
import { type Sample, slopeOf } from "./slope.ts";

const wearables = 10;
/** Caches, compiled code and heaps find their size in the first part. */
const settlingShare = 0.4;
const settleBeforeMs = 10_000;
const looks = 60;
/** More than this an hour, for certain, is a leak. */
const limitMbPerH = 4;

interface SoakOptions {
  readonly seconds?: number;
  /** Stopped: the twin's process hangs with its connection open, as one does that will never answer. */
  readonly twin: "running" | "stopped";
}

export async function benchSoak({ seconds = 3600, twin }: SoakOptions) {
  const house = await openBenchHouse({ wearables, inspect: true });
  let stopped: number | undefined;
  try {
    const takeOff = wearAll(house, wearables);
    house.watchLive();
    await sleep(settleBeforeMs);
    if (twin === "stopped") {
      stopped = (await house.processes()).find(({ name }) => name === "twin")?.pid;
      if (stopped !== undefined) process.kill(stopped, "SIGSTOP");
    }
    const natural = await watch(house, seconds * settlingShare, async (add) => {
      for (const { name, privateMb } of await house.processes()) add(name, privateMb);
    });
    const held = await watch(house, seconds * (1 - settlingShare), async (add) => {
      const collected = await house.collect(stopped === undefined ? [] : [stopped]);
      for (const { name, pid, privateMb } of await house.processes()) {
        const own = collected.filter((each) => each.pid === pid);
        for (const { thread = name, heapMb } of own) add(`${thread} heap`, heapMb);
        if (own.length > 0) add(`${name} held`, privateMb);
      }
    });
    await takeOff();
    const { outbox } = await house.get<{ outbox: { bytes: number } }>("/api/v1/outbox");
    const most = Math.max(...(natural.get("main") ?? []).map(({ value }) => value));
    return {
      figures: { ...figuresOf(held), main_most_mb: Math.round(most), outbox_bytes: outbox.bytes, seconds, wearables },
      limits: Object.fromEntries([...held.keys()].map((name) => [`${name}_mb_per_h_low`, limitMbPerH])),
    };
  } finally {
    if (stopped !== undefined) process.kill(stopped, "SIGCONT");
    await house.close();
  }
}

type Series = Map<string, Sample[]>;

/** What `look` adds, by name, while a page asks for what pages ask for. */
async function watch(
  house: BenchHouse,
  seconds: number,
  look: (add: (name: string, value: number) => void) => Promise<void>,
): Promise<Series> {
  const series: Series = new Map();
  const beganMs = performance.now();
  for (let at = 0; at < looks; at++) {
    await sleep(Math.max(0, beganMs + (at * seconds * 1000) / looks - performance.now()));
    await Promise.all(["status", "people", "devices", "alerts"].map((path) => house.get(`/api/v1/${path}`)));
    const atS = (performance.now() - beganMs) / 1000;
    await look((name, value) => {
      const key = name.replace(/\W/g, "_");
      series.set(key, [...(series.get(key) ?? []), { atS, value }]);
    });
  }
  return series;
}

function figuresOf(series: Series): Record<string, number> {
  return Object.fromEntries(
    [...series].flatMap(([name, samples]) => {
      const { perHour, low, high } = slopeOf(samples);
      return [
        [`${name}_mb`, thousandths(samples.at(-1)?.value ?? 0)],
        [`${name}_mb_per_h`, thousandths(perHour)],
        [`${name}_mb_per_h_low`, thousandths(low)],
        [`${name}_mb_per_h_high`, thousandths(high)],
      ];
    }),
  );
}
