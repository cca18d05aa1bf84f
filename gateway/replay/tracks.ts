/** What the river saw of each stream, in sample order, kept for strips and for the figures of a replay. Of each it keeps one channel. */

import type { Channel, SampleBlock, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { chooseEcg } from "../stream/ecg/choose-ecg.ts";
import type { Placed } from "../stream/reorder.ts";
import { stripChannel } from "../stream/strip-channel.ts";

export interface Track {
  readonly descriptor: StreamDescriptor;
  /** Index of the analysed channel; −1 where the stream is no ECG. */
  readonly channel: number;
  /** Index of the channel that strips show; −1 where no channel is analysed. */
  readonly stripChannel: number;
  /** Stretches without a hole, with that channel alone. */
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
  samples: Float32Array;
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
    const chosen = { channel: indexOf(chooseEcg(descriptor)), stripChannel: indexOf(stripChannel(descriptor)) };
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
      if (track.stripChannel < 0) return;
      const samples = placed.channels[track.stripChannel] ?? new Float32Array(placed.count);
      if (track.channel >= 0) for (let i = 0; i < samples.length; i++) if (Number.isNaN(samples[i])) track.missing++;
      const { bootId, firstIndex } = placed.raw ?? placed;
      const open = track.stretches.at(-1);
      if (open !== undefined && open.bootId === bootId && open.firstIndex + open.count === firstIndex) append(open, samples);
      else track.stretches.push(append({ bootId, firstIndex, count: 0, samples: new Float32Array(firstRoom) }, samples));
    },
    all: () =>
      [...tracks.values()].map(({ stretches, ...track }) => ({ ...track, blocks: stretches.map((stretch) => blockOf(track, stretch)) })),
  };
}

/** Grows by doubling: a buffer for each chunk would cost more than the samples. */
function append(stretch: Stretch, more: ArrayLike<number>): Stretch {
  const { count } = stretch;
  if (count + more.length > stretch.samples.length) {
    const grown = new Float32Array(2 * (count + more.length));
    grown.set(stretch.samples.subarray(0, count));
    stretch.samples = grown;
  }
  stretch.samples.set(more, count);
  stretch.count += more.length;
  return stretch;
}

function blockOf(
  { descriptor, stripChannel: kept }: Pick<Track, "descriptor" | "stripChannel">,
  { bootId, firstIndex, count, samples }: Stretch,
): SampleBlock {
  const channels = descriptor.channels.map((_, at) => (at === kept ? samples.subarray(0, count) : new Float32Array(0)));
  return { kind: "samples", descriptor, bootId, firstIndex, count, deviceTimeUs: 0, deviceClock: 0, stamps: noStamps, channels };
}
