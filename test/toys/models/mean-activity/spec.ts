/** How much somebody moves: the mean size of the steps between two samples of an accelerometer over ten seconds, a toy. */

import type { ModelSpec } from "../../../../models/model-spec.ts";
import { steps } from "../steps.ts";

/** Counts the windows that it was shown. */
interface Shown {
  windows: number;
}

export const meanActivity: ModelSpec<Shown, "hop"> = {
  id: "mean-activity",
  title: "Mean activity",
  folder: new URL("./", import.meta.url),
  input: { kind: "acc", unit: "g" },
  trigger: { kind: "hop", hopS: 2.5, windowS: 10 },
  labels: [],
  warmupS: 10,
  resultTimeoutMs: 4000,
  initialMemory: () => ({ windows: 0 }),
  features({ channels }, memory) {
    memory.windows++;
    const x = channels.flatMap(steps);
    return { x: { data: Float32Array.from(x), shape: [1, x.length] } };
  },
  read: ({ y }) => ({ kind: "value", value: y?.[0] ?? Number.NaN, unit: "g" }),
};
