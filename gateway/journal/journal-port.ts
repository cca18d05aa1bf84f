/** The journal as others see it: bytes in, a promise of durability back, and the same bytes out again in order. */

import type { Chunk } from "../../device-drivers/contract/driver.ts";
import type { GatewayError } from "../../device-drivers/contract/error.ts";

/** A lane is a person's id, or "unassigned"; it is the folder, the key and the order of its records. */
export type Lane = string;

/** Record number within a lane, from 1, without holes, never reused, going on over restarts. */
export type Position = number;

export interface JournalRecord {
  readonly position: Position;
  readonly bootId: string;
  readonly chunk: Chunk;
}

export interface JournalFigures {
  readonly recordsTotal: number;
  readonly payloadBytesTotal: number;
  readonly writtenBytesTotal: number;
  readonly commitsTotal: number;
  readonly waitingBytes: number;
  readonly failing?: GatewayError;
}

export interface Journal {
  /** Resolves at once while the bounded buffer has room; its waiting is the back-pressure on a link. */
  room(): Promise<void>;
  /**
   * Takes a chunk. `done` is called exactly once, in offer order per lane: with a position after the group commit is on disk (fdatasync),
   * or with an error (`journal.disk_full`, `journal.io`) when nothing of it will ever be read back.
   */
  offer(lane: Lane, chunk: Chunk, done: (error: GatewayError | undefined, position: Position) => void): void;
  /** Records of a lane with position ≥ `from`, in order; a torn last record is dropped, what is committed later may or may not appear. */
  read(lane: Lane, from: Position): AsyncIterable<JournalRecord>;
  /** First position whose record was received at or after `timeUs` (gateway axis); undefined if there is none. */
  seek(lane: Lane, timeUs: number): Promise<Position | undefined>;
  /** Newest committed position and its receive time, undefined for an empty lane. */
  last(lane: Lane): Promise<{ position: Position; timeUs: number } | undefined>;
  lanes(): Promise<Lane[]>;
  /** Drops the lane's key and folder: what was written can't be read again. */
  forget(lane: Lane): Promise<void>;
  figures(): JournalFigures;
  close(): Promise<void>;
}

/** A device's share of a day. */
export interface DayBudget extends Pick<Journal, "offer"> {
  /** Devices of whose signal nothing more is kept on the day of `nowUs`. */
  over(nowUs: number): string[];
  /** Bytes that were not kept since the start, by device; devices that never had too many are not there. */
  readonly overBytes: ReadonlyMap<string, number>;
}
