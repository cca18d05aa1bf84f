/** Recovery without processes: the same river falls at hundreds of moments, with whatever timer, disk and store had not yet done, and must number all as before. */

import { serialize } from "node:v8";
import { beforeAll, describe, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import type { PersonEvent } from "../../device-drivers/contract/event.ts";
import { loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { recordingSource } from "../../firmware-sim/excerpts/recording-source.ts";
import { startWearable } from "../../firmware-sim/wearable.ts";
import { createAlertCore } from "../../gateway/alert/core.ts";
import { type DriverOf, loadDrivers } from "../../gateway/ingest/load-drivers.ts";
import type { Journal } from "../../gateway/journal/journal-port.ts";
import { createPipeline, type Pipeline } from "../../gateway/pipeline/pipeline.ts";
import { fromBytes } from "../../gateway/pipeline/snapshot.ts";
import { passingJournal, strictListener } from "../../gateway/replay/collecting.ts";
import type { PersonCommit, Snapshot, Watermark } from "../../gateway/store/store-port.ts";
import { modelRegistry } from "../../models/index.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import { seeded } from "./seeded.ts";

const person = "person-a";
const startUs = 1_700_000_000_000_000;
const profile = { hrHighBpm: 150, hrLowBpm: 40, asystoleS: 4, pauseS: 3 };
let chunks: Chunk[];
let driverOf: DriverOf;
let specs: ModelSpec[];

/** Two wearables of one person; each is away now and then and brings later what it has kept, as after a restart of the gateway. */
beforeAll(async () => {
  driverOf = await loadDrivers([]);
  specs = await Promise.all(Object.values(modelRegistry).map((entry) => entry.load()));
  const random = seeded(11);
  const clock = virtualClock(startUs);
  const taken: Chunk[] = [];
  const play = async (device: string, name: "mitdb-205" | "bidmc-23", lead: string, lateMs: number) => {
    let kept: { channel: string; bytes: Uint8Array }[] = [];
    let isAway = false;
    const go = () => {
      const stamps = { timeUs: clock.wallUs(), monotonicUs: clock.monotonicUs(), wallUs: clock.wallUs(), wallQuality: "ntp" as const };
      for (const { channel, bytes } of kept) taken.push({ link: "mqtt", device, channel, bytes, stamps });
      kept = [];
    };
    const take = (channel: string, bytes: Uint8Array) => {
      // Now and then one is lost for good, so that a hole is waited for and given up.
      if (channel.endsWith("/meta") || random() > 0.03) kept.push({ channel, bytes });
      if (!isAway) clock.after(lateMs, go);
    };
    const away = () => {
      isAway = random() < 0.4;
      if (!isAway) go();
      clock.after(500 + random() * (isAway ? (random() < 0.2 ? 14_000 : 4000) : 6000), away);
    };
    clock.after(3000, away);
    startWearable({
      sources: [
        recordingSource(await loadExcerpt(name), { stream: "ecg", placement: "chest", channels: [{ lead, id: "ecg", kind: "ecg" }] }),
      ],
      link: { declare: (stream, meta) => take(`${stream}/meta`, meta), send: (stream, _sequence, bytes) => take(`${stream}/raw`, bytes) },
      ...{ clock, bootId: device === "strap" ? "00000000000000aa" : "00000000000000bb" },
    });
  };
  await play("strap", "mitdb-205", "MLII", 13);
  await play("clip", "bidmc-23", "II", 31);
  clock.advance(60_000);
  chunks = taken;
});

interface Kept {
  events: PersonEvent[];
  mark: Watermark | undefined;
  snapshot: Snapshot | undefined;
}

/** A river over a journal whose answers are given by hand; what is committed can be lost again from `kept` on, as a power cut does. */
function river(journalled: Chunk[], kept: Kept) {
  const answers: (() => void)[] = [];
  const commits: PersonCommit[] = [];
  let nowUs = 0;
  const journal: Journal = {
    ...passingJournal(),
    offer: (_lane, chunk, done) =>
      void answers.push(() => {
        journalled.push(chunk);
        done(undefined, journalled.length);
      }),
    async *read(_lane, from) {
      for (let position = from; position <= journalled.length; position++)
        yield { position, bootId: "boot", chunk: journalled[position - 1] as Chunk };
    },
    last: async () => (journalled.length === 0 ? undefined : { position: journalled.length, timeUs: 0 }),
  };
  const pipeline: Pipeline = createPipeline({
    journal,
    driverOf,
    store: {
      commit: async (row) => void commits.push(row),
      mark: async () => ({
        ...(kept.mark === undefined ? {} : { mark: kept.mark }),
        ...(kept.snapshot === undefined ? {} : { snapshot: kept.snapshot }),
      }),
      events: async () => kept.events,
    },
    personOf: () => person,
    person: () => ({
      ...{ profile, models: specs, versions: {} },
      submit: (_model, _tensors, settled) => setImmediate(() => settled({ kind: "unknown", reason: "down" })),
    }),
    decider: () => ({ flushS: 2, alerts: createAlertCore({ newId: () => "alert", mode: "real" }) }),
    idle: () => new Promise((resolve) => setImmediate(resolve)),
    nowUs: () => nowUs,
    listener: strictListener({ onStoreError() {}, onFault: (error) => expect.unreachable(error.message) }),
  });
  return {
    pipeline,
    offer(chunk: Chunk) {
      nowUs = chunk.stamps.timeUs;
      pipeline.offer(chunk, () => {});
    },
    answer: (count: number) => {
      for (const give of answers.splice(0, count)) give();
    },
    waiting: () => answers.length,
    /** Moves the first `count` commits to what is kept. */
    keep(count: number) {
      for (const { events = [], mark, snapshot } of commits.splice(0, count)) {
        kept.events.push(...events);
        if (mark !== undefined) kept.mark = mark;
        if (snapshot !== undefined) kept.snapshot = snapshot;
      }
    },
    commitCount: () => commits.length,
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
/** Long enough after the last record for everything to be decided. */
const endedUs = 15_000_000;
const keysOf = (events: readonly PersonEvent[]) => events.map((event) => JSON.stringify(event)).sort();

async function uninterrupted(all: readonly Chunk[]): Promise<string[]> {
  const kept: Kept = { events: [], mark: undefined, snapshot: undefined };
  const { pipeline, offer, answer, keep, commitCount } = river([], kept);
  for (const chunk of all) {
    offer(chunk);
    answer(1);
    await turn();
  }
  pipeline.advance((all.at(-1)?.stamps.timeUs ?? 0) + endedUs);
  for (let i = 0; i < 5; i++) await turn();
  keep(commitCount());
  return keysOf(kept.events);
}

/** The same with falls: `fallShare` of the chunks are the last of a life. Timer, disk and store are as late as chance has it. */
async function withFalls(
  seed: number,
  fallShare: number,
  before: (kept: Kept) => void = () => {},
): Promise<{ journalled: Chunk[]; events: string[]; falls: number }> {
  const random = seeded(seed);
  const journalled: Chunk[] = [];
  const kept: Kept = { events: [], mark: undefined, snapshot: undefined };
  let living = river(journalled, kept);
  let falls = 0;
  let notBeforeUs = 0;
  for (const taken of chunks) {
    // Bytes that come while nothing runs come again at the next start, under its stamps.
    const chunk = { ...taken, stamps: { ...taken.stamps, timeUs: Math.max(taken.stamps.timeUs, notBeforeUs) } };
    living.offer(chunk);
    notBeforeUs = chunk.stamps.timeUs;
    // A snapshot is asked for while windows are with the models and bytes go on.
    if (random() < 0.05) living.pipeline.snapshot(person).catch(() => {});
    if (random() < 0.6) living.answer(1 + Math.floor(random() * 3));
    if (random() < 0.5) {
      notBeforeUs += Math.floor(random() * 300_000);
      living.pipeline.advance(notBeforeUs);
    }
    await turn();
    if (random() < 0.3) living.keep(Math.floor(random() * (living.commitCount() + 1)));
    if (random() >= fallShare) continue;
    falls++;
    living.keep(Math.floor(random() * (living.commitCount() + 1)));
    const lost = living.waiting();
    before(kept);
    living = river(journalled, kept);
    await living.pipeline.recover(person);
    notBeforeUs += Math.floor(random() * 2_000_000);
    // What was not answered is sent again.
    const at = chunks.indexOf(taken);
    for (const again of chunks.slice(at + 1 - lost, at + 1)) living.offer({ ...again, stamps: { ...again.stamps, timeUs: notBeforeUs } });
  }
  living.answer(living.waiting());
  living.pipeline.advance((journalled.at(-1)?.stamps.timeUs ?? 0) + endedUs);
  for (let i = 0; i < 5; i++) await turn();
  living.keep(living.commitCount());
  return { journalled, events: keysOf(kept.events), falls };
}

describe("the river decides the same", () => {
  test("whenever timer and disk do their part", async () => {
    for (const seed of [1, 2, 3]) {
      const { journalled, events } = await withFalls(seed, 0);
      expect(events.length).toBeGreaterThan(100);
      expect(events).toEqual(await uninterrupted(journalled));
    }
  });

  test("wherever it falls, with or without a snapshot, whatever the store had not written", async () => {
    let falls = 0;
    for (const seed of [4, 5, 6, 7]) {
      const fallen = await withFalls(seed, 0.06);
      falls += fallen.falls;
      expect(fallen.events).toEqual(await uninterrupted(fallen.journalled));
    }
    expect(falls).toBeGreaterThan(60);
  });

  test("from the mark and the snapshot of an older Hearth", async () => {
    const tickUs = 250_000;
    let falls = 0;
    for (const seed of [8, 9]) {
      const fallen = await withFalls(seed, 0.06, (kept) => {
        const { mark, snapshot } = kept;
        if (mark !== undefined) kept.mark = { ordinal: mark.ordinal, timeUs: Math.floor(mark.timeUs / tickUs) * tickUs, position: 0 };
        if (snapshot === undefined) return;
        const driverName = (device: string) => driverOf(device)?.driver.name ?? "";
        const { takenUs: _, person: river, ...state } = fromBytes(snapshot.bytes, { specs, driverName, modelVersion: () => "" }).state;
        const { releasedUs: __, memories: ___, ...older } = river;
        kept.snapshot = { ...snapshot, bytes: serialize({ ...state, person: older }) };
      });
      falls += fallen.falls;
      expect(fallen.events).toEqual(await uninterrupted(fallen.journalled));
    }
    expect(falls).toBeGreaterThan(20);
  });

  test("what the journal takes while the house closes is decided by the next run, with its models", async () => {
    const journalled: Chunk[] = [];
    const kept: Kept = { events: [], mark: undefined, snapshot: undefined };
    let living = river(journalled, kept);
    const half = Math.floor(chunks.length / 2);
    const underway = 8;
    for (const chunk of chunks.slice(0, half)) {
      living.offer(chunk);
      if (living.waiting() > underway) living.answer(1);
      await turn();
    }
    await living.pipeline.close();
    const decided = living.commitCount();
    living.answer(underway);
    for (let i = 0; i < 5; i++) await turn();
    expect(living.commitCount()).toBe(decided);
    living.keep(decided);

    living = river(journalled, kept);
    expect((await living.pipeline.recover(person)).records).toBe(underway);
    for (const chunk of chunks.slice(half)) {
      living.offer(chunk);
      living.answer(1);
      await turn();
    }
    living.pipeline.advance((journalled.at(-1)?.stamps.timeUs ?? 0) + endedUs);
    for (let i = 0; i < 5; i++) await turn();
    living.keep(living.commitCount());
    expect(keysOf(kept.events)).toEqual(await uninterrupted(journalled));
  });
});
