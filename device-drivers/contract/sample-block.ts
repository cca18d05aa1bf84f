/** What a driver makes of bytes: blocks of samples of one stream, with four times on every block (law 3). */

import type { WallClockQuality } from "./clock.ts";

export const channelKinds = [
  ...(["ecg", "ppg", "acc", "gyro", "mag", "quaternion", "resp", "bioz", "temp", "spo2", "hr", "rr", "other"] as const),
] as const;
export type ChannelKind = (typeof channelKinds)[number];

export interface Channel {
  readonly id: string;
  readonly kind: ChannelKind;
  /** Lead name of an ECG channel as the field writes it ("II", "MLII", "V5"). */
  readonly lead?: string;
  /** UCUM unit of the physical value. */
  readonly unit: string;
  /** physical = raw · scale + offset. */
  readonly scale: number;
  readonly offset: number;
  /** Plausible physical range; outside is quality, not an error. */
  readonly range?: readonly [number, number];
  readonly mdc?: number;
}

export interface Sentinel {
  readonly channel: string;
  /** The raw number that means "no value". */
  readonly value: number;
  readonly meaning: "no-finger" | "lead-off" | "not-ready" | "invalid" | "not-supported";
}

/** One rate per stream. A descriptor without `sentinels` does not load: an empty list is written out. */
export interface StreamDescriptor {
  readonly device: string;
  readonly stream: string;
  readonly rateHz: number;
  readonly placement?: string;
  readonly channels: readonly Channel[];
  readonly sentinels: readonly Sentinel[];
  /** "measured": the device tells lead-off; "none": it cannot; "given": a recording whose electrodes count as attended. */
  readonly contact: "measured" | "none" | "given";
  readonly missedData?: { readonly warnS: number; readonly urgentS: number };
}

/** Quality bits per sample, the house's own (a driver translates the device's). */
export const Flag = {
  leadOff: 1,
  saturated: 2,
  motion: 4,
  synthetic: 8,
  notWorn: 16,
  /** The sample has no value (sentinel, or absent in this frame). */
  absent: 32,
  imputed: 64,
} as const;

/** The gateway's stamps, taken when the bytes arrived. */
export interface GatewayStamps {
  /** The gateway's axis of signal time: wall time at start-up carried on by monotonic time; never steps back, not even over a restart. */
  readonly timeUs: number;
  readonly monotonicUs: number;
  readonly wallUs: number;
  readonly wallQuality: WallClockQuality;
}

/** 0 unknown, 1 free-running, 2 fitted by the gateway, 3 device UTC. */
export type DeviceClockQuality = 0 | 1 | 2 | 3;

export interface SampleBlock {
  readonly kind: "samples";
  readonly descriptor: StreamDescriptor;
  /** Changes when the device restarts; indices and ticks restart with it. */
  readonly bootId: string;
  /** Index of the first sample in this boot. */
  readonly firstIndex: number;
  readonly count: number;
  /** Device time of the first sample in microseconds on the device's own axis. */
  readonly deviceTimeUs: number;
  readonly deviceClock: DeviceClockQuality;
  readonly stamps: GatewayStamps;
  /** Raw counts (or physical floats where scale is 1), one array per channel in descriptor order, all of length `count`. */
  readonly channels: readonly (Int16Array | Int32Array | Float32Array)[];
  /** One byte of Flag bits per sample; absent = all zero. */
  readonly flags?: Uint8Array;
  /** Where the samples are found again by whoever reads the journal from another place; absent where that is `bootId` and `firstIndex`. */
  readonly raw?: { readonly bootId: string; readonly firstIndex: number; readonly rateHz: number };
}

/** What a driver emits. Missing samples are a step in `firstIndex`; nothing is interpolated in a driver (law 2). */
export type Block = SampleBlock;
