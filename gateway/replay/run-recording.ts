/** One recording through the production pipeline on a virtual clock: an item is decided at the time at which the order let it go. */

import type { ModelSpec } from "../../models/model-spec.ts";
import { createAlertCore } from "../alert/core.ts";
import { type PulseRate, pulseRateOf } from "../facts/pulse.ts";
import type { ModelHost } from "../inference/inference-port.ts";
import { createPipeline } from "../pipeline/pipeline.ts";
import type { RuleProfile } from "../rules/rule.ts";
import type { StreamMode } from "../semantic/mode.ts";
import { createAhead } from "./ahead.ts";
import { type Collected, collectingStore, passingJournal, strictListener } from "./collecting.ts";
import { createEpisodes, type Episode } from "./episodes.ts";
import type { ReplaySource } from "./source.ts";
import { createTracks, type Track } from "./tracks.ts";

export interface ReplayModels {
  readonly host: ModelHost;
  readonly specs: readonly ModelSpec[];
  readonly versions: Readonly<Record<string, string>>;
}

interface JudgedSecond {
  /** Its end, on the gateway's axis. */
  readonly timeUs: number;
  readonly level: string;
  /** What the signal's own measures say, where a model has lowered it. */
  readonly signalLevel?: string;
  /** Of an ECG. */
  readonly beatless?: boolean;
}

export interface Run extends Collected {
  readonly episodes: readonly Episode[];
  readonly tracks: readonly Track[];
  /** How unusual each beat is for the person, 0–1; without a score while that is being learnt. */
  readonly unusual: readonly { readonly timeUs: number; readonly score?: number }[];
  /** Beats of a pulse by light, and their rates. */
  readonly pulses: readonly { readonly timeUs: number; readonly ppMs?: number; readonly quality: number }[];
  /** Of the ECGs: each beat with the interval that ends there. */
  readonly qrs: readonly { readonly timeUs: number; readonly rrMs?: number }[];
  readonly pulseRates: readonly PulseRate[];
  /** Quality of each second of each stream, as the rules saw it. */
  readonly qualities: readonly JudgedSecond[];
  /** Bytes as they came. */
  readonly receivedBytes: number;
  readonly modelMs: number;
  readonly wallS: number;
}

interface RunOptions {
  readonly person: string;
  readonly models: ReplayModels;
  readonly profile: RuleProfile;
  readonly flushS: number;
  readonly mode: StreamMode;
  readonly onProgress?: (timeUs: number) => void;
}

/** Chunks between two looks at the models' answers. */
const batchChunks = 100;

/** The same source gives the same collected rows, on every run (law 4). */
export async function runRecording(source: ReplaySource, options: RunOptions): Promise<Run> {
  const { host, specs, versions } = options.models;
  const startedMs = performance.now();
  const busyBeforeMs = host.figures().busyMs;
  const collected: Collected = { events: [], outbox: [], stripsDue: [], changes: [] };
  const episodes = createEpisodes();
  const unusual: { timeUs: number; score?: number }[] = [];
  const pulses: { timeUs: number; ppMs?: number; quality: number }[] = [];
  const qrs: { timeUs: number; rrMs?: number }[] = [];
  const pulseRates: PulseRate[] = [];
  const qualities: JudgedSecond[] = [];
  const tracks = createTracks();
  const ahead = createAhead(host);
  let serial = 0;
  let receivedBytes = 0;
  let fed = 0;
  const alerts = createAlertCore({ newId: () => `replay-${++serial}`, mode: "real" });
  const pipeline = createPipeline({
    journal: passingJournal(),
    store: collectingStore(collected),
    driverOf: source.driverOf,
    personOf: () => options.person,
    person: () => ({ profile: options.profile, models: specs, versions, submit: ahead.submit, onPlaced: tracks.placed }),
    decider: () => ({ flushS: options.flushS, alerts, waveforms: { modeOf: () => options.mode } }),
    idle: ahead.idle,
    nowUs: ({ releasedUs }) => releasedUs,
    listener: strictListener({
      onAlert: (changes) => void collected.changes.push(...changes),
      onSettled(_person, settled, decided) {
        episodes.settled(settled, decided);
        const { input } = settled;
        if (input.kind === "pulse") pulses.push(input);
        if (input.kind === "qrs") qrs.push(input);
        const rate = pulseRateOf(input);
        if (rate !== undefined) pulseRates.push(rate);
        if (input.kind === "quality") qualities.push(input);
        for (const fact of settled.derived)
          if (fact.kind === "unusual")
            unusual.push({ timeUs: fact.timeUs, ...(fact.judged === undefined ? {} : { score: fact.judged.score }) });
      },
    }),
  });
  for await (const chunk of source.chunks) {
    receivedBytes += chunk.bytes.length;
    pipeline.offer(chunk, () => {});
    if (++fed % batchChunks === 0) await ahead.turn();
    options.onProgress?.(chunk.stamps.timeUs);
  }
  await pipeline.end(options.person);
  return {
    ...collected,
    episodes: episodes.list,
    ...{ unusual, pulses, pulseRates, qrs, qualities },
    tracks: tracks.all(),
    receivedBytes,
    modelMs: host.figures().busyMs - busyBeforeMs,
    wallS: (performance.now() - startedMs) / 1000,
  };
}
