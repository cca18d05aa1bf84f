/** A model as those see it who make its windows. */

import type { Contexts, ModelSpec, Tensor, TriggerKind } from "../../../models/model-spec.ts";
import type { WindowItem } from "../stream-item.ts";

/** A model with what it remembers of what it is asked about. */
export interface AskedModel {
  readonly spec: ModelSpec;
  /** Another model is asked after it, about what this one was shown. */
  readonly isFollowed: boolean;
  /** Undefined where the model failed. */
  tensors(context: Contexts[TriggerKind], run: WindowItem["run"]): Readonly<Record<string, Tensor>> | undefined;
}

/** Those with a trigger of this kind. */
export function triggeredBy<Kind extends TriggerKind>(
  kind: Kind,
  models: readonly AskedModel[],
): (AskedModel & { spec: ModelSpec<unknown, Kind> })[] {
  return models.filter((model): model is AskedModel & { spec: ModelSpec<unknown, Kind> } => model.spec.trigger.kind === kind);
}

/** What of a window is the model's own. The window keeps its context where another model will be shown it. */
export function askedWith(
  model: AskedModel,
  context: Contexts[TriggerKind],
  run: WindowItem["run"],
): Pick<WindowItem, "model" | "run" | "tensors" | "context"> {
  const tensors = model.tensors(context, run);
  return {
    ...{ model: model.spec.id, run },
    ...(tensors === undefined ? {} : { tensors }),
    ...(model.isFollowed && !("of" in context) ? { context } : {}),
  };
}
