/** A window and what became of it as the fact that rules see. Without an answer the class is unknown, never normal. */

import type { ModelSpec } from "../models/model-spec.ts";
import type { InferenceOutcome } from "./inference/inference-port.ts";
import type { RuleInput } from "./rules/rule.ts";
import type { WindowItem } from "./stream/stream-item.ts";

/** `model`: the spec that asked and the version that answered. */
export function beatInput(
  item: WindowItem,
  outcome: InferenceOutcome,
  { spec, version }: { spec: ModelSpec | undefined; version: string },
): RuleInput {
  const result = outcome.kind === "outputs" && spec !== undefined ? spec.read(outcome.outputs) : undefined;
  return {
    kind: "beat",
    run: item.run,
    device: item.device,
    stream: item.stream,
    timeUs: item.timeUs,
    knownUs: item.knownUs,
    ...(item.rrMs === undefined ? {} : { rrMs: item.rrMs }),
    label: result === undefined ? "unknown" : (result.label as "N" | "S" | "V" | "F" | "Q"),
    confidence: result === undefined ? 0 : Math.max(...result.probabilities),
    model: { id: item.model, version },
  };
}
