/** The contract of a model: when it runs, what it is given, how its outputs are read. Pure; the runtime is elsewhere. */

import type { PersonEvent } from "../device-drivers/contract/event.ts";
import type { AskedWindow, Outcome, Pass, Result } from "../device-drivers/contract/result.ts";
import type { ChannelKind } from "../device-drivers/contract/sample-block.ts";
import type { PersonalSpec } from "./personal-spec.ts";

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

/** The newest `windowS` seconds of one stream, in the unit of the model's input. */
interface HopContext {
  readonly rateHz: number;
  /** One array for each channel of the input's kind, in the stream's order (of an ECG the lead that is analysed comes first), each of round(windowS · rateHz) samples; NaN where the stream has none. */
  readonly channels: readonly Float32Array[];
  /** The same of what the model is shown beside it, where the stream has it. */
  readonly beside?: readonly Float32Array[];
  /** Time of the first sample, µs on the gateway's axis. */
  readonly fromUs: number;
}

/** The same span of several devices of one person, in the unit of the model's input. */
interface AlignedContext {
  /** As the trigger has it. */
  readonly rateHz: number;
  /** Time of the first sample, µs on the gateway's axis. */
  readonly fromUs: number;
  /**
   * Of each placement of the trigger its channels, those that the model is shown beside them behind, each of round(windowS · rateHz) samples: the nearest of
   * the device's own, NaN where there is none.
   */
  readonly placements: Readonly<Record<string, readonly Float32Array[]>>;
  /** Placements that have no sample in it. */
  readonly masked: readonly string[];
}

/** What another model said of a window. */
export interface AfterContext {
  readonly result: Result;
  /** What that model was shown. */
  readonly of: BeatContext | HopContext | AlignedContext;
}

/** When windows are made. Spans in seconds of signal. */
export type Trigger =
  /** Round each beat of an ECG: from `beforeS` before its R peak to `afterS` behind it (≤ 60). */
  | { readonly kind: "beat"; readonly beforeS: number; readonly afterS: number; readonly runs: readonly BeatRun[] }
  /** Of each stream with channels of the input's kind: `windowS` (≤ 60) every `hopS`. */
  | { readonly kind: "hop"; readonly hopS: number; readonly windowS: number }
  /**
   * About the same moment, whenever `model` has given a result; where that is unknown this one is too. Its windows are made one after the other, each before
   * anything later is decided. Of the present alone.
   */
  | { readonly kind: "after"; readonly model: string }
  /**
   * Of the person: `windowS` (≤ 60) every `hopS`, of one stream at each placement. Windows end at multiples of `hopS` on the gateway's axis, and are made while
   * `least` placements have a sample. A sensor that is silent is masked, not waited for.
   */
  | {
      readonly kind: "aligned";
      readonly hopS: number;
      readonly windowS: number;
      /** Every placement is shown at this rate, Hz. */
      readonly rateHz: number;
      readonly placements: readonly string[];
      /** Channels of the input's kind that a stream must have, the first so many of it. */
      readonly channels: number;
      /** Channels of the kind of `beside` that are shown behind them, the first so many; NaN where the stream has fewer. */
      readonly beside?: number;
      readonly least: number;
    };

export type TriggerKind = Trigger["kind"];

/** What `features` is given, by the kind of trigger. */
export interface Contexts {
  readonly beat: BeatContext;
  readonly hop: HopContext;
  readonly after: AfterContext;
  readonly aligned: AlignedContext;
}

/** The outcome of a classifier: a label with its own probability, which need not be the largest; NaN for a label that is none of `labels`. */
export function labelled(labels: readonly string[], label: string, probabilities: readonly number[]): Outcome & { kind: "label" } {
  return { kind: "label", label, probability: probabilities[labels.indexOf(label)] ?? Number.NaN, probabilities };
}

/**
 * `Memory` is the personal state (≤ 4 kB) that `features` may read and update; it is kept for each stream (of an aligned model for the person), goes
 * on at the same placement when another device is worn there, must be structured-cloneable, and may depend only on what `features` was given before, never on the model's own results (law 4).
 */
export interface ModelSpec<Memory = unknown, Kind extends TriggerKind = TriggerKind> {
  readonly id: string;
  readonly title: string;
  /** Folder of model.onnx, manifest.json, golden.json, card.md. */
  readonly folder: URL;
  /** A unit of "any" is for curves of which only the shape counts. */
  readonly input: { readonly kind: ChannelKind; readonly unit: string };
  /** Of a hop or an aligned model: channels of the same stream that it is shown too. */
  readonly beside?: { readonly kind: ChannelKind; readonly unit: string };
  readonly trigger: Extract<Trigger, { readonly kind: Kind }>;
  readonly labels: readonly string[];
  /** Seconds of signal that a model without memory is shown at the start (a new one, or another version), from the journal and before anything is decided. */
  readonly warmupS: number;
  /**
   * A window counts as `unknown` once it has waited this long for a host that answers nothing, or four times as long for one that is too busy. All that comes behind
   * it waits too, be it an arrest: so 1000 (2000 at most), where no rule of a higher priority than low is blind without the answer.
   */
  readonly resultTimeoutMs: number;
  initialMemory(): Memory;
  /** Pure but for `memory`; the twin of the Python preprocessing, proven equal by golden.json. Outside beat triggers `run` is "final". */
  features(context: Contexts[Kind], memory: Memory, run?: BeatRun["name"]): Record<string, Tensor>;
  /** Reads the ONNX outputs by name. A throw, a label without a probability or a number that is none makes the window `unknown`. */
  read(outputs: Readonly<Record<string, Float32Array>>, window: AskedWindow): Outcome;
  /** What of a result, an unknown one included, goes into the person's record. Without it nothing does. */
  events?(result: Result): readonly PersonEvent[];
  /** Of a model whose vectors are compared with what was learnt of the person (gateway/personal/). */
  readonly personal?: PersonalSpec;
}
