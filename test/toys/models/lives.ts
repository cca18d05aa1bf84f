/** A person's river with a real model host, fed from a journal in memory; it may be killed in the middle of its work and started again. */

import { type VirtualClock, virtualClock } from "../../../device-drivers/contract/clock.ts";
import type { Chunk } from "../../../device-drivers/contract/driver.ts";
import type { PersonEvent } from "../../../device-drivers/contract/event.ts";
import type { Result } from "../../../device-drivers/contract/result.ts";
import { loadExcerpt } from "../../../firmware-sim/excerpts/excerpt.ts";
import { recordingSource } from "../../../firmware-sim/excerpts/recording-source.ts";
import type { SignalSource } from "../../../firmware-sim/signal/signal-source.ts";
import { startWearable } from "../../../firmware-sim/wearable.ts";
import { createAlertCore } from "../../../gateway/alert/core.ts";
import { startModels } from "../../../gateway/inference/load-models.ts";
import { loadDrivers } from "../../../gateway/ingest/load-drivers.ts";
import { createPipeline } from "../../../gateway/pipeline/pipeline.ts";
import { strictListener } from "../../../gateway/replay/collecting.ts";
import { defaultProfile } from "../../../gateway/rules/index.ts";
import type { PersonCommit, Snapshot, Watermark } from "../../../gateway/store/store-port.ts";
import type { RegisteredModel } from "../../../models/index.ts";
import { journalInto } from "../../support/journal-into.ts";

const person = "person-a";

/** A strap with a heart, of `seconds`. */
export async function heart(): Promise<SignalSource> {
  const excerpt = await loadExcerpt("mitdb-205");
  return recordingSource(excerpt, { stream: "ecg", placement: "chest", channels: [{ lead: "MLII", id: "ecg", kind: "ecg" }] });
}

/** Lies still in gravity and is shaken from `fromS` to `toS`. */
export function limb(
  placement: string,
  fromS: number,
  toS: number,
  { unit = "g", rateHz = 50 }: { unit?: "g" | "m/s2"; rateHz?: number } = {},
): SignalSource {
  const scale = unit === "g" ? 0.001 : 0.00980665;
  const channels = ["x", "y", "z"].map((id) => ({ id, kind: "acc", unit, scale, offset: 0 }));
  return {
    ...{ stream: "imu", rateHz, placement, channels, contact: "none" },
    read: (first, count) => ({
      channels: channels.map((_channel, axis) =>
        Int16Array.from({ length: count }, (_, i) => {
          const s = (first + i) / rateHz;
          const isShaken = s >= fromS && s < toS;
          return (axis === 2 ? 1000 : 0) + (isShaken ? Math.round(200 * Math.sin(s * 20 + axis)) : 0);
        }),
      ),
    }),
  };
}

interface Worn {
  readonly device: string;
  readonly source: SignalSource;
  /** Its bytes of this span are lost on the way. */
  readonly lostS?: readonly [number, number];
}

/** What comes of these devices in so many seconds, in the order of arriving. */
export function sent(worn: readonly Worn[], seconds: number): Chunk[] {
  const clock: VirtualClock = virtualClock(1_700_000_000_000_000);
  const fromUs = clock.wallUs();
  const chunks: Chunk[] = [];
  for (const [at, { device, source, lostS = [0, 0] }] of worn.entries()) {
    const take = (channel: string, bytes: Uint8Array) => {
      const stamps = { timeUs: clock.wallUs(), monotonicUs: clock.monotonicUs(), wallUs: clock.wallUs(), wallQuality: "ntp" as const };
      const s = (stamps.timeUs - fromUs) / 1e6;
      if (s > lostS[0] && s <= lostS[1]) return;
      chunks.push({ link: "mqtt", device, channel, bytes, stamps });
    };
    startWearable({
      sources: [source],
      link: { declare: (stream, meta) => take(`${stream}/meta`, meta), send: (stream, _sequence, bytes) => take(`${stream}/raw`, bytes) },
      ...{ clock, bootId: `00000000000000a${at}`, batchMs: 250 + 50 * at },
    });
  }
  clock.advance(seconds * 1000);
  return chunks;
}

interface Lived {
  /** As the record has them, in the order in which they were decided. */
  readonly results: readonly Result[];
  readonly unasked: readonly (string | undefined)[];
}

/** Killed after `killedAt` chunks, with a snapshot from `snapshotAt`; what was under way then is lost. */
export async function live(
  registry: Readonly<Record<string, RegisteredModel>>,
  chunks: readonly Chunk[],
  fall?: { readonly snapshotAt: number; readonly killedAt: number },
): Promise<Lived> {
  const driverOf = await loadDrivers([]);
  const models = await startModels({ clock: virtualClock(), timeouts: false, registry: recorded(registry) });
  const kept: { mark?: Watermark; snapshot?: Snapshot; events: PersonEvent[] } = { events: [] };
  const journalled: Chunk[] = [];
  const journal = journalInto(journalled);
  let nowUs = 0;
  let life = 0;
  const open = () => {
    const own = ++life;
    return createPipeline({
      ...{ journal, driverOf, personOf: () => person, nowUs: () => nowUs },
      store: {
        async commit({ events = [], mark, snapshot }: PersonCommit) {
          if (own !== life) return;
          kept.events.push(...events);
          Object.assign(kept, mark === undefined ? {} : { mark }, snapshot === undefined ? {} : { snapshot });
        },
        mark: async () => kept,
        events: async () => kept.events,
      },
      person: () => ({ profile: defaultProfile, models: models.specs, versions: models.versions, submit: models.host.submit }),
      decider: () => ({ flushS: 2, alerts: createAlertCore({ newId: (key) => key, mode: "real" }) }),
      idle: models.host.idle,
      listener: strictListener({}),
    });
  };
  const give = async (pipeline: ReturnType<typeof open>, from: number, to: number) => {
    for (const chunk of chunks.slice(from, to)) {
      nowUs = chunk.stamps.timeUs;
      pipeline.offer(chunk, () => {});
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  try {
    let pipeline = open();
    if (fall !== undefined) {
      await give(pipeline, 0, fall.snapshotAt);
      await pipeline.snapshot(person);
      await give(pipeline, fall.snapshotAt, fall.killedAt);
      pipeline = open();
      await pipeline.recover(person);
    }
    await give(pipeline, fall?.killedAt ?? 0, chunks.length);
    await pipeline.end(person);
  } finally {
    await models.host.close();
  }
  const results = kept.events.flatMap((event) =>
    event.kind === "rhythm" && event.label.startsWith("{") ? [JSON.parse(event.label) as Result] : [],
  );
  return { results, unasked: models.host.models().map(({ reason }) => reason) };
}

/** The models with every result in the record, so that it can be seen whether a restart loses or doubles one. */
function recorded(registry: Readonly<Record<string, RegisteredModel>>): Readonly<Record<string, RegisteredModel>> {
  const events = (result: Result): PersonEvent[] => {
    const { about, timeUs } = result;
    return [{ kind: "rhythm", ...about[0], timeUs, label: JSON.stringify(result) }];
  };
  return Object.fromEntries(
    Object.entries(registry).map(([id, entry]) => [id, { ...entry, load: async () => ({ ...(await entry.load()), events }) }]),
  );
}
