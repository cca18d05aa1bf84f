/** A home gains a model over a restart: it begins with what the journal can teach it, the others go on, and nothing is decided twice. */

import { deserialize } from "node:v8";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import type { PersonEvent } from "../../device-drivers/contract/event.ts";
import { loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { recordingSource } from "../../firmware-sim/excerpts/recording-source.ts";
import { startWearable } from "../../firmware-sim/wearable.ts";
import { createAlertCore } from "../../gateway/alert/core.ts";
import { loadDrivers } from "../../gateway/ingest/load-drivers.ts";
import { createPipeline } from "../../gateway/pipeline/pipeline.ts";
import type { Parts } from "../../gateway/pipeline/snapshot.ts";
import { strictListener } from "../../gateway/replay/collecting.ts";
import { defaultProfile } from "../../gateway/rules/index.ts";
import type { PersonCommit, Snapshot, Watermark } from "../../gateway/store/store-port.ts";
import { blocksBetween } from "../../gateway/strips/fill-strips.ts";
import { modelRegistry } from "../../models/index.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import { journalInto } from "../support/journal-into.ts";

async function sent(): Promise<Chunk[]> {
  const clock = virtualClock(1_700_000_000_000_000);
  const chunks: Chunk[] = [];
  const take = (channel: string, bytes: Uint8Array) => {
    const stamps = { timeUs: clock.wallUs(), monotonicUs: clock.monotonicUs(), wallUs: clock.wallUs(), wallQuality: "ntp" as const };
    chunks.push({ link: "mqtt", device: "strap", channel, bytes, stamps });
  };
  startWearable({
    sources: [
      recordingSource(await loadExcerpt("mitdb-205"), {
        ...{ stream: "ecg", placement: "chest" },
        channels: [{ lead: "MLII", id: "ecg", kind: "ecg" }],
      }),
    ],
    link: { declare: (stream, meta) => take(`${stream}/meta`, meta), send: (stream, _sequence, bytes) => take(`${stream}/raw`, bytes) },
    ...{ clock, bootId: "00000000000000aa" },
  });
  clock.advance(60_000);
  return chunks;
}

test("a model that a home gains is fed its warm-up of journal, and no beat or result of before is told again", async () => {
  const chunks = await sent();
  const driverOf = await loadDrivers([]);
  const beat = (await modelRegistry["ecg-beat"]?.load()) as ModelSpec;
  const kept: { events: PersonEvent[]; mark?: Watermark; snapshot?: Snapshot } = { events: [] };
  const journalled: Chunk[] = [];
  const meta = JSON.stringify({ "ecg/meta": new TextDecoder().decode(chunks.find(({ channel }) => channel === "ecg/meta")?.bytes) });
  const journal = journalInto(journalled);
  const read: string[] = [];
  const results: number[] = [];
  let nowUs = 0;
  const open = (models: readonly ModelSpec[]) =>
    createPipeline({
      ...{ journal, driverOf, personOf: () => "person-a", nowUs: () => nowUs },
      store: {
        async commit({ events = [], mark, snapshot }: PersonCommit) {
          kept.events.push(...events);
          Object.assign(kept, mark === undefined ? {} : { mark }, snapshot === undefined ? {} : { snapshot });
        },
        mark: async () => kept,
        events: async () => kept.events,
      },
      blocks(person, device, span) {
        read.push(`${device} ${Math.round((span.toUs - span.fromUs) / 1e6)} s`);
        return blocksBetween({ journal, driverOf, store: { getValue: async () => new TextEncoder().encode(meta) } }, person, device, span);
      },
      person: () => ({
        ...{ profile: defaultProfile, models, versions: { "ecg-beat": "1.0.0", "beat-shape": "1.0.0" } },
        submit: (_model, _tensors, settled) => setImmediate(() => settled({ kind: "unknown", reason: "down" })),
      }),
      decider: () => ({ flushS: 2, alerts: createAlertCore({ newId: (key) => key, mode: "real" }) }),
      idle: () => new Promise((resolve) => setImmediate(resolve)),
      listener: strictListener({
        onSettled: (_person, { input }) => void (input.kind === "result" && input.model.id === "beat-shape" && results.push(input.timeUs)),
      }),
    });
  const give = async (pipeline: ReturnType<typeof open>, from: number, to: number) => {
    for (const chunk of chunks.slice(from, to)) {
      nowUs = chunk.stamps.timeUs;
      pipeline.offer(chunk, () => {});
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const memories = () => {
    const { parts } = deserialize(kept.snapshot?.bytes ?? new Uint8Array()) as { parts: Parts };
    const seen = (id: string) => (parts[`model/${id}/strap/ecg`]?.state as { memory: { seen: Float32Array } } | undefined)?.memory.seen[0];
    return { beat: seen("ecg-beat"), shape: seen("beat-shape") };
  };

  const half = Math.floor(chunks.length / 2);
  const first = open([beat]);
  await give(first, 0, half);
  await first.close();
  const before = memories();
  expect(before.beat).toBeGreaterThan(20);
  expect(before.shape).toBeUndefined();
  const snapshotUs = nowUs;

  // Another opinion about the same beats; only one model makes them.
  const { events: _beats, ...opinion } = beat;
  const second = open([beat, { ...opinion, id: "beat-shape" }]);
  await second.recover("person-a");
  expect(read).toEqual(["strap 30 s"]);
  await second.snapshot("person-a");
  expect(memories().beat).toBe(before.beat);
  // Thirty seconds of journal, of which a detector needs some to find its footing.
  expect(memories().shape).toBeGreaterThan(10);
  await give(second, half, chunks.length);
  await second.close();
  expect(memories().shape).toBeGreaterThan(40);
  expect(results.length).toBeGreaterThan(20);
  expect(Math.min(...results)).toBeGreaterThan(snapshotUs - 5e6);
  const beats = kept.events.flatMap((event) => (event.kind === "beat" ? [event.timeUs] : []));
  expect(new Set(beats).size).toBe(beats.length);
});
