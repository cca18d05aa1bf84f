/** A driver turns bytes into blocks; a link moves bytes. Drivers do no I/O, own no timer and never throw on bad bytes. */

import type { TSchema } from "typebox";
import type { FieldFault, Refusal } from "./refusal.ts";
import type { Block, GatewayStamps } from "./sample-block.ts";

/** Bytes as received, with the gateway's stamps. What the journal keeps is exactly this. */
export interface Chunk {
  readonly link: string;
  readonly device: string;
  /** Where in the device the bytes came from: the topic below the device's prefix ("ecg/raw"), or "" for a byte stream. */
  readonly channel: string;
  readonly bytes: Uint8Array;
  readonly stamps: GatewayStamps;
}

/** Counters of one driver instance (devices.md §2.4). They are metrics and feed signal quality. */
export interface DriverCounters {
  frames: number;
  bytesSkipped: number;
  checksumFails: number;
  sequenceGaps: number;
  resyncs: number;
  /** Well-formed frames refused, by reason ("driver.bad_cbor", "driver.wrong_version" …). */
  discarded: Record<string, number>;
}

export interface DriverInstance {
  /** Decodes a chunk; state is kept between calls. Any cutting of the same bytes gives the same blocks. */
  push(chunk: Chunk): Block[];
  /** Everything needed to go on after a restart, structured-cloneable and small. */
  state(): unknown;
  readonly counters: Readonly<DriverCounters>;
  /** What became no samples since each stream last gave some; empty while all is well. Not part of the state. */
  refusals(): readonly Refusal[];
  /** What the device is to be told of since it was last asked for: refusals, and oddities of samples that were taken. Each once, however many bytes. */
  takeRefused?(): readonly Refusal[];
  /** Bytes that the device is owed (a request for its descriptor, a keep-alive), taken once. */
  takeReplies?(): readonly { readonly channel: string; readonly bytes: Uint8Array }[];
}

export interface Driver<Options = unknown> {
  readonly name: string;
  readonly title: string;
  /** Type, validator, default and documentation in one. */
  readonly options: TSchema;
  /** Serial line settings where the device has a serial port. */
  readonly serial?: { baud: number; dataBits: 7 | 8; parity: "none" | "even" | "odd"; stopBits: 1 | 2 };
  /** Silence after which the link is reopened. */
  readonly silenceMs: number;
  create(options: Options, device: string, state?: unknown): DriverInstance;
  /** Where a device describes its streams itself: its description field by field, as it came on this channel; undefined for another channel. */
  check?(channel: string, bytes: Uint8Array): readonly FieldCheck[] | undefined;
}

/** One field of a device's own description. */
export interface FieldCheck {
  /** "channels[0].scale"; "" for the whole. */
  readonly field: string;
  /** As JSON, shortened; absent where it is missing. */
  readonly value?: string;
  readonly fault?: FieldFault;
  /** The value is the format's default, or nothing reads it. */
  readonly note?: "default" | "unread";
}

export function emptyCounters(): DriverCounters {
  return { frames: 0, bytesSkipped: 0, checksumFails: 0, sequenceGaps: 0, resyncs: 0, discarded: {} };
}
