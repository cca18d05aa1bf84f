/** The contract of a model: when it runs, what it is given, how its outputs are read. Pure; the runtime is elsewhere. */

import type { PersonEvent } from "../device-drivers/contract/event.ts";
import type { AskedWindow, Outcome, Pass, Result } from "../device-drivers/contract/result.ts";
import type { ChannelKind } from "../device-drivers/contract/sample-block.ts";

/** A window of one channel around a detected R peak, in physical units at the stream's own rate. */
export interface BeatContext {
  readonly rateHz: number;
  /** mV. Covers [R − beforeS, R + afterS] of the trigger; where the stream has no sample the value is NaN. */
  readonly samples: Float32Array;
  /** Index of the R peak in `samples`. */
  readonly rIndex: number;
  /** RR intervals that end at this beat and before, newest first, at most 32; an interval over a gap is NaN. */
  readonly rrBeforeS: readonly number[];
  /** RR intervals after this beat, nearest first, at most 4; empty in the first run. */
  readonly rrAfterS: readonly number[];
}

export interface Tensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** One pass of a model over a beat: submitted when `afterS` of signal and `afterBeats` beats have followed, or `waitS` went by. */
export interface BeatRun {
  readonly name: Pass;
  readonly afterS: number;
  readonly afterBeats: number;
  readonly waitS: number;
}

/** Windows are made for "beat" so far; a model with another trigger is refused at the start. */
export type Trigger =
  | { readonly kind: "beat"; readonly beforeS: number; readonly afterS: number; readonly runs: readonly BeatRun[] }
  | { readonly kind: "hop"; readonly hopS: number; readonly windowS: number }
  | { readonly kind: "after"; readonly model: string };

/** The outcome of a classifier: a label with its own probability, which need not be the largest; NaN for a label that is none of `labels`. */
export function labelled(labels: readonly string[], label: string, probabilities: readonly number[]): Outcome & { kind: "label" } {
  return { kind: "label", label, probability: probabilities[labels.indexOf(label)] ?? Number.NaN, probabilities };
}

/**
 * `Memory` is the personal state (≤ 4 kB) that `features` may read and update; it is kept per (person, placement, model),
 * must be structured-cloneable, and may depend only on what `features` was given before, never on results (law 4).
 */
export interface ModelSpec<Memory = unknown> {
  readonly id: string;
  readonly title: string;
  /** Folder of model.onnx, manifest.json, golden.json, card.md. */
  readonly folder: URL;
  readonly input: { readonly kind: ChannelKind; readonly unit: string };
  readonly trigger: Trigger;
  readonly labels: readonly string[];
  /** Seconds of signal that a model without memory is shown at the start (a new one, or another version), from the journal and before anything is decided. */
  readonly warmupS: number;
  /** A window counts as `unknown` once it has waited this long for a host that answers nothing, or four times as long for one that is too busy. */
  readonly resultTimeoutMs: number;
  initialMemory(): Memory;
  /** Pure but for `memory`; the twin of the Python preprocessing, proven equal by golden.json. `run` is absent outside beat triggers. */
  features(context: BeatContext, memory: Memory, run?: BeatRun["name"]): Record<string, Tensor>;
  /** Reads the ONNX outputs by name. A throw, a label without a probability or a number that is none makes the window `unknown`. */
  read(outputs: Readonly<Record<string, Float32Array>>, window: AskedWindow): Outcome;
  /** What of a result, an unknown one included, goes into the person's record. Without it nothing does. */
  events?(result: Result): readonly PersonEvent[];
}
