/** What a frame to the twin says, by class. Plain data; its bytes are CBOR made in payload-codec.ts. */

import type { AlertRecord, BeatEvent, GapEvent, RhythmEvent, VitalEvent, WatchedEvent } from "../../device-drivers/contract/event.ts";

/** Class alert: the whole record at each change; the newest `lastSeenUs`/state wins, keyed by id. */
export interface AlertPayload {
  readonly kind: "alert";
  readonly alert: AlertRecord;
}

/** Class status: every 60 s, and at start and stop. */
export interface HeartbeatPayload {
  readonly kind: "heartbeat";
  readonly timeUs: number;
  readonly uptimeS: number;
  readonly version: string;
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly devices: readonly { readonly id: string; readonly person?: string; readonly state: string; readonly lastSampleUs?: number }[];
  readonly outboxDepth: number;
}

/** Class semantic: all events of one person in [fromUs, toUs), each exactly once over all frames. */
export interface EventsPayload {
  readonly kind: "events";
  readonly person: string;
  readonly fromUs: number;
  readonly toUs: number;
  readonly beats: readonly BeatEvent[];
  readonly rhythms: readonly RhythmEvent[];
  readonly vitals: readonly VitalEvent[];
  readonly gaps: readonly GapEvent[];
  readonly watched: readonly WatchedEvent[];
}

/** Class raw: lossless samples of one channel around alerts. */
export interface StripPayload {
  readonly kind: "strip";
  readonly person: string;
  readonly alertIds: readonly string[];
  readonly device: string;
  readonly stream: string;
  readonly channel: string;
  readonly lead?: string;
  readonly unit: string;
  readonly scale: number;
  readonly offset: number;
  readonly rateHz: number;
  /** Time of samples[0] on the gateway's axis. */
  readonly startUs: number;
  /** Raw counts; `noValue` (−2³¹) where there is no sample. */
  readonly samples: Int32Array;
}

export type TwinPayload = AlertPayload | HeartbeatPayload | EventsPayload | StripPayload;

export const noValue = -2147483648;
