/** Replays records one after another for a score; a damaged one is named and skipped, never guessed. */

import { toGatewayError } from "../../device-drivers/contract/error.ts";
import type { PulseReference } from "../../models/signal/pulse-reference.ts";
import type { Annotation, AnnotationFile } from "../recordings/annotations.ts";
import { readAnnotations, readRecord, type WfdbRecord } from "../recordings/wfdb.ts";
import { replayRecord } from "../replay/replay-record.ts";
import type { ReplayedRecord } from "../replay/replayed-record.ts";
import type { ReplayModels } from "../replay/run-recording.ts";
import type { StreamMode } from "../semantic/mode.ts";
import type { DataRecord } from "./data-folder.ts";
import { referenceOf } from "./pulse-reference.ts";
import { asTwinHasIt, twinTrace } from "./twin-trace.ts";

export interface ScoredRecord {
  readonly record: DataRecord;
  readonly replayed: ReplayedRecord;
  /** Empty where the set gives classes instead. */
  readonly reference: readonly Annotation[];
  /** Of a task that derives its reference. */
  readonly pulse?: PulseReference;
  /** The record replayed anew with the trace that the twin has of it; absent where the twin has none. */
  readonly again?: ReplayedRecord;
  /** Of the recording as a whole, where the set gives one. */
  readonly recordingClass?: string;
}

interface Prepared {
  readonly record: WfdbRecord;
  readonly reference: readonly Annotation[];
}

interface ReplaySet {
  readonly scored: readonly ScoredRecord[];
  readonly skipped: readonly { readonly record: string; readonly reason: string }[];
}

interface ReplaySetOptions {
  readonly models: ReplayModels;
  /** What goes to the twin, of which the record is then replayed again; without it events, and once. */
  readonly semantic?: StreamMode;
  /** No `atr` is read; records without lead II and a pleth are left out. */
  readonly derived?: true | undefined;
  /** By id of the record, in place of annotations. */
  readonly classes?: ReadonlyMap<string, string>;
  /** Noise or another pace; annotations move with what they are of. */
  readonly prepare?: (record: WfdbRecord, reference: readonly Annotation[]) => Prepared;
  readonly onProgress: (done: number, of: number, name: string) => void;
}

export async function replaySet(
  records: readonly DataRecord[],
  { models, classes, semantic, derived, prepare, onProgress }: ReplaySetOptions,
): Promise<ReplaySet> {
  const scored: ScoredRecord[] = [];
  const skipped: { record: string; reason: string }[] = [];
  for (const [index, record] of records.entries()) {
    onProgress(index, records.length, record.name);
    try {
      if (classes !== undefined) {
        const recordingClass = classes.get(record.id);
        const replayed = await replayRecord(record.path, models);
        scored.push({ record, replayed, reference: [], ...(recordingClass === undefined ? {} : { recordingClass }) });
        continue;
      }
      if (derived === true) {
        const pulse = referenceOf(await readRecord(record.path));
        if (pulse !== undefined) scored.push({ record, replayed: await replayRecord(record.path, models), reference: [], pulse });
        continue;
      }
      const file = await readAnnotations(record.path, "atr");
      let prepared: Prepared | undefined;
      const prepareRead = (read: WfdbRecord) => {
        prepared = prepare?.(read, atRate(file, read.header.rateHz));
        return prepared?.record ?? read;
      };
      const changed = prepare === undefined ? {} : { prepare: prepareRead };
      const replayed = await replayRecord(record.path, models, { ...changed, ...(semantic === undefined ? {} : { semantic }) });
      const again = semantic === undefined ? undefined : await replayTwin(record.path, replayed, models);
      const reference = prepared?.reference ?? atRate(file, replayed.source.rateHz);
      scored.push({ record, replayed, reference, ...(again === undefined ? {} : { again }) });
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (error.kind === "bug") throw error;
      skipped.push({ record: record.id, reason: error.message });
    }
  }
  onProgress(records.length, records.length, "");
  return { scored, skipped };
}

async function replayTwin(path: string, replayed: ReplayedRecord, models: ReplayModels): Promise<ReplayedRecord | undefined> {
  const trace = twinTrace(replayed);
  const name = replayed.twin?.name;
  if (trace === undefined || name === undefined || trace.windows.length === 0) return undefined;
  return replayRecord(path, models, { prepare: (record) => asTwinHasIt(record, name, trace) });
}

/** A file may count time at a rate of its own; the record's count is what scores go by. */
function atRate({ annotations, rateHz }: AnnotationFile, recordHz: number): readonly Annotation[] {
  if (rateHz === undefined || rateHz === recordHz) return annotations;
  return annotations.map((each) => ({ ...each, sample: Math.round((each.sample * recordHz) / rateHz) }));
}
