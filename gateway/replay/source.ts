/** What a replay is fed with, whatever it was read from: chunks in the order of their arrival, and what is known of them beforehand. */

import type { Chunk, Driver } from "../../device-drivers/contract/driver.ts";

export interface ReplaySource {
  readonly name: string;
  /** Read once. */
  readonly chunks: Iterable<Chunk> | AsyncIterable<Chunk>;
  readonly driverOf: (device: string) => { driver: Driver; options: unknown } | undefined;
  /** Whose recording the source says it is. */
  readonly person?: string;
  /** What was odd and read all the same, in plain words with the file's name. */
  readonly warnings?: readonly string[];
  /** What a header states; a source without one is measured while it is read. */
  readonly stated?: StatedRecord;
}

export interface StatedRecord {
  /** Axis time of the recording's first sample. */
  readonly baseUs: number;
  /** The whole recording, and the part of it that is replayed, in seconds from its first sample. */
  readonly lengthS: number;
  readonly fromS: number;
  readonly toS: number;
  /** The rate at which the record's annotations count. */
  readonly rateHz: number;
  readonly baseTime?: string;
  readonly baseDate?: string;
  /** Size of the part as the header states its bits: of the channel that is analysed, of all channels where none is. */
  readonly rawBytes: number;
  /** The analysed channel in its own words; absent where there is no ECG. */
  readonly channel?: StatedChannel;
}

export interface StatedChannel {
  readonly name: string;
  readonly unit: string;
  /** Counts per unit, and the count that means zero. */
  readonly gain: number;
  readonly baseline: number;
  readonly adcResolution: number;
}

/** What of a recording is replayed, in seconds from its first sample. */
export interface ReplaySpan {
  readonly fromS?: number;
  readonly toS?: number;
}
