/** Models as the river sees them: submit and be told; nobody waits for ever, and an answer that is lost or too late is `unknown`. */

import type { Tensor } from "../../models/model-spec.ts";

export type InferenceOutcome =
  | { readonly kind: "outputs"; readonly outputs: Readonly<Record<string, Float32Array>> }
  | { readonly kind: "unknown"; readonly reason: "timeout" | "killed" | "refused" | "down" };

export interface ModelInfo {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
  readonly precision: string;
  readonly state: "loading" | "ready" | "refused" | "down";
  readonly reason?: string;
  readonly metrics?: unknown;
}

/** A submission as a person makes it; its lane is the person's. */
export type Submit = (model: string, tensors: Readonly<Record<string, Tensor>>, settled: (outcome: InferenceOutcome) => void) => void;

export interface ModelHost {
  /**
   * Runs `model` on the tensors; `settled` is called exactly once, never synchronously inside submit, in submit order per model and lane.
   * Lanes (a person's id) take turns, so that one person's backlog does not hold up another's alarm.
   */
  submit(model: string, tensors: Readonly<Record<string, Tensor>>, settled: (outcome: InferenceOutcome) => void, lane?: string): void;
  models(): readonly ModelInfo[];
  /** Resolves when nothing submitted is unsettled (replay's virtual clock advances only then). */
  idle(): Promise<void>;
  /** Resolves at once while few enough windows are open; its waiting is the back-pressure on a link. */
  room(): Promise<void>;
  /** Demo and tests: kills the child as a crash would. */
  kill(): void;
  /** `unknown` by reason; `late`: answers that came after their time-out and were dropped. */
  figures(): { submitted: number; unknown: Readonly<Record<string, number>>; restarts: number; busyMs: number; late?: number };
  /** Told when the host goes down or comes back (rule `analysis.off`). */
  onState(listener: (state: "up" | "down") => void): () => void;
  close(): Promise<void>;
}
