/** Replays records one after another for a score; a damaged one is named and skipped, never guessed. */

import { toGatewayError } from "../../device-drivers/contract/error.ts";
import type { Annotation, AnnotationFile } from "../recordings/annotations.ts";
import { readAnnotations, type WfdbRecord } from "../recordings/wfdb.ts";
import { replayRecord } from "../replay/replay-record.ts";
import type { ReplayedRecord } from "../replay/replayed-record.ts";
import type { ReplayModels } from "../replay/run-recording.ts";
import type { DataRecord } from "./data-folder.ts";

export interface ScoredRecord {
  readonly record: DataRecord;
  readonly replayed: ReplayedRecord;
  readonly reference: readonly Annotation[];
}

interface ReplaySet {
  readonly scored: readonly ScoredRecord[];
  readonly skipped: readonly { readonly record: string; readonly reason: string }[];
}

interface ReplaySetOptions {
  readonly models: ReplayModels;
  readonly prepare?: (record: WfdbRecord, reference: readonly Annotation[]) => WfdbRecord;
  readonly onProgress: (done: number, of: number, name: string) => void;
}

export async function replaySet(records: readonly DataRecord[], { models, prepare, onProgress }: ReplaySetOptions): Promise<ReplaySet> {
  const scored: ScoredRecord[] = [];
  const skipped: { record: string; reason: string }[] = [];
  for (const [index, record] of records.entries()) {
    onProgress(index, records.length, record.name);
    try {
      const file = await readAnnotations(record.path, "atr");
      const changed = prepare === undefined ? {} : { prepare: (read: WfdbRecord) => prepare(read, atRate(file, read.header.rateHz)) };
      const replayed = await replayRecord(record.path, models, changed);
      scored.push({ record, replayed, reference: atRate(file, replayed.source.rateHz) });
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (error.kind === "bug") throw error;
      skipped.push({ record: record.id, reason: error.message });
    }
  }
  onProgress(records.length, records.length, "");
  return { scored, skipped };
}

/** A file may count time at a rate of its own; the record's count is what scores go by. */
function atRate({ annotations, rateHz }: AnnotationFile, recordHz: number): readonly Annotation[] {
  if (rateHz === undefined || rateHz === recordHz) return annotations;
  return annotations.map((each) => ({ ...each, sample: Math.round((each.sample * recordHz) / rateHz) }));
}
