/** Plays recorded counts as a wearable's stream, from the first sample on and then round and round. Indices go on over the seam; nothing is resampled. */

import type { SignalSource, SourceChannel } from "../signal/signal-source.ts";
import type { Excerpt, ExcerptChannel } from "./excerpt.ts";

interface RecordingSourceOptions {
  readonly stream: string;
  readonly placement: string;
  /** Which channels of the excerpt, by lead name, and what they are. */
  readonly channels: readonly { readonly lead: string; readonly id: string; readonly kind: "ecg" | "ppg" }[];
}

/** Throws RangeError when the excerpt has no such lead: the caller named it. */
export function recordingSource(excerpt: Pick<Excerpt, "rateHz" | "channels">, options: RecordingSourceOptions): SignalSource {
  const tracks = options.channels.map(({ lead, id, kind }) => {
    const recorded = excerpt.channels.find((channel) => channel.lead === lead);
    if (recorded === undefined) throw new RangeError(`the recording has no channel "${lead}"`);
    return { recorded, channel: channelOf(recorded, id, kind) };
  });
  return {
    stream: options.stream,
    rateHz: excerpt.rateHz,
    placement: options.placement,
    channels: tracks.map(({ channel }) => channel),
    contact: "measured",
    read: (firstIndex, count) => ({ channels: tracks.map(({ recorded }) => stretch(recorded.samples, firstIndex, count)) }),
  };
}

function channelOf({ lead, scale, offset, unit, samples }: ExcerptChannel, id: string, kind: "ecg" | "ppg"): SourceChannel {
  const plausible: readonly [number, number] = kind === "ecg" ? [-5, 5] : physicalSpan(samples, scale, offset);
  return { id, kind, ...(kind === "ecg" ? { lead } : {}), unit: unit === "NU" ? "1" : unit, scale, offset, range: plausible };
}

/** A pleth has no unit; twice its own span is plausible. */
function physicalSpan(samples: Int16Array, scale: number, offset: number): readonly [number, number] {
  const values = [samples.reduce((a, b) => Math.min(a, b)), samples.reduce((a, b) => Math.max(a, b))].map((v) => v * scale + offset);
  const [low = 0, high = 1] = values;
  const half = (high - low) / 2;
  return [low - half, high + half];
}

function stretch(samples: Int16Array, firstIndex: number, count: number): Int16Array {
  const out = new Int16Array(count);
  for (let filled = 0; filled < count; ) {
    const from = (firstIndex + filled) % samples.length;
    const part = samples.subarray(from, from + count - filled);
    out.set(part, filled);
    filled += part.length;
  }
  return out;
}
