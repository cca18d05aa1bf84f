/** What a model said of a window: one form for whatever models give, so that rules, record and page need to know no network. */

import type { Pose } from "./pose.ts";

/** Why a window has no answer: the host's reasons, a window that could not be made, an answer that could not be read, or one that the model itself is not sure of. */
export type UnknownReason = "timeout" | "killed" | "refused" | "down" | "features" | "unreadable" | "unsure";

export type Outcome =
  /** `probability` is the label's own (0–1), `probabilities` those of all the model's labels in their order, where it gives them. */
  | { readonly kind: "label"; readonly label: string; readonly probability: number; readonly probabilities?: readonly number[] }
  /** `interval` holds the value with the confidence that the model's card states. */
  | { readonly kind: "value"; readonly value: number; readonly unit: string; readonly interval?: readonly [low: number, high: number] }
  | { readonly kind: "score"; readonly score: number }
  | { readonly kind: "vector"; readonly vector: Float32Array }
  | { readonly kind: "tokens"; readonly tokens: readonly number[] }
  /** Its frames end with the newest that the window shows: the last one lies one period before the window's end. */
  | ({ readonly kind: "pose" } & Pose)
  | { readonly kind: "unknown"; readonly reason: UnknownReason };

/** A model may look at the same moment twice: early for rules that can't wait, and once more when more signal is there. */
export type Pass = "first" | "final";

export interface Source {
  readonly device: string;
  readonly stream: string;
}

/** Which window a model is asked about. Times on the gateway's axis, µs. */
export interface AskedWindow {
  readonly pass: Pass;
  /** The streams that the window shows. */
  readonly about: readonly [Source, ...Source[]];
  /** The beat that it is round, or the end of the span that it shows. */
  readonly timeUs: number;
  /** Of a window over a span: where it begins. */
  readonly fromUs?: number;
  /** When all of the window was there. */
  readonly knownUs: number;
  /** Of a window round a beat: the RR interval that ends there; absent after a gap. */
  readonly rrMs?: number;
}

export interface Result extends AskedWindow {
  readonly kind: "result";
  readonly model: { readonly id: string; readonly version: string };
  readonly outcome: Outcome;
}
