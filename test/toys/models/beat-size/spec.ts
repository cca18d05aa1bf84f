/** How large a beat is that another model has just called by its class, against those of that class before: a toy. */

import type { ModelSpec } from "../../../../models/model-spec.ts";

/** Mean size in mV by label. */
type Sizes = Record<string, number>;

export const beatSize: ModelSpec<Sizes, "after"> = {
  id: "beat-size",
  title: "Size of a beat",
  folder: new URL("./", import.meta.url),
  input: { kind: "ecg", unit: "mV" },
  trigger: { kind: "after", model: "ecg-beat" },
  labels: [],
  warmupS: 10,
  resultTimeoutMs: 4000,
  initialMemory: () => ({}),
  features({ result, of }, sizes) {
    if (!("rIndex" in of) || result.outcome.kind !== "label") throw new RangeError("no beat");
    const { label } = result.outcome;
    const around = of.samples.subarray(of.rIndex - 10, of.rIndex + 10).map((value) => (Number.isNaN(value) ? 0 : value));
    const size = around.reduce((sum, value) => sum + Math.abs(value), 0) / around.length;
    const usual = sizes[label] ?? size;
    sizes[label] = usual + (size - usual) / 8;
    return { x: { data: around.map((value) => value / usual), shape: [1, around.length] } };
  },
  read: ({ y }) => ({ kind: "score", score: y?.[0] ?? Number.NaN }),
};
