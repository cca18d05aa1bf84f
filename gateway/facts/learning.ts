/** How far a model has learnt what is usual for one person at one placement, and what people have told it. */

import type { Evidence } from "../../models/personal-spec.ts";

export interface Learning {
  readonly model: { readonly id: string; readonly version: string };
  /** The placement; "device/stream" where none is stated. */
  readonly of: string;
  /** Seconds of usable signal so far, and needed. */
  readonly learntS: number;
  readonly neededS: number;
  /** Gateway axis: of the first signal that was learnt, and when it had learnt enough. */
  readonly sinceUs: number;
  readonly finishedUs?: number;
  /** Learnt anew from the journal, because the model is another than before. */
  readonly isFromRecord?: boolean;
  /** Since when most of what is seen is unlike what was learnt. */
  readonly changedUs?: number;
  /** What people have said is normal, oldest first. */
  readonly normals: readonly { readonly number: number; readonly atUs: number; readonly by: string }[];
}

/** Evidence that is kept with an alert and in the record of what people said. */
interface KeptEvidence extends Omit<Evidence, "vector"> {
  readonly vector: readonly number[];
}

/** What a person said of it. `of` and `model` as in `Learning`. */
export type LearnAct =
  | {
      readonly kind: "normal";
      readonly model: string;
      readonly of: string;
      readonly evidence: readonly KeptEvidence[];
      readonly alert: string;
    }
  /** Takes back the act of that number. */
  | { readonly kind: "undo"; readonly number: number }
  /** Everything that was learnt goes, and it learns from here on; without `of` of every placement. */
  | { readonly kind: "again"; readonly of?: string };

export interface DatedLearnAct {
  /** Rises by one with every act. */
  readonly number: number;
  /** Gateway axis. */
  readonly fromUs: number;
  readonly by: string;
  readonly act: LearnAct;
}

export function keptEvidence({ vector, ...evidence }: Evidence): KeptEvidence {
  return { ...evidence, vector: Array.from(vector, (value) => Math.round(value * 1e4) / 1e4) };
}

export function evidenceOf({ vector, ...kept }: KeptEvidence): Evidence {
  return { ...kept, vector: Float32Array.from(vector) };
}
