/** What the twin keeps and what is asked of it. Times are the gateway's axis in microseconds; every question is about one gateway's home. */

import type { AlertRecord, BeatEvent, GapEvent, RhythmEvent, VitalEvent } from "../../../device-drivers/contract/event.ts";
import type { Frame } from "../../semantic/frame.ts";
import type { HeartbeatPayload, StripPayload, TwinPayload } from "../../semantic/payload.ts";

export interface Received {
  readonly frame: Frame;
  /** Undefined where this version can't read it. */
  readonly payload: TwinPayload | undefined;
}

export interface PersonState {
  readonly person: string;
  readonly name?: string;
  /** End of the newest stretch of events that is here. */
  readonly asOfUs?: number;
  /** When the newest frame about the person arrived, wall time of the twin. */
  readonly receivedUs?: number;
  /** The newest heart rate that the house derived. */
  readonly vital?: VitalEvent;
  /** The newest number of each device and vital sign within 24 h before `asOfUs`. */
  readonly numbers: readonly VitalEvent[];
  readonly rhythm?: RhythmEvent;
  readonly openAlerts: readonly AlertRecord[];
  /** Seconds per rule in the last 24 h before `asOfUs`. */
  readonly watchedS: Readonly<Record<string, number>>;
}

export interface GatewayState {
  readonly gateway: string;
  readonly heartbeat?: HeartbeatPayload;
  readonly heartbeatReceivedUs?: number;
  readonly frames: number;
  /** Frames that wait for a version that can read them. */
  readonly opaque: number;
}

/** Newest `limit` rows within [fromUs, toUs), oldest first. */
export interface SpanQuery {
  readonly fromUs: number;
  readonly toUs: number;
  readonly limit: number;
}

export interface TwinStore {
  /** One durable transaction. True for a frame that was not there before. Throws GatewayError `twin.disk_full`, `twin.io`. */
  commit(received: readonly Received[], receivedUs: number): boolean[];
  people(gateway: string): { id: string; name?: string }[];
  state(gateway: string, person: string): PersonState;
  vitals(gateway: string, person: string, span: SpanQuery): VitalEvent[];
  beats(gateway: string, person: string, span: SpanQuery): BeatEvent[];
  rhythms(gateway: string, person: string, span: SpanQuery): RhythmEvent[];
  gaps(gateway: string, person: string, span: SpanQuery): GapEvent[];
  /** Newest first. */
  alerts(gateway: string, person: string, query: { open?: boolean; limit: number }): AlertRecord[];
  /** Strips that reach into the span; without a span the newest one. */
  strips(gateway: string, person: string, span?: { fromUs: number; toUs: number }): StripPayload[];
  watchedS(gateway: string, person: string, fromUs: number, toUs: number): Record<string, number>;
  gateway(gateway: string): GatewayState;
  /** The newest document signed for the gateway, as sent. */
  desired(gateway: string): string | undefined;
  putDesired(gateway: string, text: string): void;
  reported(gateway: string): string | undefined;
  putReported(gateway: string, text: string): void;
  close(): void;
}
