/** A window and what became of it as the fact that rules see. Without an answer that can be read the outcome is unknown, never normal. */

import type { PersonEvent } from "../../device-drivers/contract/event.ts";
import type { AskedWindow, Outcome, Result } from "../../device-drivers/contract/result.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import type { Guard } from "../facts/guarded.ts";
import type { InferenceOutcome } from "../inference/inference-port.ts";
import type { WindowItem } from "../stream/stream-item.ts";

export interface AnsweredBy {
  /** The spec that asked; undefined where this version no longer has it. */
  readonly spec: ModelSpec | undefined;
  /** Of the package that answered. */
  readonly version: string;
  readonly guard: Guard;
}

/** Never throws: a result that cannot be read is `unknown`, and told through the guard. */
export function resultFact(item: WindowItem, answer: InferenceOutcome | undefined, by: AnsweredBy): Result {
  const { run: pass, device, stream, about = [{ device, stream }], timeUs, fromUs, knownUs, rrMs } = item;
  const window: AskedWindow = {
    ...{ pass, about, timeUs, knownUs },
    ...(fromUs === undefined ? {} : { fromUs }),
    ...(rrMs === undefined ? {} : { rrMs }),
  };
  return { kind: "result", model: { id: item.model, version: by.version }, ...window, outcome: outcomeOf(window, answer, by) };
}

/** What of a result goes into the person's record. Never throws. */
export function recordOf(result: Result, { spec, guard }: Omit<AnsweredBy, "version">): readonly PersonEvent[] {
  return guard(
    `model/${result.model.id}`,
    () => spec?.events?.(result) ?? [],
    () => [],
  );
}

/** `answer` is undefined where the window could not be made. */
function outcomeOf(window: AskedWindow, answer: InferenceOutcome | undefined, { spec, guard }: AnsweredBy): Outcome {
  if (answer === undefined) return { kind: "unknown", reason: "features" };
  if (answer.kind === "unknown") return answer;
  if (spec === undefined) return { kind: "unknown", reason: "refused" };
  return guard<Outcome>(
    `model/${spec.id}`,
    () => sound(spec, spec.read(answer.outputs, window)),
    () => ({ kind: "unknown", reason: "unreadable" }),
  );
}

/** Throws where the label is none of the model's, or a number is none: a network that gives NaN has seen nothing. */
function sound(spec: ModelSpec, outcome: Outcome): Outcome {
  if (outcome.kind === "label") {
    const { label, probability } = outcome;
    if (!spec.labels.includes(label)) throw new RangeError(`${spec.id} gives a label that it does not have`);
    if (!(probability >= 0 && probability <= 1 + 1e-6)) throw new RangeError(`${spec.id} gives no probability for its label`);
    return { ...outcome, probability: Math.min(probability, 1) };
  }
  if (!holdsNumbers(outcome)) throw new RangeError(`${spec.id} gives a number that is none`);
  return outcome;
}

function holdsNumbers(outcome: Exclude<Outcome, { kind: "label" }>): boolean {
  switch (outcome.kind) {
    case "value":
      return [outcome.value, ...(outcome.interval ?? [])].every(Number.isFinite);
    case "score":
      return Number.isFinite(outcome.score);
    case "vector":
      return outcome.vector.every(Number.isFinite);
    case "tokens":
      return outcome.tokens.every(Number.isFinite);
    case "pose":
      return outcome.rotations.length === 4 * outcome.states.length && outcome.rotations.every(Number.isFinite);
    case "unknown":
      return true;
  }
}
