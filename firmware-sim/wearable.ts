/** A virtual wearable: measures sources on an injected clock, composes batches of Hearth Stream 1 and hands them to its link. It never repeats or renumbers a sample. */

import type { Clock } from "../device-drivers/contract/clock.ts";
import { encodeBatch, hashOfMeta, maxBatchBytes } from "../device-drivers/hearth-stream/frame.ts";
import { type Faults, noFaults, withFaults } from "./signal/faults.ts";
import { uniformAt } from "./signal/noise.ts";
import { metaOf, type SignalSource } from "./signal/signal-source.ts";

/** Where a wearable's messages go. */
export interface WearableLink {
  /** Told once per stream before its first batch; a link repeats it whenever it connects. */
  declare(stream: string, meta: Uint8Array): void;
  /** Takes a batch; keeping it until it is acknowledged is the link's duty. */
  send(stream: string, sequence: number, bytes: Uint8Array): void;
}

interface WearableOptions {
  readonly sources: readonly SignalSource[];
  readonly link: WearableLink;
  readonly clock: Clock;
  /** 16 hex digits, new at every start. */
  readonly bootId: string;
  /** Time that one batch covers, 100–5000 ms. */
  readonly batchMs?: number;
  /** For the noise of faults, and for what gets lost. */
  readonly seed?: number;
}

export interface Wearable {
  /** Switches to set while it runs. */
  readonly faults: Faults;
  /** Samples composed so far, all streams together. */
  readonly sampleCount: number;
  stop(): void;
}

interface Track {
  readonly source: SignalSource;
  readonly metaHash: string;
  readonly maxSamples: number;
  nextIndex: number;
}

/** Room for everything in a batch but the samples. */
const headroomBytes = 2048;

/** Starts at once; the first batch comes after one `batchMs`. */
export function startWearable(options: WearableOptions): Wearable {
  const { clock, link, bootId, batchMs = 250, seed = 1 } = options;
  const faults = noFaults();
  const startUs = clock.monotonicUs();
  let sequence = 0;
  let sampleCount = 0;
  const tracks = options.sources.map((plain, at): Track => {
    const source = withFaults(plain, faults, seed + 1000 * at);
    const meta = metaOf(source);
    link.declare(source.stream, meta);
    const bytesPerSample = 4 * source.channels.length + 1;
    return { source, metaHash: hashOfMeta(meta), maxSamples: Math.floor((maxBatchBytes - headroomBytes) / bytesPerSample), nextIndex: 0 };
  });

  const compose = (track: Track, count: number) => {
    const { source, nextIndex: firstIndex } = track;
    track.nextIndex += count;
    if (faults.strap === "silent") return;
    const { channels, quality } = source.read(firstIndex, count);
    const bytes = encodeBatch({
      bootId,
      sequence,
      firstIndex,
      deviceTimeUs: Math.max(0, Math.round((firstIndex * 1e6) / source.rateHz) + faults.clockJumpUs),
      clockQuality: 1,
      periodNs: Math.round(1e9 / source.rateHz),
      channels: channels.map((samples, at) => ({ id: source.channels[at]?.id ?? "", samples })),
      ...(quality === undefined ? {} : { quality }),
      metaHash: track.metaHash,
    });
    if (uniformAt(seed + 77, sequence) >= faults.lossShare) link.send(source.stream, sequence, bytes);
    sequence++;
    sampleCount += count;
  };

  let measuredUs = startUs;
  let aheadUs = 0;
  const measure = () => {
    const nowUs = clock.monotonicUs();
    aheadUs += (nowUs - measuredUs) * faults.clockPpm * 1e-6;
    measuredUs = nowUs;
    const elapsedUs = nowUs - startUs + aheadUs;
    for (const track of tracks) {
      const dueIndex = Math.floor((elapsedUs * track.source.rateHz) / 1e6);
      while (track.nextIndex < dueIndex) compose(track, Math.min(dueIndex - track.nextIndex, track.maxSamples));
    }
  };
  const stop = clock.every(batchMs, measure);

  return {
    faults,
    get sampleCount() {
      return sampleCount;
    },
    stop,
  };
}
