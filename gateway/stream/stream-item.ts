/** What one stream puts into the person's order: facts for rules, and windows that still need a model's answer. */

import type { AskedWindow } from "../../device-drivers/contract/result.ts";
import type { AfterContext, Tensor } from "../../models/model-spec.ts";
import type { Fact } from "../facts/fact.ts";

export interface WindowItem {
  readonly kind: "window";
  readonly model: string;
  readonly run: "first" | "final";
  readonly device: string;
  readonly stream: string;
  /** Where it shows more than one: all of them. */
  readonly about?: AskedWindow["about"];
  /** Time of the R peak; of a window over a span its end. */
  readonly timeUs: number;
  readonly knownUs: number;
  /** Of a window over a span: where it begins. */
  readonly fromUs?: number;
  readonly rrMs?: number;
  /** What the model was shown, where another is asked after it. */
  readonly context?: AfterContext["of"];
  /** Absent where the model failed to make them: the window is unknown, and nobody is asked. */
  readonly tensors?: Readonly<Record<string, Tensor>>;
}

type StreamFact = Exclude<Fact, { kind: "result" | "unusual" | "heart-rate" | "learn" | "limits" | "tick" }>;
export type StreamItem = StreamFact | WindowItem;

export function streamKey({ device, stream }: { readonly device: string; readonly stream: string }): string {
  return `${device}/${stream}`;
}

/** When an item is complete, on the gateway's axis. */
export function completeUs(item: StreamItem): number {
  return "knownUs" in item ? item.knownUs : item.timeUs;
}

/** One stream's analysis: placed blocks in, items out, strictly in sample order. */
export interface StreamStage {
  push(block: import("./reorder.ts").Placed): StreamItem[];
  /** One past the newest sample, on the gateway's axis. */
  readonly passedUs: number;
  state(): unknown;
}
