/** What the river saw of each stream, in sample order, kept for strips and for the figures of a replay: of each the channels that a strip may show. */

import type { Channel, SampleBlock, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { chooseEcg } from "../stream/ecg/choose-ecg.ts";
import type { Placed } from "../stream/reorder.ts";
import { stripChannel } from "../stream/strip-channel.ts";
import { numericVitals } from "../stream/vital/numeric-vital.ts";

export interface Track {
  readonly descriptor: StreamDescriptor;
  /** Index of the analysed channel; −1 where the stream is no ECG. */
  readonly channel: number;
  /** Indices of the channels that strips may show; none where no channel is analysed. */
  readonly kept: readonly number[];
  /** Stretches without a hole, with those channels alone. */
  readonly blocks: readonly SampleBlock[];
  firstUs: number;
  endUs: number;
  /** Samples that have a place and no value, those of gaps included. */
  missing: number;
}

interface Tracks {
  placed(descriptor: StreamDescriptor, placed: Placed): void;
  all(): readonly Track[];
}

interface Stretch {
  readonly bootId: string;
  readonly firstIndex: number;
  count: number;
  /** One row for each kept channel. */
  samples: Float32Array[];
}

interface OpenTrack extends Omit<Track, "blocks"> {
  readonly stretches: Stretch[];
}

const firstRoom = 1 << 12;
const noStamps = { timeUs: 0, monotonicUs: 0, wallUs: 0, wallQuality: "ntp" as const };

export function createTracks(): Tracks {
  const tracks = new Map<string, OpenTrack>();

  const trackOf = (descriptor: StreamDescriptor, startUs: number): OpenTrack => {
    const key = `${descriptor.device}/${descriptor.stream}`;
    const indexOf = (channel: Channel | undefined) => (channel === undefined ? -1 : descriptor.channels.indexOf(channel));
    const shown = [stripChannel(descriptor), ...numericVitals(descriptor).map(({ channel }) => channel)];
    const kept = [...new Set(shown.map(indexOf))].filter((at) => at >= 0);
    const chosen = { channel: indexOf(chooseEcg(descriptor)), kept };
    const track = tracks.get(key) ?? { descriptor, ...chosen, stretches: [], firstUs: startUs, endUs: startUs, missing: 0 };
    tracks.set(key, track);
    return track;
  };

  return {
    placed(descriptor, placed) {
      const track = trackOf(descriptor, placed.startUs);
      track.firstUs = Math.min(track.firstUs, placed.startUs);
      track.endUs = Math.max(track.endUs, placed.startUs + Math.round((placed.count * 1e6) / descriptor.rateHz));
      if (placed.kind === "gap") {
        track.missing += placed.count;
        return;
      }
      if (track.kept.length === 0) return;
      const rows = track.kept.map((at) => placed.channels[at] ?? new Float32Array(placed.count));
      if (track.channel >= 0) for (const value of placed.channels[track.channel] ?? []) if (Number.isNaN(value)) track.missing++;
      const { bootId, firstIndex } = placed.raw ?? placed;
      const open = track.stretches.at(-1);
      if (open !== undefined && open.bootId === bootId && open.firstIndex + open.count === firstIndex) append(open, rows);
      else track.stretches.push(append({ bootId, firstIndex, count: 0, samples: rows.map(() => new Float32Array(firstRoom)) }, rows));
    },
    all: () =>
      [...tracks.values()].map(({ stretches, ...track }) => ({ ...track, blocks: stretches.map((stretch) => blockOf(track, stretch)) })),
  };
}

/** Grows by doubling: a buffer for each chunk would cost more than the samples. */
function append(stretch: Stretch, rows: readonly ArrayLike<number>[]): Stretch {
  const { count } = stretch;
  const more = rows[0]?.length ?? 0;
  stretch.samples = stretch.samples.map((samples, row) => {
    const room = count + more > samples.length ? new Float32Array(2 * (count + more)) : samples;
    if (room !== samples) room.set(samples.subarray(0, count));
    room.set(rows[row] ?? [], count);
    return room;
  });
  stretch.count += more;
  return stretch;
}

function blockOf({ descriptor, kept }: Pick<Track, "descriptor" | "kept">, { bootId, firstIndex, count, samples }: Stretch): SampleBlock {
  const channels = descriptor.channels.map((_, at) => samples[kept.indexOf(at)]?.subarray(0, count) ?? new Float32Array(0));
  return { kind: "samples", descriptor, bootId, firstIndex, count, deviceTimeUs: 0, deviceClock: 0, stamps: noStamps, channels };
}
