/** What a replay of one recording gives. */

import type { Annotation } from "../recordings/annotations.ts";
import type { SentBytes } from "./frame-outbox.ts";
import type { Run } from "./run-recording.ts";
import type { StatedChannel, StatedRecord } from "./source.ts";

/** The analysed channel, which is what the twin gets samples of. */
export interface TwinChannel extends StatedChannel {
  readonly device: string;
  readonly stream: string;
  readonly channel: string;
  readonly rateHz: number;
  /** Of the whole recording. */
  readonly samples: number;
}

export interface ReplayedRecord {
  readonly name: string;
  readonly run: Run;
  readonly annotations: readonly Annotation[];
  readonly sent: SentBytes;
  readonly baseUs: number;
  /** Where the replayed part ends on the axis. */
  readonly endUs: number;
  /** The recording's own count: rate of its annotations, samples of its whole length. */
  readonly source: { readonly rateHz: number; readonly samples: number };
  readonly stated: StatedRecord;
  /** Absent where there was no ECG. */
  readonly twin?: TwinChannel;
  readonly summary: Readonly<Record<string, unknown>>;
}
