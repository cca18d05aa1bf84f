/** What every evaluation task is given and gives back (contracts.md, `npm run eval`). */

import type { ReplayModels } from "../replay/run-recording.ts";
import type { StreamMode } from "../semantic/mode.ts";
import type { DataRecord } from "./data-folder.ts";
import type { ScoredRecord } from "./replay-set.ts";
import type { ClassMap } from "./score-beat-list.ts";
import type { ScoreOptions } from "./score-qrs.ts";

type Interval = readonly [number, number] | null;

export interface TaskResult {
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly ci95: Readonly<Record<string, Interval>>;
  /** The same figures over a part of the records ("ds2" …). */
  readonly parts?: Readonly<Record<string, Readonly<Record<string, number | null>>>>;
  /** What others make of the same records. */
  readonly baselines?: Readonly<Record<string, number | null>>;
  readonly mean?: Readonly<Record<string, number | null>>;
  readonly records: readonly Readonly<Record<string, string | number | null>>[];
}

export interface TaskOptions {
  readonly classMap: ClassMap;
  /** In which mode a task that is about the twin's bytes replays; `semantic` unless told. */
  readonly mode?: StreamMode;
}

/** Of one of the result's parts ("ds2"); else of all records. */
type Floor = { readonly part?: string; readonly metric: string } & ({ readonly atLeast: number } | { readonly atMost: number });

/** Another way to score a task's model: it reads the records itself and no pipeline runs. Records that the model has learnt from are among them. */
export type Protocol = (
  records: readonly DataRecord[],
  options: {
    readonly host: Pick<ReplayModels["host"], "submit" | "idle">;
    readonly model: string;
    readonly onProgress: (done: number, of: number, name: string) => void;
  },
) => Promise<{
  /** Of the records that were read. */
  readonly data: readonly string[];
  readonly skipped: readonly { readonly record: string; readonly reason: string }[];
  readonly result: TaskResult;
}>;

export interface Task {
  /** What `npm run eval -- NAME` asks for. */
  readonly name: string;
  /** What it scores, for people. */
  readonly title: string;
  /** Folder of the records that it needs, under each `--data`. */
  readonly set: string;
  /** What its records are compared with: their `atr` annotations unless told, or the class that the set's REFERENCE.csv gives each of them as a whole. */
  readonly reference?: "atr" | "class";
  /** Id of the model that answers for the figures, and in whose place `--model` puts another package. */
  readonly model: string;
  /** What the figures ought to reach. */
  readonly floors: readonly Floor[];
  /** Tasks on a model leave out what it has learnt from; the detector is scored on every record. */
  readonly usesModel: boolean;
  readonly leavesOutPaced: boolean;
  /** Nobody has annotated the records: two detectors on their ECG are the reference, of those that have a pleth too. */
  readonly derived?: true;
  /** It is about what goes to the twin: records are replayed in a mode, and again with the trace that the twin then has. */
  readonly goesToTwin?: true;
  /** By the name that `--protocol` asks for; without one the pipeline is scored. */
  readonly protocols?: Readonly<Record<string, Protocol>>;
  score(scored: readonly ScoredRecord[], options: TaskOptions): TaskResult;
}

export function scoreOptions({ replayed }: ScoredRecord): ScoreOptions {
  return { rateHz: replayed.source.rateHz, sampleCount: replayed.source.samples };
}
