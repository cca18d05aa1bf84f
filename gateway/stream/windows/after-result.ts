/** Windows about the same moment as another model's, made when that one's result is there. */

import type { Result } from "../../../device-drivers/contract/result.ts";
import type { ModelSpec } from "../../../models/model-spec.ts";
import { streamKey, type WindowItem } from "../stream-item.ts";
import { type AskedModel, askedWith } from "./asked-model.ts";

export interface AfterResult {
  /** Models that are asked after this one. */
  next(model: string): readonly string[];
  /** `before` is what the other model was asked. Where that gave no answer this window cannot be made either: it is unknown. */
  window(model: string, before: WindowItem, result: Result): WindowItem;
}

/** Why no window would ever be made; undefined where one would. `others`: the models of the house but this one. */
export function unclaimedAfter({ trigger }: Pick<ModelSpec<unknown, "after">, "trigger">, others?: readonly string[]): string | undefined {
  return others === undefined || others.includes(trigger.model) ? undefined : `there is no model "${trigger.model}" that it could follow`;
}

/** Those whose windows are made after a result of this one. */
export function followersOf(model: string, specs: readonly ModelSpec[]): ModelSpec[] {
  return specs.filter(({ trigger }) => trigger.kind === "after" && trigger.model === model);
}

/** `asked` gives a model with its memory of a stream ("device/stream"), or of the person where none is named. */
export function createAfterResult(specs: readonly ModelSpec[], asked: (spec: ModelSpec, of?: string) => AskedModel): AfterResult {
  const known = new Map<string, AskedModel>();
  return {
    next: (model) => followersOf(model, specs).map(({ id }) => id),
    window(model, before, result) {
      const { tensors: _, model: __, run, context: of, ...moment } = before;
      const spec = specs.find(({ id }) => id === model);
      const item = { ...moment, model, run };
      if (spec === undefined || of === undefined || result.outcome.kind === "unknown") return item;
      const stream = before.about === undefined ? streamKey(before) : undefined;
      const key = `${model} ${stream}`;
      const own = known.get(key) ?? asked(spec, stream);
      known.set(key, own);
      return { ...item, ...askedWith(own, { result, of }, run), context: of };
    },
  };
}
