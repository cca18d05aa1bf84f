/** What a virtual wearable measures: samples as a pure function of their index, so that every run with the same seed plays the same signal. */

import type { Samples } from "../../device-drivers/hearth-stream/frame.ts";

/** Quality bits that the virtual wearables use; their descriptors say so. */
export const deviceQuality = { "lead-off": 1, saturated: 2, motion: 4, synthetic: 8, "not-worn": 16 } as const;

/** The raw number that stands for "no value" in 16-bit channels. */
export const noValue = -32768;

export interface SourceChannel {
  readonly id: string;
  readonly kind: string;
  readonly lead?: string;
  readonly unit: string;
  /** physical = raw · scale + offset. */
  readonly scale: number;
  readonly offset: number;
  readonly range?: readonly [number, number];
  readonly mdc?: number;
}

export interface SourceSamples {
  /** One array per channel, all of the length asked for. */
  readonly channels: readonly Samples[];
  /** Device quality bits per sample, where any is set. */
  readonly quality?: Uint16Array;
}

export interface SignalSource {
  /** Name of the stream as in the topic. */
  readonly stream: string;
  readonly rateHz: number;
  readonly placement: string;
  readonly channels: readonly SourceChannel[];
  /** Whether the electrodes or the skin contact are measured. */
  readonly contact: "measured" | "none";
  read(firstIndex: number, count: number): SourceSamples;
}

/** The descriptor's payload (`<stream>/meta`). The same source always gives the same bytes. */
export function metaOf(source: SignalSource): Uint8Array {
  const meaning = source.channels[0]?.kind === "ppg" ? "no-finger" : source.channels[0]?.kind === "ecg" ? "lead-off" : "invalid";
  const meta = {
    v: 1,
    rateHz: source.rateHz,
    placement: source.placement,
    channels: source.channels,
    sentinels: source.channels.map(({ id }) => ({ channel: id, value: noValue, meaning })),
    quality: deviceQuality,
    contact: source.contact,
    driver: { id: "hearth-stream", version: "1.0.0" },
  };
  return new TextEncoder().encode(JSON.stringify(meta));
}
