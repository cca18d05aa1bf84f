/** A window and what became of it as the fact that rules see. Without an answer that can be read the class is unknown, never normal. */

import { type BeatLabel, beatLabels } from "../../device-drivers/contract/event.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import type { Fact, ModelOutcome } from "../facts/fact.ts";
import type { Guard } from "../facts/guarded.ts";
import type { InferenceOutcome } from "../inference/inference-port.ts";
import type { WindowItem } from "../stream/stream-item.ts";

/** The one model whose labels are beat classes; what any other model says of a beat is a result of its own. */
const beatModel = "ecg-beat";

export interface AnsweredBy {
  /** The spec that asked; undefined where this version no longer has it. */
  readonly spec: ModelSpec | undefined;
  /** Of the package that answered. */
  readonly version: string;
  readonly guard: Guard;
}

/** Never throws: a result that cannot be read is `unknown`, and told through the guard. */
export function resultFact(item: WindowItem, answer: InferenceOutcome | undefined, by: AnsweredBy): Fact {
  const { run, device, stream, timeUs, knownUs } = item;
  const outcome = outcomeOf(answer, by);
  const model = { id: item.model, version: by.version };
  const base = { run, device, stream, timeUs, knownUs, model };
  if (item.model !== beatModel) return { kind: "result", ...base, outcome };
  return {
    kind: "beat",
    ...base,
    ...(item.rrMs === undefined ? {} : { rrMs: item.rrMs }),
    ...(outcome.kind === "label"
      ? { label: outcome.label as BeatLabel, confidence: outcome.probability }
      : { label: "unknown", confidence: 0, reason: outcome.reason }),
  };
}

/** `answer` is undefined where the window could not be made. */
function outcomeOf(answer: InferenceOutcome | undefined, { spec, guard }: AnsweredBy): ModelOutcome {
  if (answer === undefined) return { kind: "unknown", reason: "features" };
  if (answer.kind === "unknown") return answer;
  if (spec === undefined) return { kind: "unknown", reason: "refused" };
  return guard<ModelOutcome>(
    `model/${spec.id}`,
    () => read(spec, answer.outputs),
    () => ({ kind: "unknown", reason: "unreadable" }),
  );
}

/** Throws where the label is none of the model's, or its probability is none: a network that gives NaN has seen nothing. */
function read(spec: ModelSpec, outputs: Readonly<Record<string, Float32Array>>): ModelOutcome {
  const { label, probabilities } = spec.read(outputs);
  const probability = probabilities[spec.labels.indexOf(label)] ?? Number.NaN;
  if (!(probability >= 0 && probability <= 1 + 1e-6)) throw new RangeError(`${spec.id} gives no probability for its label`);
  if (spec.id === beatModel && !(beatLabels as readonly string[]).includes(label))
    throw new RangeError(`${spec.id} gives no class of beats`);
  return { kind: "label", label, probability: Math.min(probability, 1) };
}
